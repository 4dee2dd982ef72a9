package io.moineau.text.grammar;

import java.util.Arrays;

/**
 * Which tokens may come at a place whatever lies below it on the stack, and which depend on that.
 *
 * @param sparse tokens, where there are few; else empty
 * @param dense bits of the tokens, where there are many; else empty
 * @param escapes nodes of the trie at which the place's own rule is over: what is below the node
 *     depends on the stack
 */
record LocalMask(int[] sparse, long[] dense, int[] escapes) {
  private static final int FEW = 1024;

  static LocalMask of(long[] mask, int[] escapes) {
    int n = 0;
    for (long word : mask) {
      n += Long.bitCount(word);
    }
    if (n > FEW) {
      return new LocalMask(new int[0], mask, escapes);
    }
    int[] tokens = new int[n];
    int at = 0;
    for (int i = 0; i < mask.length; i++) {
      for (long word = mask[i]; word != 0; word &= word - 1) {
        tokens[at++] = i * Long.SIZE + Long.numberOfTrailingZeros(word);
      }
    }
    return new LocalMask(tokens, new long[0], escapes);
  }

  void addTo(long[] mask) {
    for (int token : sparse) {
      mask[token >> 6] |= 1L << token;
    }
    for (int i = 0; i < dense.length; i++) {
      mask[i] |= dense[i];
    }
  }

  long bytes() {
    return 64 + 4L * sparse.length + 8L * dense.length + 4L * escapes.length;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof LocalMask other
        && Arrays.equals(sparse, other.sparse)
        && Arrays.equals(dense, other.dense)
        && Arrays.equals(escapes, other.escapes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sparse) + Arrays.hashCode(dense) + Arrays.hashCode(escapes);
  }

  @Override
  public String toString() {
    return sparse.length + dense.length * Long.SIZE + " bits, " + escapes.length + " escapes";
  }
}
