package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.FLOATS;
import static io.moineau.kernels.vector.Lanes.L;
import static io.moineau.kernels.vector.Lanes.WIDE;
import static io.moineau.kernels.vector.Lanes.all;
import static io.moineau.kernels.vector.Lanes.toFloats;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A row of a k-quant as 16-bit codes, with small integers as scales and minima of groups and floats
 * that these are multiplied with; a packed activation; and their product.
 *
 * <p>For the weight types whose unpacking and multiplying in one loop is more than the compiler
 * inlines: it stops at a number of nodes ({@code NodeCountInliningCutoff}), what is left becomes
 * calls with vectors as objects, and the loop runs at a fifth. Short loops with 16-bit codes in
 * between, which stay in the first-level cache, do not come near it. Arrays, since an access to one
 * takes far fewer nodes than one to a memory segment. One for each thread.
 */
final class Codes {
  /** Codes of the row of weights, {@code [columns]}. */
  short[] weights = new short[0];

  /** Scales of groups, as in the block, and minima: what is taken from each code of a group. */
  byte[] scales = new byte[0]; // [columns / group]

  byte[] minima = new byte[0];

  /** The blocks' scales of the scales and of the minima, repeated for each group. */
  float[] d = new float[0]; // [columns / group]

  float[] dmin = new float[0];

  private final MemorySegment all = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private int columns;
  private int group;
  private short[] x = new short[0]; // [columns]
  private float[] xScales = new float[0]; // [columns / group]
  private float[] xSums = new float[0]; // [columns / 32], for groups of 32
  private float[] products = new float[0]; // [columns / group]: scale times scale

  /** Makes room for rows of so many columns with groups of 16, or of 32 that have minima. */
  void size(int newColumns, int newGroup) {
    columns = newColumns;
    group = newGroup;
    int groups = (columns / group + 15) & -16; // whole vectors
    if (weights.length < columns) {
      weights = new short[columns];
      x = new short[columns];
    }
    if (scales.length < groups) {
      scales = new byte[groups];
      minima = new byte[groups];
      d = new float[groups];
      dmin = new float[groups];
      xScales = new float[groups];
      xSums = new float[groups];
      products = new float[groups];
    }
    Arrays.fill(xSums, columns / group, groups, 0);
    Arrays.fill(dmin, columns / group, groups, 0);
  }

  /** Reads a packed activation. */
  void activation(long packed) {
    MemorySegment.copy(
        all, ValueLayout.JAVA_SHORT_UNALIGNED, PackedRow.codes(packed, columns), x, 0, columns);
    long scales = PackedRow.scales(packed, columns);
    long sums = PackedRow.sums(packed, columns);
    if (group == 32) {
      for (int b = 0; b < columns / 32; b++) {
        xScales[b] = Lanes.get(scales + 4L * b);
        xSums[b] = Lanes.get(sums + 8L * b) + Lanes.get(sums + 8L * b + 4);
      }
    } else {
      for (int b = 0; b < columns / 32; b++) {
        float scale = Lanes.get(scales + 4L * b);
        xScales[2 * b] = scale;
        xScales[2 * b + 1] = scale;
      }
    }
  }

  /**
   * One loop over a row. All are called from one place, which so sees too many classes to inline
   * any of them: together they would be more than the compiler takes.
   */
  interface Pass {
    /** Does its part; returns what it adds to the sum. */
    float run(Codes codes, long weights);
  }

  /** Columns of a row. */
  int columns() {
    return columns;
  }

  /** Writes the product of each group's scale with the activation's. */
  static final class Scales implements Pass {
    @Override
    public float run(Codes codes, long weights) {
      multiply(codes.scales, codes.d, codes.xScales, codes.products, codes.columns / codes.group);
      return 0;
    }
  }

  /** What the minima take from the sum. */
  static final class Minima implements Pass {
    @Override
    public float run(Codes codes, long weights) {
      return -sum(codes.minima, codes.dmin, codes.xSums, codes.columns / codes.group);
    }
  }

  /** The products of codes in groups of 16. */
  static final class By16 implements Pass {
    @Override
    public float run(Codes codes, long weights) {
      return by16(codes.weights, codes.x, codes.products, codes.columns);
    }
  }

  /** The products of codes in groups of 32. */
  static final class By32 implements Pass {
    @Override
    public float run(Codes codes, long weights) {
      return by32(codes.weights, codes.x, codes.products, codes.columns);
    }
  }

  private static FloatVector small(byte[] values, int at) {
    IntVector ints;
    if (Lanes.BITS == 512) {
      ByteVector bytes = ByteVector.fromArray(ByteVector.SPECIES_128, values, at);
      ints = (IntVector) bytes.convertShape(VectorOperators.B2I, Lanes.I, 0);
    } else {
      // With 128 bits only half of the eight bytes are used.
      ByteVector bytes = ByteVector.fromArray(ByteVector.SPECIES_64, values, at & -8);
      int part = Lanes.BITS == 256 ? 0 : at >>> 2 & 1;
      ints = (IntVector) bytes.convertShape(VectorOperators.B2I, Lanes.I, part);
    }
    return (FloatVector) ints.convertShape(VectorOperators.I2F, Lanes.F, 0);
  }

  private static void multiply(byte[] a, float[] b, float[] c, float[] out, int groups) {
    for (int i = 0; i < groups; i += FLOATS) {
      FloatVector scale = small(a, i).mul(FloatVector.fromArray(Lanes.F, b, i));
      scale.mul(FloatVector.fromArray(Lanes.F, c, i)).intoArray(out, i);
    }
  }

  private static float sum(byte[] a, float[] b, float[] c, int groups) {
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int i = 0; i < groups; i += FLOATS) {
      FloatVector minimum = small(a, i).mul(FloatVector.fromArray(Lanes.F, b, i));
      sums = minimum.fma(FloatVector.fromArray(Lanes.F, c, i), sums);
    }
    return Lanes.sum(sums);
  }

  /** Codes of at most 5 bits: with 8 lanes four products are added in 16 bits. */
  private static float by32(short[] w, short[] x, float[] scales, int columns) {
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int c = 0; c < columns; c += 32) {
      ShortVector p = product(w, x, c).add(product(w, x, c + L));
      if (!WIDE) {
        p = p.add(product(w, x, c + 16)).add(product(w, x, c + 24));
      }
      sums = toFloats(p).fma(all(scales[c >> 5]), sums);
    }
    return Lanes.sum(sums);
  }

  private static float by16(short[] w, short[] x, float[] scales, int columns) {
    FloatVector sums = FloatVector.zero(Lanes.F);
    for (int c = 0; c < columns; c += 16) {
      ShortVector p = product(w, x, c);
      if (!WIDE) {
        p = p.add(product(w, x, c + 8));
      }
      sums = toFloats(p).fma(all(scales[c >> 4]), sums);
    }
    return Lanes.sum(sums);
  }

  private static ShortVector product(short[] w, short[] x, int at) {
    return ShortVector.fromArray(Lanes.S, w, at).mul(ShortVector.fromArray(Lanes.S, x, at));
  }
}
