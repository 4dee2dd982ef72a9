package io.moineau.kernels;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.kernels.vector.RowDequantizer;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of weights as floats on the heap: by the Vector API's loops where this process has them,
 * else by the codec of the type. Both give the same numbers but for a last bit.
 *
 * <p>Not for several threads at once: each has one of its own.
 */
public final class RowDecoder {
  private static final boolean VECTOR = KernelChoice.vectorProblem().isEmpty();

  private MemorySegment scratch = MemorySegment.NULL;

  /** A decoder without memory; it takes a row's when it meets one. */
  public RowDecoder() {}

  /**
   * Writes {@code rows} rows from {@code row} on, over every dimension but the fastest, to {@code
   * to[at]} on.
   *
   * @throws KernelException {@code kernel-bad-shape} if there are fewer rows, or no room for them
   */
  public void decode(TensorView weight, long row, int rows, float[] to, int at) {
    int columns = Math.toIntExact(weight.columns());
    Checks.that(
        row >= 0 && rows >= 0 && row + rows <= weight.rows(),
        "no such rows of a weight",
        "row=" + row + ", rows=" + rows,
        weight.name() + " with " + weight.rows());
    Checks.that(
        at >= 0 && at + (long) rows * columns <= to.length,
        "an array is too small for rows of a weight",
        "at=" + at + " of " + to.length,
        rows + " rows of " + columns);
    long offset = row * weight.rowBytes();
    if (!VECTOR || !RowDequantizer.has(weight.type()) || !weight.data().isNative()) {
      for (int i = 0; i < rows; i++) {
        BlockCodecs.of(weight.type()).dequantize(weight.data(), offset, to, at, columns);
        offset += weight.rowBytes();
        at += columns;
      }
      return;
    }
    if (scratch.byteSize() < 4L * columns) {
      scratch = Arena.ofAuto().allocate(4L * columns, 64);
    }
    for (int i = 0; i < rows; i++) {
      RowDequantizer.row(weight.type(), weight.data(), offset, columns, scratch.address());
      MemorySegment.copy(scratch, ValueLayout.JAVA_FLOAT, 0, to, at, columns);
      offset += weight.rowBytes();
      at += columns;
    }
  }
}
