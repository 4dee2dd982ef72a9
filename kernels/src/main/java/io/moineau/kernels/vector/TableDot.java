package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.all;
import static io.moineau.kernels.vector.Lanes.half;
import static io.moineau.kernels.vector.Lanes.shorts;
import static io.moineau.kernels.vector.Lanes.toFloats;
import static io.moineau.kernels.vector.Lanes.toInts;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** {@link RowDot} for the types whose nibbles are numbers of values in a table of sixteen. */
final class TableDot {
  private static final ByteVector IQ4 =
      table(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

  /** Twice the values of E2M1 (OCP Microscaling Formats 1.0, section 5.3.3). */
  private static final ByteVector FP4 =
      table(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

  private TableDot() {}

  private static ByteVector table(int... values) {
    byte[] bytes = new byte[16];
    for (int i = 0; i < 16; i++) {
      bytes[i] = (byte) values[i];
    }
    return ByteVector.fromArray(ByteVector.SPECIES_128, bytes, 0);
  }

  /** Blocks: half d, nibbles; w = d table[q]. */
  static float iq4(long w, long x, long scales, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    for (int b = 0; b < blocks; b++) {
      acc = block(IQ4, w + 2, x).fma(all(half(w) * Lanes.get(scales)), acc);
      w += 18;
      x += 64;
      scales += 4;
    }
    return Lanes.sum(acc);
  }

  /** Blocks: a byte e, nibbles; w = 2^(e - 128) table[q]. */
  static float mxfp4(long w, long x, long scales, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    for (int b = 0; b < blocks; b++) {
      float scale = powerOfTwo(Lanes.uint8(w)) * Lanes.get(scales);
      acc = block(FP4, w + 1, x).fma(all(scale), acc);
      w += 17;
      x += 64;
      scales += 4;
    }
    return Lanes.sum(acc);
  }

  /** Blocks of {@link #iq4} as floats. */
  static void iq4Floats(long w, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      floats(IQ4, w + 2, all(half(w)), to);
      w += 18;
      to += 128;
    }
  }

  /** Blocks of {@link #mxfp4} as floats. */
  static void mxfp4Floats(long w, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      floats(FP4, w + 1, all(powerOfTwo(Lanes.uint8(w))), to);
      w += 17;
      to += 128;
    }
  }

  private static void floats(ByteVector table, long w, FloatVector scale, long to) {
    ByteVector q = Lanes.bytes16(w);
    ByteVector low = q.and((byte) 15).selectFrom(table);
    ByteVector high = upper(q).selectFrom(table);
    Lanes.putScaled(to, part(low, 0), scale);
    Lanes.putScaled(to + 64, part(high, 0), scale);
    if (!Lanes.WIDE) {
      Lanes.putScaled(to + 32, part(low, 1), scale);
      Lanes.putScaled(to + 96, part(high, 1), scale);
    }
  }

  private static ByteVector upper(ByteVector q) {
    return q.reinterpretAsShorts()
        .lanewise(VectorOperators.LSHR, 4)
        .reinterpretAsBytes()
        .and((byte) 15);
  }

  /** 2^(e - 128), half of what E8M0 means, since the table holds doubles. */
  static float powerOfTwo(int e) {
    return Float.intBitsToFloat(e < 2 ? 0x00200000 << e : (e - 1) << 23);
  }

  /** Sums of the products of 32 values with the codes at {@code x}; two products fit a short. */
  private static FloatVector block(ByteVector table, long w, long x) {
    ByteVector q = Lanes.bytes16(w);
    ByteVector low = q.and((byte) 15).selectFrom(table);
    ByteVector high = upper(q).selectFrom(table);
    ShortVector sum = part(low, 0).mul(shorts(x)).add(part(high, 0).mul(shorts(x + 32)));
    if (Lanes.WIDE) {
      return toFloats(sum);
    }
    ShortVector rest = part(low, 1).mul(shorts(x + 16)).add(part(high, 1).mul(shorts(x + 48)));
    return (FloatVector)
        toInts(sum).add(toInts(rest)).convertShape(VectorOperators.I2F, Lanes.F, 0);
  }

  private static ShortVector part(ByteVector values, int part) {
    return (ShortVector) values.convertShape(VectorOperators.B2S, Lanes.S, part);
  }
}
