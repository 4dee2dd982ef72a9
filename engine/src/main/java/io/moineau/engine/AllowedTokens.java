package io.moineau.engine;

import io.moineau.text.TokenConstraint;
import java.util.Arrays;

/** Takes from logits what a constraint does not allow, before any sampler sees them. */
final class AllowedTokens {
  private final int[] ends;
  private long[] mask = new long[0];

  /**
   * Of a model.
   *
   * @param ends tokens that end a turn
   */
  AllowedTokens(int[] ends) {
    this.ends = ends;
  }

  /**
   * Sets all other logits to minus infinity.
   *
   * @param stopTokens of the sequence: a token that ends a turn and is not among them may not come
   * @return whether there is a token that may come; if not, the text is whole
   * @throws EngineException {@code constraint-dead-end} if the text is not whole either
   */
  boolean apply(TokenConstraint constraint, float[] logits, int[] stopTokens) {
    if (mask.length == 0) {
      mask = new long[Math.ceilDiv(logits.length, Long.SIZE)];
    }
    constraint.allowed(mask);
    for (int end : ends) {
      if (!contains(stopTokens, end)) {
        mask[end >> 6] &= ~(1L << end);
      }
    }
    boolean any = false;
    for (int word = 0; word < mask.length; word++) {
      long bits = mask[word];
      int from = word * Long.SIZE;
      any |= bits != 0;
      if (bits == 0) { // most words: a loop that the compiler turns into vectors
        Arrays.fill(
            logits, from, Math.min(from + Long.SIZE, logits.length), Float.NEGATIVE_INFINITY);
        continue;
      }
      for (long not = ~bits; not != 0; not &= not - 1) {
        int token = from + Long.numberOfTrailingZeros(not);
        if (token >= logits.length) {
          break;
        }
        logits[token] = Float.NEGATIVE_INFINITY;
      }
    }
    if (!any && !constraint.canEnd()) {
      throw new EngineException(
          "constraint-dead-end",
          "no token of the model fits what the answer must look like",
          "in the middle of the text",
          "text that the vocabulary can spell",
          "ask for another format");
    }
    return any;
  }

  private static boolean contains(int[] tokens, int token) {
    for (int candidate : tokens) {
      if (candidate == token) {
        return true;
      }
    }
    return false;
  }
}
