package io.moineau.text;

/** Pairs of token ids to rank and merged id, without boxing: open addressing, linear probing. */
final class MergeTable {
  private final long[] keys;
  private final long[] values;
  private final int mask;

  MergeTable(int count) {
    int capacity = Integer.highestOneBit(Math.max(8, count) * 2) * 2;
    keys = new long[capacity];
    values = new long[capacity];
    java.util.Arrays.fill(keys, -1);
    mask = capacity - 1;
  }

  /** Keeps the first rank of a pair. */
  void put(int left, int right, int rank, int merged) {
    long key = (long) left << 32 | right;
    int at = slot(key);
    while (keys[at] != -1) {
      if (keys[at] == key) {
        return;
      }
      at = (at + 1) & mask;
    }
    keys[at] = key;
    values[at] = (long) rank << 32 | merged;
  }

  /** Rank in the upper 32 bits and merged id in the lower, or -1. */
  long find(int left, int right) {
    long key = (long) left << 32 | right;
    int at = slot(key);
    while (keys[at] != -1) {
      if (keys[at] == key) {
        return values[at];
      }
      at = (at + 1) & mask;
    }
    return -1;
  }

  private int slot(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 33) & mask;
  }
}
