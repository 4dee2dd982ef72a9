package io.moineau.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A tensor in memory that somebody else owns: name, type, shape, and the bytes.
 *
 * @param name as in the file, such as {@code blk.3.ffn_down_exps.weight}
 * @param type element type
 * @param shape row-major, slowest first
 * @param data exactly the tensor's bytes, little-endian, native memory
 */
public record TensorView(String name, DType type, Shape shape, MemorySegment data) {
  /**
   * Checks that the bytes are as many as type and shape need.
   *
   * @throws TensorException {@code tensor-bad-size} if they are not, {@code tensor-partial-block}
   *     if a row is no whole number of blocks
   */
  public TensorView {
    long needed = Math.multiplyExact(type.bytesFor(shape.columns()), shape.rows());
    if (data.byteSize() != needed) {
      throw new TensorException(
          "tensor-bad-size",
          "a tensor's bytes do not match its shape",
          "tensor "
              + name
              + " "
              + shape
              + " of type "
              + type
              + " has "
              + data.byteSize()
              + " bytes",
          needed + " bytes",
          "the file is damaged");
    }
  }

  /** Rows in all, over every dimension but the fastest. */
  public long rows() {
    return shape.rows();
  }

  /** Elements of a row. */
  public long columns() {
    return shape.columns();
  }

  /** Bytes of a row. */
  public long rowBytes() {
    return type.bytesFor(shape.columns());
  }

  /**
   * Slice {@code index} of the slowest dimension: one expert of {@code [experts, rows, columns]}.
   */
  public TensorView slice(int index) {
    long count = shape.dim(0);
    if (shape.rank() < 2 || index < 0 || index >= count) {
      throw new TensorException(
          "tensor-bad-slice",
          "no such slice of a tensor",
          "index=" + index + " of " + name + " " + shape,
          "0 to " + (count - 1) + " of a tensor with two dimensions or more",
          "");
    }
    long[] dims = shape.toArray();
    long[] rest = java.util.Arrays.copyOfRange(dims, 1, dims.length);
    long bytes = data.byteSize() / count;
    return new TensorView(name, type, Shape.of(rest), data.asSlice(index * bytes, bytes));
  }
}
