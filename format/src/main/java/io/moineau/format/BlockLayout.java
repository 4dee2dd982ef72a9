package io.moineau.format;

import io.moineau.tensor.DType;
import java.util.stream.IntStream;

/**
 * Where a block of each type has fields of more than one byte, and which of them are scales.
 *
 * <p>As the structs of {@code ggml-common.h} declare them. What is declared as bytes there, such as
 * the high bits of Q5_0 and the packed scales of IQ1_M, is bytes here too.
 *
 * @param wide width in bytes and offset of each field: {@code [width, offset, width, offset ...]}
 * @param halfScales offsets of the scales that are F16
 */
record BlockLayout(int[] wide, int[] halfScales) {
  private static final BlockLayout[] LAYOUTS = new BlockLayout[DType.values().length];

  static {
    for (DType type : DType.values()) {
      LAYOUTS[type.ordinal()] = make(type);
    }
  }

  /** The layout of a type's block. */
  static BlockLayout of(DType type) {
    return LAYOUTS[type.ordinal()];
  }

  private static BlockLayout make(DType type) {
    return switch (type) {
      case F32, I32, F16, BF16, I16, F64, I64 ->
          new BlockLayout(new int[] {type.blockBytes(), 0}, new int[0]);
      case I8, IQ1_M, MXFP4, NVFP4 -> new BlockLayout(new int[0], new int[0]);
      case Q4_0, Q5_0, Q8_0, IQ2_S, IQ3_XXS, IQ3_S, IQ4_NL, Q1_0, Q2_0 -> halves(0);
      case Q4_1, Q5_1, Q8_1, Q4_K, Q5_K -> halves(0, 2);
      case Q2_K -> halves(80, 82);
      case Q3_K -> halves(108);
      case Q6_K -> halves(208);
      case TQ1_0 -> halves(52);
      case TQ2_0 -> halves(64);
      case IQ4_XS -> halves(0).and(2, 1);
      case IQ2_XXS, IQ2_XS -> halves(0).and(2, 32);
      case IQ1_S -> halves(0).and(34, 8);
      case Q8_K -> new BlockLayout(new int[] {4, 0}, new int[0]).and(260, 16);
    };
  }

  private static BlockLayout halves(int... offsets) {
    int[] wide = IntStream.of(offsets).flatMap(offset -> IntStream.of(2, offset)).toArray();
    return new BlockLayout(wide, offsets);
  }

  /** With {@code count} more fields of 16 bits that are no scales. */
  private BlockLayout and(int offset, int count) {
    IntStream more = IntStream.range(0, count).flatMap(i -> IntStream.of(2, offset + 2 * i));
    return new BlockLayout(IntStream.concat(IntStream.of(wide), more).toArray(), halfScales);
  }
}
