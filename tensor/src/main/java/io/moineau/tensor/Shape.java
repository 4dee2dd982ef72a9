package io.moineau.tensor;

import java.util.Arrays;

/**
 * Dimensions of a tensor, row-major and slowest first: {@code [experts, rows, columns]}.
 *
 * <p>GGUF lists them the other way round; readers turn them.
 */
public final class Shape {
  private final long[] dims;

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /**
   * A shape of these dimensions, slowest first.
   *
   * @throws TensorException {@code tensor-bad-shape} if a dimension is negative or the product
   *     exceeds 2^63-1
   */
  public static Shape of(long... dims) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0 || (dim > 0 && product > Long.MAX_VALUE / dim)) {
        throw new TensorException(
            "tensor-bad-shape",
            "a tensor's shape is impossible",
            Arrays.toString(dims),
            "dimensions of 0 or more, product at most 2^63-1",
            "the file is damaged");
      }
      product *= dim;
    }
    return new Shape(dims.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** Size of dimension {@code axis}, 0 being the slowest. */
  public long dim(int axis) {
    return dims[axis];
  }

  /** Elements in all. */
  public long elements() {
    long product = 1;
    for (long dim : dims) {
      product *= dim;
    }
    return product;
  }

  /** Length of a row: the fastest dimension, 1 for a scalar. */
  public long columns() {
    return dims.length == 0 ? 1 : dims[dims.length - 1];
  }

  /** Rows in all: the product of every dimension but the fastest. */
  public long rows() {
    long product = 1;
    for (int i = 0; i < dims.length - 1; i++) {
      product *= dims[i];
    }
    return product;
  }

  /** A copy of the dimensions, slowest first. */
  public long[] toArray() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
