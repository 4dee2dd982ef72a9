package io.moineau.kernels.quant;

import io.moineau.kernels.KernelException;
import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** The check that a run of blocks lies within its memory, and the run of floats within theirs. */
final class Bounds {
  private Bounds() {}

  /** Fails unless both ranges fit; {@code size}, {@code from} and {@code count} share a unit. */
  static void check(
      DType type, MemorySegment blocks, long offset, long bytes, long size, long from, long count) {
    if (offset < 0 || bytes > blocks.byteSize() - offset) {
      throw tooShort(type, "blocks", offset, bytes, blocks.byteSize());
    }
    if (from < 0 || count > size - from) {
      throw tooShort(type, "floats", from, count, size);
    }
  }

  private static KernelException tooShort(
      DType type, String which, long from, long count, long size) {
    return new KernelException(
        "quant-out-of-bounds",
        "a run of " + which + " of type " + type + " ends outside its memory",
        "offset=" + from + ", length=" + count,
        "0 to " + size,
        "");
  }
}
