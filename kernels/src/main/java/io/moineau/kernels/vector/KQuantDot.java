package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.L;
import static io.moineau.kernels.vector.Lanes.WIDE;
import static io.moineau.kernels.vector.Lanes.all;
import static io.moineau.kernels.vector.Lanes.bytes;
import static io.moineau.kernels.vector.Lanes.half;
import static io.moineau.kernels.vector.Lanes.shorts;
import static io.moineau.kernels.vector.Lanes.toFloats;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link RowDot} for the types with blocks of 256 in sub-blocks with scales of their own (k-quants:
 * llama.cpp, pull request 1684).
 */
final class KQuantDot {
  private KQuantDot() {}

  /** The eight 6-bit scales of a Q4_K or Q5_K block, a byte each; {@code at} is the 12 bytes'. */
  static long scales(long at) {
    int a = Lanes.int32(at);
    int c = Lanes.int32(at + 8);
    int low = a & 0x3F3F3F3F;
    int high = c & 0x0F0F0F0F | (a >>> 6 & 0x03030303) << 4;
    return (low & 0xFFFFFFFFL) | (long) high << 32;
  }

  /** The eight 6-bit minima of a Q4_K or Q5_K block, a byte each. */
  static long minima(long at) {
    int b = Lanes.int32(at + 4);
    int c = Lanes.int32(at + 8);
    int low = b & 0x3F3F3F3F;
    int high = c >>> 4 & 0x0F0F0F0F | (b >>> 6 & 0x03030303) << 4;
    return (low & 0xFFFFFFFFL) | (long) high << 32;
  }

  private static float minimum(long minima, long sums) {
    float sum = 0;
    for (int j = 0; j < 8; j++) {
      float x = Lanes.get(sums + 8 * j) + Lanes.get(sums + 8 * j + 4);
      sum = Math.fma((float) (minima >>> 8 * j & 0xFF), x, sum);
    }
    return sum;
  }

  /** Blocks: half d, half dmin, 12 bytes of scales, 128 of nibbles; w = d sc q - dmin m. */
  static float q4(long w, long x, long scales, long sums, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    float minimum = 0;
    for (int b = 0; b < blocks; b++) {
      float d = half(w);
      long sc = scales(w + 4);
      minimum = Math.fma(half(w + 2), minimum(minima(w + 4), sums), minimum);
      long q = w + 16;
      for (int j = 0; j < 4; j++) {
        ShortVector q0 = bytes(q);
        ShortVector q1 = bytes(q + L);
        ShortVector low = q0.and((short) 15).mul(shorts(x));
        low = low.add(q1.and((short) 15).mul(shorts(x + 2 * L)));
        ShortVector high = high(q0).mul(shorts(x + 64));
        high = high.add(high(q1).mul(shorts(x + 64 + 2 * L)));
        if (!WIDE) {
          q0 = bytes(q + 16);
          q1 = bytes(q + 24);
          low = low.add(q0.and((short) 15).mul(shorts(x + 32)));
          low = low.add(q1.and((short) 15).mul(shorts(x + 48)));
          high = high.add(high(q0).mul(shorts(x + 96)));
          high = high.add(high(q1).mul(shorts(x + 112)));
        }
        acc = toFloats(low).fma(all(d * (sc & 0xFF) * Lanes.get(scales)), acc);
        acc = toFloats(high).fma(all(d * (sc >>> 8 & 0xFF) * Lanes.get(scales + 4)), acc);
        sc >>>= 16;
        q += 32;
        x += 128;
        scales += 8;
      }
      w += 144;
      sums += 64;
    }
    return acc.reduceLanes(VectorOperators.ADD) - minimum;
  }

  private static ShortVector high(ShortVector bytes) {
    return bytes.lanewise(VectorOperators.LSHR, 4).and((short) 15);
  }

  /** The fifth bits of a lane: bit {@code j} of {@code high} as 16. */
  static ShortVector fifth(ShortVector high, int j) {
    return high.lanewise(VectorOperators.LSHR, j).and((short) 1).lanewise(VectorOperators.LSHL, 4);
  }

  /** Blocks: as Q4_K with 32 bytes of fifth bits (bit j of byte l: sub-block j) before nibbles. */
  static float q5(long w, long x, long scales, long sums, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    float minimum = 0;
    for (int b = 0; b < blocks; b++) {
      float d = half(w);
      long sc = scales(w + 4);
      minimum = Math.fma(half(w + 2), minimum(minima(w + 4), sums), minimum);
      for (int j = 0; j < 4; j++) {
        long q = w + 48 + 32 * j;
        ShortVector low = five(q, w + 16, 2 * j, x, false);
        ShortVector high = five(q, w + 16, 2 * j + 1, x + 64, true);
        acc = toFloats(low).fma(all(d * (sc & 0xFF) * Lanes.get(scales)), acc);
        acc = toFloats(high).fma(all(d * (sc >>> 8 & 0xFF) * Lanes.get(scales + 4)), acc);
        sc >>>= 16;
        x += 128;
        scales += 8;
      }
      w += 176;
      sums += 64;
    }
    return acc.reduceLanes(VectorOperators.ADD) - minimum;
  }

  /** Sums per lane over a sub-block of 32: four products of 31 * 127 fit a short. */
  private static ShortVector five(long q, long fifths, int bit, long x, boolean upper) {
    ShortVector sum = ShortVector.zero(Lanes.S);
    for (int i = 0; i < 32; i += L) {
      ShortVector nibble = bytes(q + i);
      nibble = upper ? high(nibble) : nibble.and((short) 15);
      ShortVector code = nibble.or(fifth(bytes(fifths + i), bit));
      sum = sum.add(code.mul(shorts(x + 2 * i)));
    }
    return sum;
  }

  /**
   * Blocks: 128 bytes of low nibbles, 64 of upper pairs of bits, 16 signed scales, half d; w = d sc
   * (q - 32), a scale for each 16.
   */
  static float q6(long w, long x, long scales, long sums, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    float minimum = 0;
    for (int b = 0; b < blocks; b++) {
      float d = half(w + 208);
      float offset = 0;
      for (int j = 0; j < 16; j++) {
        offset = Math.fma((float) Lanes.int8(w + 192 + j), Lanes.get(sums + 4 * j), offset);
      }
      minimum = Math.fma(32 * d, offset, minimum);
      for (int part = 0; part < 4; part++) {
        // 16 columns of each quarter of a half: columns c, c + 32, c + 64, c + 96.
        long ql = w + 64 * (part >> 1) + 16 * (part & 1);
        long qh = w + 128 + 32 * (part >> 1) + 16 * (part & 1);
        long sc = w + 192 + 8 * (part >> 1) + (part & 1);
        long xc = x + 256 * (part >> 1) + 32 * (part & 1);
        long xs = scales + 16 * (part >> 1);
        acc = six(ql, qh, 0, xc, false, d * Lanes.int8(sc) * Lanes.get(xs), acc);
        acc = six(ql + 32, qh, 2, xc + 64, false, d * Lanes.int8(sc + 2) * Lanes.get(xs + 4), acc);
        acc = six(ql, qh, 4, xc + 128, true, d * Lanes.int8(sc + 4) * Lanes.get(xs + 8), acc);
        acc = six(ql + 32, qh, 6, xc + 192, true, d * Lanes.int8(sc + 6) * Lanes.get(xs + 12), acc);
      }
      w += 210;
      x += 512;
      scales += 32;
      sums += 64;
    }
    return acc.reduceLanes(VectorOperators.ADD) - minimum;
  }

  /** The upper two bits of codes of six. */
  static ShortVector upper(ShortVector pairs, int shift) {
    return pairs
        .lanewise(VectorOperators.LSHR, shift)
        .and((short) 3)
        .lanewise(VectorOperators.LSHL, 4);
  }

  private static FloatVector six(
      long ql, long qh, int shift, long x, boolean upper, float scale, FloatVector acc) {
    ShortVector low = bytes(ql);
    low = upper ? high(low) : low.and((short) 15);
    ShortVector sum = low.or(upper(bytes(qh), shift)).mul(shorts(x));
    if (!WIDE) {
      low = bytes(ql + 8);
      low = upper ? high(low) : low.and((short) 15);
      sum = sum.add(low.or(upper(bytes(qh + 8), shift)).mul(shorts(x + 16)));
    }
    return toFloats(sum).fma(all(scale), acc);
  }
}
