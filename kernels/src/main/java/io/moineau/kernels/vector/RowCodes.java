package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.L;
import static io.moineau.kernels.vector.Lanes.bytes;

import io.moineau.tensor.DType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of k-quants as {@link Codes}. Layouts are those of {@code ggml-common.h} (llama.cpp, pull
 * request 1684). Bits are moved in 16-bit lanes, since the processors have no shifts of bytes.
 */
final class RowCodes {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private RowCodes() {}

  /** Whether rows of this type can be unpacked. */
  static boolean supports(DType type) {
    return type == DType.Q4_K || type == DType.Q5_K || type == DType.Q6_K;
  }

  /** Weights that share a scale. */
  static int group(DType type) {
    return type == DType.Q6_K ? 16 : 32;
  }

  private static final Codes.Pass[] Q4_K = {
    new SixBitScales(144), new Q4K(), new Codes.Scales(), new Codes.By32(), new Codes.Minima()
  };
  private static final Codes.Pass[] Q5_K = {
    new SixBitScales(176), new Q5K(), new Codes.Scales(), new Codes.By32(), new Codes.Minima()
  };
  private static final Codes.Pass[] Q6_K = {
    new ByteScales(), new Q6K(), new Codes.Scales(), new Codes.By16()
  };
  private static final int UNPACKING = 2;

  /** Unpacks a row, for {@link #dot}. */
  static void unpack(DType type, long w, Codes codes) {
    Codes.Pass[] passes = passes(type);
    for (int i = 0; i < UNPACKING; i++) {
      run(passes[i], codes, w);
    }
  }

  /** The product of the row unpacked last and the activation read last. */
  static float dot(DType type, Codes codes) {
    Codes.Pass[] passes = passes(type);
    float sum = 0;
    for (int i = UNPACKING; i < passes.length; i++) {
      sum += run(passes[i], codes, 0);
    }
    return sum;
  }

  private static float run(Codes.Pass pass, Codes codes, long w) {
    return pass.run(codes, w);
  }

  private static Codes.Pass[] passes(DType type) {
    return type == DType.Q4_K ? Q4_K : type == DType.Q5_K ? Q5_K : Q6_K;
  }

  private static final class SixBitScales implements Codes.Pass {
    private final int blockBytes;

    SixBitScales(int blockBytes) {
      this.blockBytes = blockBytes;
    }

    @Override
    public float run(Codes codes, long weights) {
      scales(weights, blockBytes, codes.columns(), codes);
      return 0;
    }
  }

  private static final class ByteScales implements Codes.Pass {
    @Override
    public float run(Codes codes, long weights) {
      q6kScales(weights, codes.columns(), codes);
      return 0;
    }
  }

  private static final class Q4K implements Codes.Pass {
    @Override
    public float run(Codes codes, long weights) {
      q4k(weights, codes.columns(), codes.weights);
      return 0;
    }
  }

  private static final class Q5K implements Codes.Pass {
    @Override
    public float run(Codes codes, long weights) {
      q5k(weights, codes.columns(), codes.weights);
      return 0;
    }
  }

  private static final class Q6K implements Codes.Pass {
    @Override
    public float run(Codes codes, long weights) {
      q6k(weights, codes.columns(), codes.weights);
      return 0;
    }
  }

  /** Blocks begin with half d, half dmin, 12 bytes: eight scales and eight minima of 6 bits. */
  private static void scales(long w, int blockBytes, int columns, Codes out) {
    for (int b = 0; b < columns / 32; b += 8) {
      LONG.set(out.scales, b, KQuants.scales(w + 4));
      LONG.set(out.minima, b, KQuants.minima(w + 4));
      Arrays.fill(out.d, b, b + 8, Lanes.half(w));
      Arrays.fill(out.dmin, b, b + 8, Lanes.half(w + 2));
      w += blockBytes;
    }
  }

  /** Sixteen signed scales at 192 and half d at 208 of each block of 210 bytes. */
  private static void q6kScales(long w, int columns, Codes out) {
    for (int b = 0; b < columns / 16; b += 16) {
      LONG.set(out.scales, b, Lanes.int64(w + 192));
      LONG.set(out.scales, b + 8, Lanes.int64(w + 200));
      Arrays.fill(out.d, b, b + 16, Lanes.half(w + 208));
      w += 210;
    }
  }

  private static ShortVector low(ShortVector bytes) {
    return bytes.and((short) 15);
  }

  private static ShortVector high(ShortVector bytes) {
    return bytes.lanewise(VectorOperators.LSHR, 4).and((short) 15);
  }

  private static void q4k(long w, int columns, short[] out) {
    for (int c = 0; c < columns; c += 64) {
      long q = w + (long) (c >>> 8) * 144 + 16 + (c & 255) / 2;
      for (int i = 0; i < 32; i += L) {
        ShortVector both = bytes(q + i);
        low(both).intoArray(out, c + i);
        high(both).intoArray(out, c + i + 32);
      }
    }
  }

  private static void q5k(long w, int columns, short[] out) {
    for (int c = 0; c < columns; c += 64) {
      long block = w + (long) (c >>> 8) * 176;
      int bit = (c & 255) / 32;
      long q = block + 48 + (c & 255) / 2;
      for (int i = 0; i < 32; i += L) {
        ShortVector both = bytes(q + i);
        ShortVector fifths = bytes(block + 16 + i).lanewise(VectorOperators.LSHR, bit);
        ShortVector first = fifths.lanewise(VectorOperators.LSHL, 4).and((short) 16);
        ShortVector second = fifths.lanewise(VectorOperators.LSHL, 3).and((short) 16);
        low(both).or(first).intoArray(out, c + i);
        high(both).or(second).intoArray(out, c + i + 32);
      }
    }
  }

  /** Two halves of 64 bytes of nibbles, each with 32 bytes of upper pairs of bits from 128 on. */
  private static void q6k(long w, int columns, short[] out) {
    for (int c = 0; c < columns; c += 128) {
      long block = w + (long) (c >>> 8) * 210;
      long q = block + 64 * (c >>> 7 & 1);
      long upper = block + 128 + 32 * (c >>> 7 & 1);
      for (int i = 0; i < 32; i += L) {
        ShortVector pairs = bytes(upper + i);
        ShortVector first = bytes(q + i);
        ShortVector second = bytes(q + 32 + i);
        q6(low(first), pairs.lanewise(VectorOperators.LSHL, 4), out, c + i);
        q6(low(second), pairs.lanewise(VectorOperators.LSHL, 2), out, c + 32 + i);
        q6(high(first), pairs, out, c + 64 + i);
        q6(high(second), pairs.lanewise(VectorOperators.LSHR, 2), out, c + 96 + i);
      }
    }
  }

  private static void q6(ShortVector nibbles, ShortVector pairs, short[] out, int at) {
    nibbles.or(pairs.and((short) 0x30)).sub((short) 32).intoArray(out, at);
  }
}
