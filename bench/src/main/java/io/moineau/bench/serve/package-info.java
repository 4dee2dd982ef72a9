/** Many users of {@code moineau serve} at once: how fast, how fair, and whether anything leaks. */
@org.jspecify.annotations.NullMarked
package io.moineau.bench.serve;
