package io.moineau.kernels.vector;

import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Parts of blocks of 256 in sub-blocks with scales of their own (k-quants: llama.cpp, pull request
 * 1684).
 */
final class KQuants {
  private KQuants() {}

  /** The eight 6-bit scales of a Q4_K or Q5_K block, a byte each; {@code at} is the 12 bytes'. */
  static long scales(long at) {
    int a = Lanes.int32(at);
    int c = Lanes.int32(at + 8);
    int low = a & 0x3F3F3F3F;
    int high = c & 0x0F0F0F0F | (a >>> 6 & 0x03030303) << 4;
    return (low & 0xFFFFFFFFL) | (long) high << 32;
  }

  /** The eight 6-bit minima of a Q4_K or Q5_K block, a byte each. */
  static long minima(long at) {
    int b = Lanes.int32(at + 4);
    int c = Lanes.int32(at + 8);
    int low = b & 0x3F3F3F3F;
    int high = c >>> 4 & 0x0F0F0F0F | (b >>> 6 & 0x03030303) << 4;
    return (low & 0xFFFFFFFFL) | (long) high << 32;
  }

  /** The fifth bits of a lane: bit {@code j} of {@code high} as 16. */
  static ShortVector fifth(ShortVector high, int j) {
    return high.lanewise(VectorOperators.LSHR, j).and((short) 1).lanewise(VectorOperators.LSHL, 4);
  }

  /** The upper two bits of codes of six. */
  static ShortVector upper(ShortVector pairs, int shift) {
    return pairs
        .lanewise(VectorOperators.LSHR, shift)
        .and((short) 3)
        .lanewise(VectorOperators.LSHL, 4);
  }
}
