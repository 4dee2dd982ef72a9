/** Seeded mutation of valid files: every reader answers with a result or a named error. */
@NullMarked
package io.moineau.bench.fuzz;

import org.jspecify.annotations.NullMarked;
