package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.floats;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Products of four rows of floats with four activations or one, both along the columns: sixteen
 * sums stay in registers, and eight loads serve sixteen multiply-adds.
 */
final class FloatTiles {
  private static final int STEP = 4 * Lanes.F.length();

  private FloatTiles() {}

  /**
   * Results of {@code rows} (1 to 4) rows from {@code w} on, {@link VectorKernels#stripStride}
   * apart, and four activations; {@code columns} is a multiple of 16.
   *
   * @param out address of the first result; activations lie {@code stride} bytes apart
   * @param add whether to add to what is there
   */
  static void four(
      long w,
      long x0,
      long x1,
      long x2,
      long x3,
      int columns,
      long out,
      long stride,
      int rows,
      boolean add) {
    long ws = VectorKernels.stripStride();
    FloatVector zero = FloatVector.zero(Lanes.F);
    FloatVector a00 = zero, a01 = zero, a02 = zero, a03 = zero;
    FloatVector a10 = zero, a11 = zero, a12 = zero, a13 = zero;
    FloatVector a20 = zero, a21 = zero, a22 = zero, a23 = zero;
    FloatVector a30 = zero, a31 = zero, a32 = zero, a33 = zero;
    int bytes = 4 * columns;
    for (int c = 0; c < bytes; c += STEP) {
      FloatVector w0 = floats(w + c);
      FloatVector w1 = floats(w + ws + c);
      FloatVector w2 = floats(w + 2 * ws + c);
      FloatVector w3 = floats(w + 3 * ws + c);
      FloatVector x = floats(x0 + c);
      a00 = w0.fma(x, a00);
      a10 = w1.fma(x, a10);
      a20 = w2.fma(x, a20);
      a30 = w3.fma(x, a30);
      x = floats(x1 + c);
      a01 = w0.fma(x, a01);
      a11 = w1.fma(x, a11);
      a21 = w2.fma(x, a21);
      a31 = w3.fma(x, a31);
      x = floats(x2 + c);
      a02 = w0.fma(x, a02);
      a12 = w1.fma(x, a12);
      a22 = w2.fma(x, a22);
      a32 = w3.fma(x, a32);
      x = floats(x3 + c);
      a03 = w0.fma(x, a03);
      a13 = w1.fma(x, a13);
      a23 = w2.fma(x, a23);
      a33 = w3.fma(x, a33);
    }
    store(out, rows, add, a00, a10, a20, a30);
    store(out + stride, rows, add, a01, a11, a21, a31);
    store(out + 2 * stride, rows, add, a02, a12, a22, a32);
    store(out + 3 * stride, rows, add, a03, a13, a23, a33);
  }

  /** The same for one activation. */
  static void one(long w, long x, int columns, long out, int rows, boolean add) {
    long ws = VectorKernels.stripStride();
    FloatVector a0 = FloatVector.zero(Lanes.F), a1 = a0, a2 = a0, a3 = a0;
    int bytes = 4 * columns;
    for (int c = 0; c < bytes; c += STEP) {
      FloatVector v = floats(x + c);
      a0 = floats(w + c).fma(v, a0);
      a1 = floats(w + ws + c).fma(v, a1);
      a2 = floats(w + 2 * ws + c).fma(v, a2);
      a3 = floats(w + 3 * ws + c).fma(v, a3);
    }
    store(out, rows, add, a0, a1, a2, a3);
  }

  private static void store(
      long out,
      int rows,
      boolean add,
      FloatVector a0,
      FloatVector a1,
      FloatVector a2,
      FloatVector a3) {
    float s0 = a0.reduceLanes(VectorOperators.ADD);
    float s1 = a1.reduceLanes(VectorOperators.ADD);
    float s2 = a2.reduceLanes(VectorOperators.ADD);
    float s3 = a3.reduceLanes(VectorOperators.ADD);
    put(out, s0, add);
    if (rows > 1) {
      put(out + 4, s1, add);
    }
    if (rows > 2) {
      put(out + 8, s2, add);
    }
    if (rows > 3) {
      put(out + 12, s3, add);
    }
  }

  private static void put(long at, float value, boolean add) {
    Lanes.put(at, add ? Lanes.get(at) + value : value);
  }
}
