package io.moineau.kernels.vector;

import io.moineau.kernels.AttentionCall;
import io.moineau.kernels.KernelProvider;
import io.moineau.kernels.Precision;
import io.moineau.kernels.Product;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The Vector API: for any CPU that the JIT knows (AVX2, AVX-512, NEON, SVE).
 *
 * <p>One to three activations (decode) are bound by memory: each weight row is read once from where
 * it lies and multiplied as integers with the codes of the activation ({@link RowDot}). More
 * (prefill) are bound by arithmetic: a strip of rows is turned into floats in cache ({@link
 * RowDequantizer}) and multiplied with four activations at a time ({@link FloatTiles}). Both sum
 * the same products.
 */
public final class VectorKernels implements KernelProvider {
  private static final int MOST_BY_DOT = 3;
  private static final int STRIP_ROWS = 32;
  private static final int STRIP_COLUMNS = 2048;
  private static final long BYTES_PER_PIECE = 1 << 17;

  private final KernelProvider plain;
  private final Arena arena = Arena.ofShared();
  private final long[] strips; // per thread: [STRIP_ROWS, STRIP_COLUMNS] floats

  /**
   * Kernels for a team of so many threads.
   *
   * @param plain what does the operations that have no kernel here
   */
  public VectorKernels(int threads, KernelProvider plain) {
    this.plain = plain;
    strips = new long[threads];
    for (int i = 0; i < threads; i++) {
      strips[i] = arena.allocate(4L * STRIP_ROWS * STRIP_COLUMNS, 4096).address();
    }
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String describe() {
    return "vector: Vector API, " + Lanes.BITS + " bit";
  }

  @Override
  public boolean supports(DType weight) {
    return plain.supports(weight);
  }

  @Override
  public int packing(DType weight, Precision precision) {
    return weight.isQuantized() && precision == Precision.DEFAULT
        ? PackedRow.ROUNDED
        : PackedRow.PLAIN;
  }

  @Override
  public long packedRowBytes(int packing, int columns) {
    return PackedRow.bytes(packing, columns);
  }

  @Override
  public void pack(
      int packing,
      MemorySegment source,
      long sourceOffset,
      int columns,
      MemorySegment packed,
      long packedOffset) {
    long from = source.address() + sourceOffset;
    long to = packed.address() + packedOffset;
    if (packing == PackedRow.PLAIN) {
      PackedRow.packPlain(from, columns, to);
    } else {
      PackedRow.packRounded(from, columns, to);
    }
  }

  @Override
  public int rowsPerPiece(DType weight, int columns, int activations) {
    if (activations > MOST_BY_DOT) {
      return STRIP_ROWS;
    }
    return (int) Math.clamp(BYTES_PER_PIECE / Math.max(1, weight.bytesFor(columns)), 4, 256);
  }

  @Override
  public void multiply(Product product, int rowFrom, int rowTo, int thread) {
    boolean rounded = product.packing() == PackedRow.ROUNDED;
    if (product.activations() <= MOST_BY_DOT && RowDot.supports(product.type(), rounded)) {
      for (int r = rowFrom; r < rowTo; r++) {
        dots(product, r);
      }
      return;
    }
    long strip = strips[thread];
    for (int r = rowFrom; r < rowTo; r += STRIP_ROWS) {
      int rows = Math.min(STRIP_ROWS, rowTo - r);
      for (int c = 0; c < product.columns(); c += STRIP_COLUMNS) {
        int columns = Math.min(STRIP_COLUMNS, product.columns() - c);
        int padded = PackedRow.padded(columns);
        long skip = product.type().bytesFor(c);
        for (int i = 0; i < rows; i++) {
          long to = strip + 4L * STRIP_COLUMNS * i;
          RowDequantizer.row(
              product.type(), product.weights(), product.weightOffset(r + i) + skip, columns, to);
          for (int pad = columns; pad < padded; pad++) {
            Lanes.put(to + 4L * pad, 0);
          }
        }
        tiles(product, r, rows, c, padded, strip);
      }
    }
  }

  private static void dots(Product product, int row) {
    long weight = product.weightAddress(row);
    for (int i = 0; i < product.activations(); i++) {
      long x = product.packed().address() + product.packedOffset(i);
      float sum = RowDot.dot(product.type(), weight, x, product.columns());
      Lanes.put(resultAddress(product, i, row), sum);
    }
  }

  private static long resultAddress(Product product, int activation, int row) {
    FloatMatrix out = product.out();
    return out.address(product.outRow() + activation) + 4L * (product.outColumn() + row);
  }

  private static void tiles(
      Product product, int row, int rows, int column, int columns, long strip) {
    int n = product.activations();
    long packed = product.packed().address() + 4L * column;
    boolean add = column > 0;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      long x0 = packed + product.packedOffset(i);
      long x1 = packed + product.packedOffset(i + 1);
      long x2 = packed + product.packedOffset(i + 2);
      long x3 = packed + product.packedOffset(i + 3);
      long out = resultAddress(product, i, row);
      long stride = 4L * product.out().columns();
      for (int r = 0; r < rows; r += 4) {
        long w = strip + 4L * STRIP_COLUMNS * r;
        FloatTiles.four(
            w, x0, x1, x2, x3, columns, out + 4L * r, stride, Math.min(4, rows - r), add);
      }
    }
    for (; i < n; i++) {
      long x = packed + product.packedOffset(i);
      long out = resultAddress(product, i, row);
      for (int r = 0; r < rows; r += 4) {
        long w = strip + 4L * STRIP_COLUMNS * r;
        FloatTiles.one(w, x, columns, out + 4L * r, Math.min(4, rows - r), add);
      }
    }
  }

  /** Bytes between rows of a strip. */
  static long stripStride() {
    return 4L * STRIP_COLUMNS;
  }

  @Override
  public void rmsNorm(
      FloatMatrix x, int row, int columns, int groups, float[] weight, float eps, FloatMatrix out) {
    plain.rmsNorm(x, row, columns, groups, weight, eps, out);
  }

  @Override
  public void rope(
      FloatMatrix x,
      int row,
      int numHeads,
      int headStride,
      int offset,
      int ropeDim,
      FloatMatrix cos,
      FloatMatrix sin,
      boolean neox) {
    plain.rope(x, row, numHeads, headStride, offset, ropeDim, cos, sin, neox);
  }

  @Override
  public void swiGlu(FloatMatrix gate, FloatMatrix up, int row, int columns) {
    plain.swiGlu(gate, up, row, columns);
  }

  @Override
  public void clampedSwiGlu(
      FloatMatrix gate, FloatMatrix up, int row, int columns, float alpha, float limit) {
    plain.clampedSwiGlu(gate, up, row, columns, alpha, limit);
  }

  @Override
  public void addScaled(
      FloatMatrix x, int row, FloatMatrix y, int yRow, int columns, float factor) {
    plain.addScaled(x, row, y, yRow, columns, factor);
  }

  @Override
  public void addBias(FloatMatrix x, int row, float[] bias) {
    plain.addBias(x, row, bias);
  }

  @Override
  public void attend(
      AttentionCall call,
      int token,
      int headFrom,
      int headTo,
      int from,
      int to,
      MemorySegment partial,
      long partialOffset,
      int thread) {
    plain.attend(call, token, headFrom, headTo, from, to, partial, partialOffset, thread);
  }

  @Override
  public void close() {
    arena.close();
    plain.close();
  }
}
