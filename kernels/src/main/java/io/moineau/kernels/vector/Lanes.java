package io.moineau.kernels.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of this machine's width, and loads and stores at absolute addresses.
 *
 * <p>All memory is seen through one segment that spans the address space: one compiled loop that is
 * fed with segments of different kinds (mapped, allocated) falls tenfold in speed, and the facade
 * has checked the bounds already. Species are {@code static final}, else nothing is compiled to
 * vector instructions.
 *
 * <p>{@code moineau.vector.bits} (128, 256 or 512) forces a width, for tests.
 */
final class Lanes {
  static final int BITS = bits();

  /** Floats and ints of the full width. */
  static final VectorSpecies<Float> F = FloatVector.SPECIES_MAX.withShape(shape(BITS));

  static final VectorSpecies<Integer> I = IntVector.SPECIES_MAX.withShape(shape(BITS));

  /** As many shorts as {@link #F} has floats. */
  static final VectorSpecies<Short> HALF =
      ShortVector.SPECIES_MAX.withShape(shape(Math.max(64, BITS / 2)));

  /** The shorts in which codes are multiplied: 16 with 512 bits, 8 with fewer. */
  static final VectorSpecies<Short> S =
      BITS == 512 ? ShortVector.SPECIES_256 : ShortVector.SPECIES_128;

  /** As many bytes as {@link #S} has shorts. */
  static final VectorSpecies<Byte> B = BITS == 512 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

  /** Elements of {@link #F}. */
  static final int FLOATS = F.length();

  /** Elements of {@link #S}. */
  static final int L = S.length();

  /** Whether a vector of {@link #S} holds 16 codes, so that two make a block of 32. */
  static final boolean WIDE = L == 16;

  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final boolean SPLIT = BITS == 128; // a vector of S becomes two of I
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Lanes() {}

  private static int bits() {
    int preferred = Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
    int forced = Integer.getInteger("moineau.vector.bits", preferred);
    return forced == 128 || forced == 256 || forced == 512 ? forced : preferred;
  }

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.iota(F, by, 1, true);
  }

  private static VectorShape shape(int bits) {
    return VectorShape.forBitSize(bits);
  }

  static FloatVector floats(long at) {
    return FloatVector.fromMemorySegment(F, ALL, at, LE);
  }

  static void put(long at, FloatVector value) {
    value.intoMemorySegment(ALL, at, LE);
  }

  static ShortVector shorts(long at) {
    return ShortVector.fromMemorySegment(S, ALL, at, LE);
  }

  /** {@link #L} signed bytes as shorts. */
  static ShortVector bytes(long at) {
    return (ShortVector)
        ByteVector.fromMemorySegment(B, ALL, at, LE).convertShape(VectorOperators.B2S, S, 0);
  }

  /** 16 bytes. */
  static ByteVector bytes16(long at) {
    return ByteVector.fromMemorySegment(ByteVector.SPECIES_128, ALL, at, LE);
  }

  static float get(long at) {
    return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }

  static void put(long at, float value) {
    ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, value);
  }

  static float half(long at) {
    return Float.float16ToFloat(ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
  }

  static int int8(long at) {
    return ALL.get(ValueLayout.JAVA_BYTE, at);
  }

  static int uint8(long at) {
    return ALL.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  static int int16(long at) {
    return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
  }

  static int int32(long at) {
    return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, at);
  }

  static long getLong(long at) {
    return ALL.get(ValueLayout.JAVA_LONG, at);
  }

  static void putLong(long at, long value) {
    ALL.set(ValueLayout.JAVA_LONG, at, value);
  }

  static long int64(long at) {
    return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
  }

  /** The sum of lane pairs or of each lane, as floats: shorts widened to {@link #I}. */
  static FloatVector toFloats(ShortVector value) {
    return (FloatVector) toInts(value).convertShape(VectorOperators.I2F, F, 0);
  }

  /** Widened; where S holds twice as many lanes as I, the halves are added. */
  static IntVector toInts(ShortVector value) {
    IntVector low = (IntVector) value.convertShape(VectorOperators.S2I, I, 0);
    return SPLIT ? low.add((IntVector) value.convertShape(VectorOperators.S2I, I, 1)) : low;
  }

  /** Stores {@link #L} codes as {@code code * scale + min}. */
  static void putScaled(long at, ShortVector code, FloatVector scale, FloatVector min) {
    FloatVector low =
        (FloatVector)
            code.convertShape(VectorOperators.S2I, I, 0).convertShape(VectorOperators.I2F, F, 0);
    put(at, low.fma(scale, min));
    if (SPLIT) {
      FloatVector high =
          (FloatVector)
              code.convertShape(VectorOperators.S2I, I, 1).convertShape(VectorOperators.I2F, F, 0);
      put(at + 16, high.fma(scale, min));
    }
  }

  /** Stores {@link #L} codes as {@code code * scale}. */
  static void putScaled(long at, ShortVector code, FloatVector scale) {
    FloatVector low =
        (FloatVector)
            code.convertShape(VectorOperators.S2I, I, 0).convertShape(VectorOperators.I2F, F, 0);
    put(at, low.mul(scale));
    if (SPLIT) {
      FloatVector high =
          (FloatVector)
              code.convertShape(VectorOperators.S2I, I, 1).convertShape(VectorOperators.I2F, F, 0);
      put(at + 16, high.mul(scale));
    }
  }

  /** Stores whole numbers as shorts. */
  static void putCodes(long at, FloatVector codes) {
    ((ShortVector)
            codes
                .convertShape(VectorOperators.F2I, I, 0)
                .convertShape(VectorOperators.I2S, HALF, 0))
        .intoMemorySegment(ALL, at, LE);
  }

  /**
   * The sum of the lanes, in pairs. Not {@code reduceLanes}, whose order is open: the interpreter
   * has another than compiled code, and the same question would get other bits once it is compiled.
   */
  static float sum(FloatVector v) {
    if (FLOATS > 8) {
      v = v.add(v.rearrange(BY_8));
    }
    if (FLOATS > 4) {
      v = v.add(v.rearrange(BY_4));
    }
    v = v.add(v.rearrange(BY_2));
    return v.lane(0) + v.lane(1);
  }

  static FloatVector all(float value) {
    return FloatVector.broadcast(F, value);
  }

  /** Half floats (IEEE binary16) widened, infinities and NaN included. */
  static FloatVector halves(long at) {
    IntVector bits =
        (IntVector)
            ShortVector.fromMemorySegment(HALF, ALL, at, LE)
                .convertShape(VectorOperators.S2I, I, 0);
    IntVector magnitude = bits.and(0x7FFF).lanewise(VectorOperators.LSHL, 13);
    // Re-biasing by a product makes subnormal halves right too.
    IntVector value = magnitude.reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
    IntVector special = value.or(0x7F800000);
    value = value.blend(special, magnitude.compare(VectorOperators.GE, 0x7C00 << 13));
    return value.or(bits.and(0x80000000)).reinterpretAsFloats();
  }

  /** bfloat16 widened. */
  static FloatVector brains(long at) {
    IntVector bits =
        (IntVector)
            ShortVector.fromMemorySegment(HALF, ALL, at, LE)
                .convertShape(VectorOperators.S2I, I, 0);
    return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }
}
