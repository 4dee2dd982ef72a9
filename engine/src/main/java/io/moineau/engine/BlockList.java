package io.moineau.engine;

/**
 * Free blocks in the order in which they became free. Two lists may share their links, since a
 * block is in one at most; one that is found by its hash leaves from the middle.
 */
final class BlockList {
  static final int NONE = -1;

  private final int[] next; // [numBlocks]
  private final int[] previous;
  private int head = NONE;
  private int tail = NONE;
  private int size;

  BlockList(int[] next, int[] previous) {
    this.next = next;
    this.previous = previous;
  }

  int size() {
    return size;
  }

  /** The block that became free longest ago, or -1. */
  int first() {
    return head;
  }

  /** The block that became free after {@code block}, or -1. */
  int after(int block) {
    return next[block];
  }

  void append(int block) {
    next[block] = NONE;
    previous[block] = tail;
    if (tail == NONE) {
      head = block;
    } else {
      next[tail] = block;
    }
    tail = block;
    size++;
  }

  void unlink(int block) {
    int before = previous[block];
    int after = next[block];
    if (before == NONE) {
      head = after;
    } else {
      next[before] = after;
    }
    if (after == NONE) {
      tail = before;
    } else {
      previous[after] = before;
    }
    size--;
  }
}
