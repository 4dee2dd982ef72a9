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
 * Kernels on the Vector API, for every processor that the JIT has vector instructions for.
 *
 * <p>With few tokens memory bandwidth is what counts: each row of weights is read once where it
 * lies, widened to 16-bit integers in registers and multiplied with the activations' integers. With
 * many tokens arithmetic is: a strip of weight rows is dequantised into memory that stays in the
 * core's cache, and multiplied as floats in blocks of four by four. Both see the same rounded
 * activations, so that decode and prefill agree.
 */
public final class VectorKernels implements KernelProvider {
  /** From so many activations on, dequantising a strip costs less than reading codes again. */
  private static final int FEWEST_FOR_STRIPS = 5;

  private static final long STRIP_BYTES = 256 << 10;
  private static final int MOST_STRIP_ROWS = 32;
  private static final long BYTES_PER_PIECE = 64 << 10;

  private final KernelProvider scalar;
  private final Scratch[] scratch;
  private final VectorAttention[] attention; // per thread

  /** Kernels for a team of so many threads; {@code scalar} does what has no vector form. */
  public VectorKernels(int threads, KernelProvider scalar) {
    this.scalar = scalar;
    scratch = new Scratch[threads];
    attention = new VectorAttention[threads];
    for (int i = 0; i < threads; i++) {
      scratch[i] = new Scratch();
      attention[i] = new VectorAttention();
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
    return scalar.supports(weight);
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
    long x = source.address() + sourceOffset;
    long out = packed.address() + packedOffset;
    if (packing == PackedRow.PLAIN) {
      PackedRow.packPlain(x, columns, out);
    } else {
      PackedRow.packRounded(x, columns, out);
    }
  }

  @Override
  public int rowsPerPiece(DType weight, int rows, int columns, int activations) {
    if (activations >= FEWEST_FOR_STRIPS) {
      return stripRows(columns);
    }
    long rowBytes = Math.max(1, (long) columns * weight.blockBytes() / weight.blockSize());
    return (int) Math.clamp(BYTES_PER_PIECE / rowBytes, 4, 512);
  }

  @Override
  public int sameAsAlone(DType weight, int packing) {
    boolean rounded = packing == PackedRow.ROUNDED;
    boolean own = RowDot.supports(weight, rounded) || (rounded && RowCodes.supports(weight));
    return own ? FEWEST_FOR_STRIPS - 1 : Integer.MAX_VALUE;
  }

  private static int stripRows(int columns) {
    long fitting = STRIP_BYTES / (4L * PackedRow.padded(columns) + 64);
    return (int) Math.clamp(fitting, 4, MOST_STRIP_ROWS) & -4;
  }

  @Override
  public void multiply(Product product, int rowFrom, int rowTo, int thread) {
    Scratch own = scratch[thread];
    boolean rounded = product.packing() == PackedRow.ROUNDED;
    boolean few = product.activations() < FEWEST_FOR_STRIPS;
    if (few && rounded && RowCodes.supports(product.type())) {
      dots(product, rowFrom, rowTo, own.codes);
    } else if (few && RowDot.supports(product.type(), rounded)) {
      dots(product, rowFrom, rowTo);
    } else {
      int stripRows = stripRows(product.columns());
      for (int row = rowFrom; row < rowTo; row += stripRows) {
        strip(product, row, Math.min(rowTo, row + stripRows), own);
      }
    }
  }

  private static void dots(Product product, int from, int to) {
    int columns = product.columns();
    long packed = product.packed().address();
    for (int row = from; row < to; row++) {
      long weights = product.weightAddress(row);
      for (int i = 0; i < product.activations(); i++) {
        float sum = RowDot.dot(product.type(), weights, packed + product.packedOffset(i), columns);
        Lanes.put(product.outAddress(i, row), sum);
      }
    }
  }

  private static void dots(Product product, int from, int to, Codes codes) {
    int columns = product.columns();
    int n = product.activations();
    codes.size(columns, RowCodes.group(product.type()));
    if (n == 1) {
      codes.activation(product.packed().address() + product.packedOffset(0));
    }
    for (int row = from; row < to; row++) {
      RowCodes.unpack(product.type(), product.weightAddress(row), codes);
      for (int i = 0; i < n; i++) {
        if (n > 1) {
          codes.activation(product.packed().address() + product.packedOffset(i));
        }
        Lanes.put(product.outAddress(i, row), RowCodes.dot(product.type(), codes));
      }
    }
  }

  private static void strip(Product product, int from, int to, Scratch own) {
    int columns = product.columns();
    int padded = PackedRow.padded(columns);
    long stride = 4L * padded + 64;
    long strip = own.large(stride * (to - from));
    for (int row = from; row < to; row++) {
      long out = strip + (row - from) * stride;
      RowDequantizer.row(
          product.type(), product.weights(), product.weightOffset(row), columns, out);
      for (int c = columns; c < padded; c++) {
        Lanes.put(out + 4L * c, 0);
      }
    }
    long packed = product.packed().address();
    int n = product.activations();
    long sums = own.small(64);
    for (int i = 0; i < n; i += 4) {
      int wide = Math.min(4, n - i);
      long x0 = packed + product.packedOffset(i);
      long x1 = packed + product.packedOffset(i + Math.min(1, wide - 1));
      long x2 = packed + product.packedOffset(i + Math.min(2, wide - 1));
      long x3 = packed + product.packedOffset(i + wide - 1);
      for (int row = 0; row < to - from; row += 4) {
        int high = Math.min(4, to - from - row);
        long w0 = strip + row * stride;
        long w1 = w0 + Math.min(1, high - 1) * stride;
        long w2 = w0 + Math.min(2, high - 1) * stride;
        long w3 = w0 + (high - 1) * stride;
        if (wide == 1) {
          Tiles.fourByOne(w0, w1, w2, w3, x0, padded, sums);
        } else {
          Tiles.fourByFour(w0, w1, w2, w3, x0, x1, x2, x3, padded, sums);
        }
        for (int t = 0; t < wide; t++) {
          long out = product.outAddress(i + t, from + row);
          for (int r = 0; r < high; r++) {
            Lanes.put(out + 4L * r, Lanes.get(sums + 16L * t + 4L * r));
          }
        }
      }
    }
  }

  @Override
  public void rmsNorm(
      FloatMatrix x, int row, int columns, int groups, float[] weight, float eps, FloatMatrix out) {
    RowOperations.rmsNorm(x.address(row), columns, groups, weight, eps, out.address(row));
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
    scalar.rope(x, row, numHeads, headStride, offset, ropeDim, cos, sin, neox);
  }

  @Override
  public void swiGlu(FloatMatrix gate, FloatMatrix up, int row, int columns) {
    RowOperations.swiGlu(gate.address(row), up.address(row), columns);
  }

  @Override
  public void clampedSwiGlu(
      FloatMatrix gate, FloatMatrix up, int row, int columns, float alpha, float limit) {
    RowOperations.clampedSwiGlu(gate.address(row), up.address(row), columns, alpha, limit);
  }

  @Override
  public void addScaled(
      FloatMatrix x, int row, FloatMatrix y, int yRow, int columns, float factor) {
    RowOperations.addScaled(x.address(row), y.address(yRow), columns, factor);
  }

  @Override
  public void addBias(FloatMatrix x, int row, float[] bias) {
    RowOperations.addBias(x.address(row), bias);
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
    if (VectorAttention.supports(call)) {
      long result = partial.address() + partialOffset;
      attention[thread].attend(call, token, headFrom, headTo, from, to, result);
    } else {
      scalar.attend(call, token, headFrom, headTo, from, to, partial, partialOffset, thread);
    }
  }

  @Override
  public void close() {
    for (Scratch own : scratch) {
      own.close();
    }
    for (VectorAttention own : attention) {
      own.close();
    }
    scalar.close();
  }

  /** Memory of one thread, grown as needed and kept. */
  static final class Scratch {
    private final Codes codes = new Codes();
    private Arena arena = Arena.ofShared();
    private MemorySegment large = MemorySegment.NULL;
    private Arena smallArena = Arena.ofShared();
    private MemorySegment small = MemorySegment.NULL;

    long large(long bytes) {
      if (large.byteSize() < bytes) {
        arena.close();
        arena = Arena.ofShared();
        large = arena.allocate(bytes, 4096);
      }
      return large.address();
    }

    long small(long bytes) {
      if (small.byteSize() < bytes) {
        smallArena.close();
        smallArena = Arena.ofShared();
        small = smallArena.allocate(bytes, 4096);
      }
      return small.address();
    }

    void close() {
      arena.close();
      smallArena.close();
    }
  }
}
