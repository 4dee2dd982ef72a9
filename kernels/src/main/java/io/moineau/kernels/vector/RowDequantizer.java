package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.L;
import static io.moineau.kernels.vector.Lanes.all;
import static io.moineau.kernels.vector.Lanes.bytes;
import static io.moineau.kernels.vector.Lanes.half;
import static io.moineau.kernels.vector.Lanes.putScaled;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** Rows of weights as floats, for strips in cache; types without a loop here go by their codec. */
public final class RowDequantizer {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private RowDequantizer() {}

  /** Whether rows of a type have a loop here. */
  public static boolean has(DType type) {
    return switch (type) {
      case F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K, IQ4_NL, MXFP4 -> true;
      default -> false;
    };
  }

  /** Writes {@code columns} floats to address {@code to}. */
  public static void row(DType type, MemorySegment weights, long offset, int columns, long to) {
    long w = weights.address() + offset;
    int blocks = columns / type.blockSize();
    switch (type) {
      case F32 -> MemorySegment.copy(weights, offset, ALL, to, 4L * columns);
      case F16 -> f16(w, columns, to);
      case BF16 -> bf16(w, columns, to);
      case Q8_0 -> q8_0(w, blocks, to);
      case Q4_0 -> q4_0(w, blocks, to);
      case Q4_K -> q4k(w, blocks, to);
      case Q5_K -> q5k(w, blocks, to);
      case Q6_K -> q6k(w, blocks, to);
      case Q4_1 -> q4_1(w, blocks, to);
      case Q5_0 -> q5(w, 22, blocks, to);
      case Q5_1 -> q5(w, 24, blocks, to);
      case IQ4_NL -> TableDot.iq4Floats(w, blocks, to);
      case MXFP4 -> TableDot.mxfp4Floats(w, blocks, to);
      default -> BlockCodecs.of(type).dequantize(weights, offset, ALL, to, columns);
    }
  }

  static void f16(long w, int columns, long to) {
    int step = Lanes.F.length();
    int c = 0;
    for (; c + step <= columns; c += step) {
      Lanes.put(to + 4L * c, Lanes.halves(w + 2L * c));
    }
    for (; c < columns; c++) {
      Lanes.put(to + 4L * c, half(w + 2L * c));
    }
  }

  private static void bf16(long w, int columns, long to) {
    int step = Lanes.F.length();
    int c = 0;
    for (; c + step <= columns; c += step) {
      Lanes.put(to + 4L * c, Lanes.brains(w + 2L * c));
    }
    for (; c < columns; c++) {
      short bits = ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, w + 2L * c);
      Lanes.put(to + 4L * c, Float.intBitsToFloat(bits << 16));
    }
  }

  static void q8_0(long w, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      FloatVector d = all(half(w));
      for (int i = 0; i < 32; i += L) {
        putScaled(to + 4 * i, bytes(w + 2 + i), d);
      }
      w += 34;
      to += 128;
    }
  }

  private static void q4_0(long w, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      FloatVector d = all(half(w));
      for (int i = 0; i < 16; i += L) {
        ShortVector q = bytes(w + 2 + i);
        putScaled(to + 4 * i, q.and((short) 15).sub((short) 8), d);
        putScaled(to + 4 * (i + 16), high(q).sub((short) 8), d);
      }
      w += 18;
      to += 128;
    }
  }

  private static void q4_1(long w, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      FloatVector d = all(half(w));
      FloatVector m = all(half(w + 2));
      for (int i = 0; i < 16; i += L) {
        ShortVector q = bytes(w + 4 + i);
        putScaled(to + 4 * i, q.and((short) 15), d, m);
        putScaled(to + 4 * (i + 16), high(q), d, m);
      }
      w += 20;
      to += 128;
    }
  }

  /** Q5_0 (22 bytes): the codes less 16; Q5_1 (24 bytes): a minimum after the scale. */
  private static void q5(long w, int blockBytes, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      float scale = half(w);
      FloatVector d = all(scale);
      FloatVector m = all(blockBytes == 22 ? -16 * scale : half(w + 2));
      long q = w + blockBytes - 16;
      int fifths = Lanes.int32(q - 4);
      for (int i = 0; i < 16; i += L) {
        ShortVector both = bytes(q + i);
        putScaled(to + 4 * i, RowDot.fifthBit(both.and((short) 15), fifths >>> i), d, m);
        putScaled(to + 4 * (i + 16), RowDot.fifthBit(high(both), fifths >>> (16 + i)), d, m);
      }
      w += blockBytes;
      to += 128;
    }
  }

  private static ShortVector high(ShortVector bytes) {
    return bytes.lanewise(VectorOperators.LSHR, 4).and((short) 15);
  }

  private static void q4k(long w, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      float d = half(w);
      float dmin = half(w + 2);
      long scales = KQuants.scales(w + 4);
      long minima = KQuants.minima(w + 4);
      for (int j = 0; j < 4; j++) {
        FloatVector scale0 = all(d * (scales & 0xFF));
        FloatVector scale1 = all(d * (scales >>> 8 & 0xFF));
        FloatVector min0 = all(-dmin * (minima & 0xFF));
        FloatVector min1 = all(-dmin * (minima >>> 8 & 0xFF));
        for (int i = 0; i < 32; i += L) {
          ShortVector q = bytes(w + 16 + 32 * j + i);
          putScaled(to + 4 * i, q.and((short) 15), scale0, min0);
          putScaled(to + 4 * (i + 32), high(q), scale1, min1);
        }
        scales >>>= 16;
        minima >>>= 16;
        to += 256;
      }
      w += 144;
    }
  }

  private static void q5k(long w, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      float d = half(w);
      float dmin = half(w + 2);
      long scales = KQuants.scales(w + 4);
      long minima = KQuants.minima(w + 4);
      for (int j = 0; j < 4; j++) {
        FloatVector scale0 = all(d * (scales & 0xFF));
        FloatVector scale1 = all(d * (scales >>> 8 & 0xFF));
        FloatVector min0 = all(-dmin * (minima & 0xFF));
        FloatVector min1 = all(-dmin * (minima >>> 8 & 0xFF));
        for (int i = 0; i < 32; i += L) {
          ShortVector q = bytes(w + 48 + 32 * j + i);
          ShortVector fifth = bytes(w + 16 + i);
          ShortVector low = q.and((short) 15).or(KQuants.fifth(fifth, 2 * j));
          ShortVector high = high(q).or(KQuants.fifth(fifth, 2 * j + 1));
          putScaled(to + 4 * i, low, scale0, min0);
          putScaled(to + 4 * (i + 32), high, scale1, min1);
        }
        scales >>>= 16;
        minima >>>= 16;
        to += 256;
      }
      w += 176;
    }
  }

  private static void q6k(long w, int blocks, long to) {
    for (int b = 0; b < blocks; b++) {
      float d = half(w + 208);
      for (int part = 0; part < 4; part++) {
        long ql = w + 64 * (part >> 1) + 16 * (part & 1);
        long qh = w + 128 + 32 * (part >> 1) + 16 * (part & 1);
        long sc = w + 192 + 8 * (part >> 1) + (part & 1);
        long at = to + 512 * (part >> 1) + 64 * (part & 1);
        for (int i = 0; i < 16; i += L) {
          ShortVector a = bytes(ql + i);
          ShortVector c = bytes(ql + 32 + i);
          ShortVector h = bytes(qh + i);
          put6(at + 4 * i, a.and((short) 15), h, 0, d * Lanes.int8(sc));
          put6(at + 4 * i + 128, c.and((short) 15), h, 2, d * Lanes.int8(sc + 2));
          put6(at + 4 * i + 256, high(a), h, 4, d * Lanes.int8(sc + 4));
          put6(at + 4 * i + 384, high(c), h, 6, d * Lanes.int8(sc + 6));
        }
      }
      w += 210;
      to += 1024;
    }
  }

  private static void put6(long at, ShortVector low, ShortVector pairs, int shift, float scale) {
    ShortVector code = low.or(KQuants.upper(pairs, shift)).sub((short) 32);
    putScaled(at, code, all(scale));
  }
}
