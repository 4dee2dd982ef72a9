package io.moineau.kernels;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Tensors of random codes with sane scales, and matrices of random floats, from a seed. */
final class RandomTensors {
  /** Where a block's 16-bit float scales lie, in bytes. */
  private static final Map<DType, List<Integer>> HALVES = new EnumMap<>(DType.class);

  static {
    for (DType type :
        List.of(DType.Q4_0, DType.Q5_0, DType.Q8_0, DType.IQ4_NL, DType.Q1_0, DType.Q2_0)) {
      HALVES.put(type, List.of(0));
    }
    for (DType type :
        List.of(
            DType.IQ2_XXS,
            DType.IQ2_XS,
            DType.IQ3_XXS,
            DType.IQ1_S,
            DType.IQ3_S,
            DType.IQ2_S,
            DType.IQ4_XS)) {
      HALVES.put(type, List.of(0));
    }
    for (DType type : List.of(DType.Q4_1, DType.Q5_1, DType.Q8_1, DType.Q4_K, DType.Q5_K)) {
      HALVES.put(type, List.of(0, 2));
    }
    HALVES.put(DType.Q2_K, List.of(80, 82));
    HALVES.put(DType.Q3_K, List.of(108));
    HALVES.put(DType.Q6_K, List.of(208));
    HALVES.put(DType.TQ1_0, List.of(52));
    HALVES.put(DType.TQ2_0, List.of(64));
  }

  private final Arena arena;
  private final Random random;

  RandomTensors(Arena arena, long seed) {
    this.arena = arena;
    this.random = new Random(seed);
  }

  /** Random codes; the first byte lies {@code misalign} bytes after a multiple of 64. */
  TensorView tensor(DType type, int misalign, long... dims) {
    Shape shape = Shape.of(dims);
    long bytes = type.bytesFor(shape.columns()) * shape.rows();
    MemorySegment data = arena.allocate(bytes + misalign + 64, 64).asSlice(misalign, bytes);
    for (long at = 0; at < bytes; at += type.blockBytes()) {
      fillBlock(type, data.asSlice(at, type.blockBytes()));
    }
    return new TensorView("w", type, shape, data);
  }

  private void fillBlock(DType type, MemorySegment block) {
    for (long i = 0; i < block.byteSize(); i++) {
      block.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
    }
    float value = (float) random.nextGaussian();
    switch (type) {
      case F32 -> block.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, value);
      case F64 -> block.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, value);
      case F16 -> block.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, Float.floatToFloat16(value));
      case BF16 ->
          block.set(
              ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) (Float.floatToIntBits(value) >>> 16));
      case Q8_K -> block.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, value / 100);
      case I8 -> {}
      case I16 -> block.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) random.nextInt(100));
      case I32 -> block.set(ValueLayout.JAVA_INT_UNALIGNED, 0, random.nextInt(100));
      case I64 -> block.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, random.nextInt(100));
      case MXFP4 -> block.set(ValueLayout.JAVA_BYTE, 0, (byte) (120 + random.nextInt(12)));
      case NVFP4 -> {
        for (int i = 0; i < 4; i++) {
          block.set(ValueLayout.JAVA_BYTE, i, (byte) (40 + random.nextInt(40)));
        }
      }
      case IQ1_M -> {
        // The 16 bits of the scale are the top nibbles of the four 16-bit words at 48.
        int half = Float.floatToFloat16(0.01f + random.nextFloat() / 50) & 0xFFFF;
        for (int i = 0; i < 4; i++) {
          int word = block.get(ValueLayout.JAVA_SHORT_UNALIGNED, 48 + 2 * i) & 0xFFF;
          word |= (half >> (4 * i) & 15) << 12;
          block.set(ValueLayout.JAVA_SHORT_UNALIGNED, 48 + 2 * i, (short) word);
        }
      }
      default -> {
        for (int at : HALVES.getOrDefault(type, List.of())) {
          float scale = (random.nextBoolean() ? 1 : -1) * (0.01f + random.nextFloat() / 50);
          block.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(scale));
        }
      }
    }
  }

  /** Normally distributed floats. */
  FloatMatrix matrix(int rows, int columns) {
    FloatMatrix matrix = FloatMatrix.allocate(arena, rows, columns);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        matrix.set(r, c, (float) random.nextGaussian());
      }
    }
    return matrix;
  }

  /** Zeros. */
  FloatMatrix zeros(int rows, int columns) {
    return FloatMatrix.allocate(arena, rows, columns);
  }

  Random random() {
    return random;
  }
}
