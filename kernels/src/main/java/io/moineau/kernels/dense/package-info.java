/** Products and functions of plain floats on the heap, forward and backward, for training. */
@org.jspecify.annotations.NullMarked
package io.moineau.kernels.dense;
