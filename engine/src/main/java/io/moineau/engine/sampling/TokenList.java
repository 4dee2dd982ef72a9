package io.moineau.engine.sampling;

import java.util.Arrays;

/** Tokens of a sequence, oldest first: an array that grows. */
public final class TokenList {
  private int[] tokens;
  private int size;

  /** Starts with a copy of these. */
  public TokenList(int... first) {
    tokens = Arrays.copyOf(first, Math.max(16, first.length + 64));
    size = first.length;
  }

  /** Adds one at the end. */
  public void add(int token) {
    if (size == tokens.length) {
      tokens = Arrays.copyOf(tokens, size + (size >> 1));
    }
    tokens[size++] = token;
  }

  /** How many there are. */
  public int size() {
    return size;
  }

  /** The one at {@code index}, counted from the oldest, from 0. */
  public int get(int index) {
    return tokens[index];
  }

  /** The one {@code back} before the newest; 0 is the newest. */
  public int fromEnd(int back) {
    return tokens[size - 1 - back];
  }

  /** Whether tokens from {@code at} on equal {@code count} of {@code other} from {@code from}. */
  public boolean matches(int at, int[] other, int from, int count) {
    return Arrays.equals(tokens, at, at + count, other, from, from + count);
  }

  /** How many tokens from the first on equal those of another list. */
  public int commonPrefix(TokenList other) {
    int n = Math.min(size, other.size);
    int at = Arrays.mismatch(tokens, 0, n, other.tokens, 0, n);
    return at < 0 ? n : at;
  }

  /** Copies {@code count} from {@code at} on into {@code target}. */
  public void copyTo(int at, int[] target, int to, int count) {
    System.arraycopy(tokens, at, target, to, count);
  }

  /** A copy from {@code from} to the end. */
  public int[] copyFrom(int from) {
    return Arrays.copyOfRange(tokens, from, size);
  }
}
