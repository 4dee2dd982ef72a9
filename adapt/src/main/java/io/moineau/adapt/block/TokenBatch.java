package io.moineau.adapt.block;

import java.util.Arrays;

/**
 * Tokens of packed documents, one after another, with what each is to predict.
 *
 * <p>A segment is a document's piece: positions count from its first token, and attention stays
 * within it.
 */
public final class TokenBatch {
  /** A target that does not count. */
  public static final int NO_TARGET = -1;

  private final int[] tokens;
  private final int[] targets;
  private final int[] positions;
  private final int[] starts;
  private int size;
  private int segments;
  private int counted;

  /** An empty batch for so many tokens. */
  public TokenBatch(int maxTokens) {
    tokens = new int[maxTokens];
    targets = new int[maxTokens];
    positions = new int[maxTokens];
    starts = new int[maxTokens + 1];
  }

  /** Forgets all tokens. */
  public void clear() {
    size = 0;
    segments = 0;
    counted = 0;
  }

  /** Tokens that still fit. */
  public int room() {
    return tokens.length - size;
  }

  /** Begins a segment; the next token has position 0. */
  public void beginSegment() {
    if (segments == 0 || starts[segments - 1] != size) {
      starts[segments++] = size;
    }
  }

  /** Adds a token of the current segment, and the one it is to predict or {@link #NO_TARGET}. */
  public void add(int token, int target) {
    if (segments == 0) {
      beginSegment();
    }
    tokens[size] = token;
    targets[size] = target;
    positions[size] = size - starts[segments - 1];
    if (target != NO_TARGET) {
      counted++;
    }
    size++;
  }

  /** Adds a segment of which each token predicts the next; the last token is target only. */
  public TokenBatch addText(int... text) {
    beginSegment();
    for (int i = 0; i + 1 < text.length; i++) {
      add(text[i], text[i + 1]);
    }
    return this;
  }

  /** Tokens. */
  public int size() {
    return size;
  }

  /** Tokens with a target. */
  public int counted() {
    return counted;
  }

  /** Segments. */
  public int segments() {
    return segments;
  }

  /** The first token of a segment; that of the last plus one is {@link #size}. */
  public int start(int segment) {
    return segment == segments ? size : starts[segment];
  }

  /** Token {@code i}. */
  public int token(int i) {
    return tokens[i];
  }

  /** The target of token {@code i}. */
  public int target(int i) {
    return targets[i];
  }

  /** The position of token {@code i} in its segment. */
  public int position(int i) {
    return positions[i];
  }

  @Override
  public String toString() {
    return segments + " segments: " + Arrays.toString(Arrays.copyOf(tokens, size));
  }
}
