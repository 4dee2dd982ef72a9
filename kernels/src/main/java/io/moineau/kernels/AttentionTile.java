package io.moineau.kernels;

/**
 * Tokens of one sequence and query heads of one key-value head, whose attention is computed
 * together. Each token sees its own range of positions. One object is reused per thread.
 */
public final class AttentionTile {
  private int tokenFrom;
  private int tokenTo;
  private int headFrom;
  private int headTo;
  private int[] from = new int[0]; // per token of the tile
  private int[] to = new int[0];
  private long partial;
  private long tokenBytes;
  private long headBytes;

  AttentionTile() {}

  void set(int newTokenFrom, int newTokenTo, int newHeadFrom, int newHeadTo) {
    tokenFrom = newTokenFrom;
    tokenTo = newTokenTo;
    headFrom = newHeadFrom;
    headTo = newHeadTo;
    if (from.length < tokenTo - tokenFrom) {
      from = new int[tokenTo - tokenFrom];
      to = new int[tokenTo - tokenFrom];
    }
  }

  void sees(int token, int newFrom, int newTo) {
    from[token - tokenFrom] = newFrom;
    to[token - tokenFrom] = newTo;
  }

  void result(long newPartial, long newTokenBytes, long newHeadBytes) {
    partial = newPartial;
    tokenBytes = newTokenBytes;
    headBytes = newHeadBytes;
  }

  /** The first token, a row of the batch. */
  public int tokenFrom() {
    return tokenFrom;
  }

  /** The token after the last. */
  public int tokenTo() {
    return tokenTo;
  }

  /** The first query head. */
  public int headFrom() {
    return headFrom;
  }

  /** The query head after the last. */
  public int headTo() {
    return headTo;
  }

  /** The first position that a token sees. */
  public int from(int token) {
    return from[token - tokenFrom];
  }

  /** The position after the last that a token sees; not above {@link #from} if it sees none. */
  public int to(int token) {
    return to[token - tokenFrom];
  }

  /** Where the partial result goes, in the form of {@link KernelProvider#attend}. */
  public long partialAddress(int tokenOfTile, int headOfTile) {
    return partial + tokenOfTile * tokenBytes + headOfTile * headBytes;
  }
}
