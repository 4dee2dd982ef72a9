package io.moineau.engine.sampling;

/** How often each token occurs: open addressing, linear probing, no boxing. */
final class TokenCounts {
  private int[] tokens = new int[128];
  private int[] counts = new int[128]; // 0: the slot is empty, or its token left
  private boolean[] used = new boolean[128];
  private int filled;

  void add(int token) {
    if (2 * (filled + 1) > tokens.length) {
      grow();
    }
    int slot = slot(token);
    if (!used[slot]) {
      used[slot] = true;
      tokens[slot] = token;
      filled++;
    }
    counts[slot]++;
  }

  void remove(int token) {
    int slot = slot(token);
    if (used[slot] && counts[slot] > 0) {
      counts[slot]--;
    }
  }

  /** Keeps the larger of the count and {@code count}. */
  void raise(int token, int count) {
    if (get(token) < count) {
      add(token);
      counts[slot(token)] = count;
    }
  }

  int get(int token) {
    int slot = slot(token);
    return used[slot] ? counts[slot] : 0;
  }

  void clear() {
    java.util.Arrays.fill(used, false);
    java.util.Arrays.fill(counts, 0);
    filled = 0;
  }

  /** Slots to walk over with {@link #tokenAt} and {@link #countAt}. */
  int slots() {
    return tokens.length;
  }

  int tokenAt(int slot) {
    return tokens[slot];
  }

  /** 0 where there is nothing. */
  int countAt(int slot) {
    return used[slot] ? counts[slot] : 0;
  }

  private int slot(int token) {
    int mask = tokens.length - 1;
    int slot = (token * 0x9E3779B1) >>> 7 & mask;
    while (used[slot] && tokens[slot] != token) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    int[] oldTokens = tokens;
    int[] oldCounts = counts;
    tokens = new int[oldTokens.length * 2];
    counts = new int[oldTokens.length * 2];
    used = new boolean[oldTokens.length * 2];
    filled = 0;
    for (int i = 0; i < oldTokens.length; i++) {
      if (oldCounts[i] > 0) {
        int slot = slot(oldTokens[i]);
        used[slot] = true;
        tokens[slot] = oldTokens[i];
        counts[slot] = oldCounts[i];
        filled++;
      }
    }
  }
}
