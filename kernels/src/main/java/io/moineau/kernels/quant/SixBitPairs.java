package io.moineau.kernels.quant;

import java.lang.foreign.MemorySegment;

/**
 * Eight scales and eight minima of 6 bits each in 12 bytes, as Q4_K and Q5_K pack them.
 *
 * <p>The first four scales are the low 6 bits of bytes 0 to 3, the first four minima those of bytes
 * 4 to 7. Bytes 8 to 11 hold the low nibbles of the other scales and, above, of the other minima;
 * their upper two bits stand above the first four scales and minima.
 */
final class SixBitPairs {
  private SixBitPairs() {}

  /** Scale {@code group}, 0 to 63, of the 12 bytes at {@code at}. */
  static int scale(MemorySegment source, long at, int group) {
    return group < 4
        ? LittleEndian.u8(source, at + group) & 63
        : LittleEndian.u8(source, at + group + 4) & 15
            | LittleEndian.u8(source, at + group - 4) >> 6 << 4;
  }

  /** Minimum {@code group}, 0 to 63, of the 12 bytes at {@code at}. */
  static int min(MemorySegment source, long at, int group) {
    return group < 4
        ? LittleEndian.u8(source, at + group + 4) & 63
        : LittleEndian.u8(source, at + group + 4) >> 4
            | LittleEndian.u8(source, at + group) >> 6 << 4;
  }
}
