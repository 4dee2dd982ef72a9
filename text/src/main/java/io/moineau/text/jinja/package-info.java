/**
 * An interpreter of Jinja2 with Python's values, as chat templates need it.
 *
 * <p>A source goes through {@link io.moineau.text.jinja.Lexer}, {@link
 * io.moineau.text.jinja.Parser} and {@link io.moineau.text.jinja.Compiler} (which decides what each
 * name means, {@link io.moineau.text.jinja.Symbols}) into a tree of closures. Values are Java
 * objects: {@code Boolean}, {@code Long} or {@code BigInteger}, {@code Double}, {@link
 * io.moineau.text.jinja.Str}, {@link io.moineau.text.jinja.PyList}, {@link
 * io.moineau.text.jinja.PyDict}, {@link io.moineau.text.jinja.None} and the rest of this package.
 */
@NullMarked
package io.moineau.text.jinja;

import org.jspecify.annotations.NullMarked;
