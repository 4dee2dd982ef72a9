/** Grammars, schemas and regular expressions as masks over a vocabulary. */
@org.jspecify.annotations.NullMarked
package io.moineau.text.grammar;
