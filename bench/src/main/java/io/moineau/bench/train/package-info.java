/** Training here and in PyTorch, side by side. */
@org.jspecify.annotations.NullMarked
package io.moineau.bench.train;
