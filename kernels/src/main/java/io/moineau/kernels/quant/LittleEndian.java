package io.moineau.kernels.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reads and writes the fields of a block, little-endian and unaligned as GGUF has them. */
final class LittleEndian {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  /** A signed byte. */
  static int i8(MemorySegment memory, long at) {
    return memory.get(ValueLayout.JAVA_BYTE, at);
  }

  /** An unsigned byte. */
  static int u8(MemorySegment memory, long at) {
    return memory.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  /** A signed 16-bit number. */
  static short i16(MemorySegment memory, long at) {
    return memory.get(SHORT, at);
  }

  /** An unsigned 16-bit number. */
  static int u16(MemorySegment memory, long at) {
    return memory.get(SHORT, at) & 0xFFFF;
  }

  /** A signed 32-bit number. */
  static int i32(MemorySegment memory, long at) {
    return memory.get(INT, at);
  }

  /** A signed 64-bit number. */
  static long i64(MemorySegment memory, long at) {
    return memory.get(LONG, at);
  }

  /** A half float (IEEE binary16), widened. */
  static float f16(MemorySegment memory, long at) {
    return Float.float16ToFloat(memory.get(SHORT, at));
  }

  /** A 32-bit float. */
  static float f32(MemorySegment memory, long at) {
    return Float.intBitsToFloat(memory.get(INT, at));
  }

  static void putU8(MemorySegment memory, long at, int value) {
    memory.set(ValueLayout.JAVA_BYTE, at, (byte) value);
  }

  static void putI16(MemorySegment memory, long at, int value) {
    memory.set(SHORT, at, (short) value);
  }

  static void putI32(MemorySegment memory, long at, int value) {
    memory.set(INT, at, value);
  }

  /**
   * Rounds to the nearest half float, ties to even.
   *
   * @throws io.moineau.kernels.KernelException {@code quant-overflow} if a finite value becomes
   *     infinite
   */
  static void putF16(MemorySegment memory, long at, float value) {
    short half = Float.floatToFloat16(value);
    if ((half & 0x7FFF) == 0x7C00 && Float.isFinite(value)) {
      throw Bounds.overflow(value);
    }
    memory.set(SHORT, at, half);
  }

  static void putF32(MemorySegment memory, long at, float value) {
    memory.set(INT, at, Float.floatToRawIntBits(value));
  }
}
