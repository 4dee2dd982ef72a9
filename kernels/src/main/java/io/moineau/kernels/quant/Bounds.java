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

  /** Fails at the first float that is infinite or no number. */
  static void checkFinite(DType type, float[] floats, int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (!Float.isFinite(floats[i])) {
        throw new KernelException(
            "quant-not-finite",
            "a weight is not a finite number",
            "element " + i + " is " + floats[i] + ", to be written as " + type,
            "finite numbers",
            "the source is damaged, or holds such values on purpose: keep that tensor as F16 or F32");
      }
    }
  }

  /** The error for a value that a 16-bit scale or weight cannot hold. */
  static KernelException overflow(float value) {
    return new KernelException(
        "quant-overflow",
        "a weight or a scale is too large for 16 bits",
        "value=" + value,
        "magnitudes up to 65504",
        "write this tensor as BF16 or F32");
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
