package io.moineau.engine;

import java.util.Arrays;

/**
 * Finds the block that holds what follows a prefix: a table from a 64-bit hash to a block, of fixed
 * size, open addressing with linear probing, nothing allocated after the start.
 */
final class PrefixCache {
  private static final int EMPTY = -1;

  private final long[] hashes;
  private final int[] blocks;
  private final int mask;

  /** For at most {@code numBlocks} entries. */
  PrefixCache(int numBlocks) {
    int slots = Integer.highestOneBit(Math.max(4, numBlocks * 2 - 1)) << 1;
    hashes = new long[slots];
    blocks = new int[slots];
    mask = slots - 1;
    Arrays.fill(blocks, EMPTY);
  }

  /** The block of a hash, or -1. */
  int find(long hash) {
    return blocks[slot(hash)];
  }

  /** Enters a block, in place of the one that was there. */
  void put(long hash, int block) {
    int slot = slot(hash);
    hashes[slot] = hash;
    blocks[slot] = block;
  }

  /** Takes a hash out if it leads to this block. */
  void remove(long hash, int block) {
    int hole = slot(hash);
    if (blocks[hole] != block) {
      return;
    }
    // Close the gap: entries further on that would not be found past it move back.
    for (int at = (hole + 1) & mask; blocks[at] != EMPTY; at = (at + 1) & mask) {
      int home = (int) hashes[at] & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        hashes[hole] = hashes[at];
        blocks[hole] = blocks[at];
        hole = at;
      }
    }
    blocks[hole] = EMPTY;
  }

  private int slot(long hash) {
    int slot = (int) hash & mask;
    while (blocks[slot] != EMPTY && hashes[slot] != hash) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
