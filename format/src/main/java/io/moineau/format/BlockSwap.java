package io.moineau.format;

import io.moineau.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Turns the bytes of weights from one byte order to the other, field by field. */
final class BlockSwap {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BlockSwap() {}

  /** Whether a block of the type has a field of more than one byte. */
  static boolean isNeeded(DType type) {
    return BlockLayout.of(type).wide().length > 0;
  }

  /**
   * A turned copy in memory of {@code arena}.
   *
   * @throws FormatException {@code gguf-no-memory-to-swap} if there is not so much memory
   */
  static MemorySegment toLittleEndian(String name, DType type, MemorySegment data, Arena arena) {
    MemorySegment copy;
    try {
      copy = arena.allocate(Math.max(1, data.byteSize()), 64).asSlice(0, data.byteSize());
    } catch (OutOfMemoryError e) {
      throw new FormatException(
          "gguf-no-memory-to-swap",
          "there is no memory for the copy that a big-endian file needs",
          "tensor " + Quoted.of(name) + " needs " + data.byteSize() + " bytes",
          "",
          "fetch the little-endian file of the model, which needs no copy");
    }
    copy.copyFrom(data);
    swap(type, copy);
    return copy;
  }

  /** Turns whole blocks in place. */
  static void swap(DType type, MemorySegment data) {
    int[] wide = BlockLayout.of(type).wide();
    long step = type.blockBytes();
    for (int field = 0; field < wide.length; field += 2) {
      long end = data.byteSize();
      switch (wide[field]) {
        case 2 -> {
          for (long at = wide[field + 1]; at < end; at += step) {
            data.set(SHORT, at, Short.reverseBytes(data.get(SHORT, at)));
          }
        }
        case 4 -> {
          for (long at = wide[field + 1]; at < end; at += step) {
            data.set(INT, at, Integer.reverseBytes(data.get(INT, at)));
          }
        }
        default -> {
          for (long at = wide[field + 1]; at < end; at += step) {
            data.set(LONG, at, Long.reverseBytes(data.get(LONG, at)));
          }
        }
      }
    }
  }
}
