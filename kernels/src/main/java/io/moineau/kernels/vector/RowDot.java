package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.L;
import static io.moineau.kernels.vector.Lanes.WIDE;
import static io.moineau.kernels.vector.Lanes.all;
import static io.moineau.kernels.vector.Lanes.bytes;
import static io.moineau.kernels.vector.Lanes.floats;
import static io.moineau.kernels.vector.Lanes.half;
import static io.moineau.kernels.vector.Lanes.shorts;
import static io.moineau.kernels.vector.Lanes.toFloats;
import static io.moineau.kernels.vector.Lanes.toInts;

import io.moineau.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One row of weights times one packed activation, read once where it lies: what decoding is made
 * of. Codes are multiplied as 16-bit integers, since the Vector API has no products of bytes, and
 * summed in 16 bits as long as they fit; scales are applied as floats per block.
 *
 * <p>One row at a time: with two or four rows in a loop the JIT no longer keeps everything in
 * registers and speed falls to a third (measured). Layouts are those of {@code ggml-common.h}.
 */
final class RowDot {
  private RowDot() {}

  /** Whether there is a kernel for this type with such activations. */
  static boolean supports(DType type, boolean rounded) {
    return switch (type) {
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL, MXFP4 -> rounded;
      case F32, F16, BF16 -> true;
      default -> false;
    };
  }

  static float dot(DType type, long w, long x, int columns) {
    return switch (type) {
      case F32 -> f32(w, x, columns);
      case F16 -> f16(w, x, columns);
      case BF16 -> bf16(w, x, columns);
      default -> {
        long codes = PackedRow.codes(x, columns);
        long scales = PackedRow.scales(x, columns);
        long sums = PackedRow.sums(x, columns);
        int blocks = columns / type.blockSize();
        yield switch (type) {
          case Q8_0 -> q8_0(w, codes, scales, blocks);
          case Q4_0 -> q4_0(w, codes, scales, blocks);
          case Q4_1 -> q4_1(w, codes, scales, sums, blocks);
          case Q5_0 -> q5_0(w, codes, scales, sums, blocks);
          case Q5_1 -> q5_1(w, codes, scales, sums, blocks);
          case IQ4_NL -> TableDot.iq4(w, codes, scales, blocks);
          case MXFP4 -> TableDot.mxfp4(w, codes, scales, blocks);
          default -> throw new IllegalStateException("no kernel for " + type);
        };
      }
    };
  }

  /** Adds in the order of {@link Tiles}, so that a token is given the same beside others. */
  static float f32(long w, long x, int columns) {
    int step = Lanes.F.length();
    FloatVector sums = FloatVector.zero(Lanes.F);
    int c = 0;
    for (; c + step <= columns; c += step) {
      sums = floats(w + 4L * c).fma(floats(x + 4L * c), sums);
    }
    float sum = Lanes.sum(sums);
    for (; c < columns; c++) {
      sum = Math.fma(Lanes.get(w + 4L * c), Lanes.get(x + 4L * c), sum);
    }
    return sum;
  }

  private static float f16(long w, long x, int columns) {
    int step = Lanes.F.length();
    FloatVector sums = FloatVector.zero(Lanes.F);
    int c = 0;
    for (; c + step <= columns; c += step) {
      sums = Lanes.halves(w + 2L * c).fma(floats(x + 4L * c), sums);
    }
    float sum = Lanes.sum(sums);
    for (; c < columns; c++) {
      sum = Math.fma(half(w + 2L * c), Lanes.get(x + 4L * c), sum);
    }
    return sum;
  }

  private static float bf16(long w, long x, int columns) {
    int step = Lanes.F.length();
    FloatVector sums = FloatVector.zero(Lanes.F);
    int c = 0;
    for (; c + step <= columns; c += step) {
      sums = Lanes.brains(w + 2L * c).fma(floats(x + 4L * c), sums);
    }
    float sum = Lanes.sum(sums);
    for (; c < columns; c++) {
      float weight = Float.intBitsToFloat(Lanes.int16(w + 2L * c) << 16);
      sum = Math.fma(weight, Lanes.get(x + 4L * c), sum);
    }
    return sum;
  }

  /** Blocks: half d, 32 signed bytes. Two products of bytes fit a short: 2 * 128 * 127 < 2^15. */
  private static float q8_0(long w, long x, long scales, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    for (int b = 0; b < blocks; b++) {
      ShortVector p = bytes(w + 2).mul(shorts(x)).add(bytes(w + 2 + L).mul(shorts(x + 2 * L)));
      FloatVector sum;
      if (WIDE) {
        sum = toFloats(p);
      } else {
        ShortVector q = bytes(w + 18).mul(shorts(x + 32)).add(bytes(w + 26).mul(shorts(x + 48)));
        sum = (FloatVector) toInts(p).add(toInts(q)).convertShape(VectorOperators.I2F, Lanes.F, 0);
      }
      acc = sum.fma(all(half(w) * Lanes.get(scales)), acc);
      w += 34;
      x += 64;
      scales += 4;
    }
    return Lanes.sum(acc);
  }

  /** Sums per lane of 32 nibbles at {@code w} with the codes at {@code x}: low halves first. */
  private static ShortVector nibbles(long w, long x) {
    ShortVector q = bytes(w);
    ShortVector low = q.and((short) 15).mul(shorts(x));
    ShortVector high = q.lanewise(VectorOperators.LSHR, 4).and((short) 15).mul(shorts(x + 32));
    ShortVector sum = low.add(high);
    if (WIDE) {
      return sum;
    }
    q = bytes(w + 8);
    low = q.and((short) 15).mul(shorts(x + 16));
    high = q.lanewise(VectorOperators.LSHR, 4).and((short) 15).mul(shorts(x + 48));
    return sum.add(low.add(high));
  }

  /** Blocks: half d, 16 bytes of nibbles; w = (q - 8) d. */
  private static float q4_0(long w, long x, long scales, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    for (int b = 0; b < blocks; b++) {
      ShortVector q = bytes(w + 2);
      ShortVector low = q.and((short) 15).sub((short) 8).mul(shorts(x));
      ShortVector high =
          q.lanewise(VectorOperators.LSHR, 4).and((short) 15).sub((short) 8).mul(shorts(x + 32));
      ShortVector sum = low.add(high);
      if (!WIDE) {
        q = bytes(w + 10);
        low = q.and((short) 15).sub((short) 8).mul(shorts(x + 16));
        high =
            q.lanewise(VectorOperators.LSHR, 4).and((short) 15).sub((short) 8).mul(shorts(x + 48));
        sum = sum.add(low.add(high));
      }
      acc = toFloats(sum).fma(all(half(w) * Lanes.get(scales)), acc);
      w += 18;
      x += 64;
      scales += 4;
    }
    return Lanes.sum(acc);
  }

  /** Blocks: half d, half m, nibbles; w = q d + m. */
  private static float q4_1(long w, long x, long scales, long sums, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    float minimum = 0;
    for (int b = 0; b < blocks; b++) {
      acc = toFloats(nibbles(w + 4, x)).fma(all(half(w) * Lanes.get(scales)), acc);
      minimum = Math.fma(half(w + 2), Lanes.get(sums) + Lanes.get(sums + 4), minimum);
      w += 20;
      x += 64;
      scales += 4;
      sums += 8;
    }
    return Lanes.sum(acc) + minimum;
  }

  private static final ShortVector BIT_OF_LANE =
      ShortVector.fromArray(
          Lanes.S,
          new short[] {
            1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, (short) 32768
          },
          0);

  /** Adds 16 to each lane whose bit is set. */
  static ShortVector fifthBit(ShortVector low, int bits) {
    ShortVector set = ShortVector.broadcast(Lanes.S, (short) bits).and(BIT_OF_LANE);
    return low.blend(low.add((short) 16), set.compare(VectorOperators.NE, (short) 0));
  }

  /** Sums per lane of 32 codes of 5 bits: nibbles at {@code w}, fifth bits in {@code bits}. */
  private static ShortVector fives(long w, int bits, long x) {
    ShortVector q = bytes(w);
    ShortVector low = fifthBit(q.and((short) 15), bits).mul(shorts(x));
    ShortVector high =
        fifthBit(q.lanewise(VectorOperators.LSHR, 4).and((short) 15), bits >>> 16)
            .mul(shorts(x + 32));
    ShortVector sum = low.add(high);
    if (WIDE) {
      return sum;
    }
    q = bytes(w + 8);
    low = fifthBit(q.and((short) 15), bits >>> 8).mul(shorts(x + 16));
    high =
        fifthBit(q.lanewise(VectorOperators.LSHR, 4).and((short) 15), bits >>> 24)
            .mul(shorts(x + 48));
    return sum.add(low.add(high));
  }

  /** Blocks: half d, 32 fifth bits, nibbles; w = (q - 16) d. */
  private static float q5_0(long w, long x, long scales, long sums, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    float minimum = 0;
    for (int b = 0; b < blocks; b++) {
      float d = half(w);
      ShortVector sum = fives(w + 6, Lanes.int32(w + 2), x);
      acc = toFloats(sum).fma(all(d * Lanes.get(scales)), acc);
      minimum = Math.fma(-16 * d, Lanes.get(sums) + Lanes.get(sums + 4), minimum);
      w += 22;
      x += 64;
      scales += 4;
      sums += 8;
    }
    return Lanes.sum(acc) + minimum;
  }

  /** Blocks: half d, half m, 32 fifth bits, nibbles; w = q d + m. */
  private static float q5_1(long w, long x, long scales, long sums, int blocks) {
    FloatVector acc = FloatVector.zero(Lanes.F);
    float minimum = 0;
    for (int b = 0; b < blocks; b++) {
      ShortVector sum = fives(w + 8, Lanes.int32(w + 4), x);
      acc = toFloats(sum).fma(all(half(w) * Lanes.get(scales)), acc);
      minimum = Math.fma(half(w + 2), Lanes.get(sums) + Lanes.get(sums + 4), minimum);
      w += 24;
      x += 64;
      scales += 4;
      sums += 8;
    }
    return Lanes.sum(acc) + minimum;
  }
}
