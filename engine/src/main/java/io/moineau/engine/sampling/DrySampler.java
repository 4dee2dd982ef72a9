package io.moineau.engine.sampling;

/**
 * Do not repeat yourself: a penalty on each token that would continue a repetition of what stands
 * at the end, growing with the length of that repetition (p-e-w, text-generation-webui pull request
 * 5677; as llama.cpp computes it).
 *
 * <p>Reading backwards from the newest token, the Z-algorithm gives for each earlier place how many
 * tokens before it equal the newest ones; the token that came next there would continue the
 * repetition. Breakers bound its length.
 */
final class DrySampler implements Sampler {
  /** Natural logarithm of the largest float. */
  private static final double LOG_OF_LARGEST = 88.7228391;

  private final TokenList history;
  private final float multiplier;
  private final double base;
  private final int allowedLength;
  private final int lastN;
  private final SequenceBreakers breakers;
  private final int largestExponent;
  private final TokenCounts longest = new TokenCounts();
  private int[] repeats = new int[64]; // [back]: tokens that end there and equal the newest

  /** {@code lastN} of -1 sees the whole history. */
  DrySampler(
      TokenList history,
      double multiplier,
      double base,
      int allowedLength,
      int lastN,
      SequenceBreakers breakers) {
    this.history = history;
    this.multiplier = (float) multiplier;
    this.base = base;
    this.allowedLength = allowedLength;
    this.lastN = lastN;
    this.breakers = breakers;
    this.largestExponent = base > 1.000001 ? (int) (LOG_OF_LARGEST / Math.log(base)) : 0;
  }

  @Override
  public void apply(Candidates candidates) {
    int n = lastN < 0 ? history.size() : Math.min(history.size(), lastN);
    if (n <= allowedLength) {
      return;
    }
    int limit = limit(n);
    if (limit < allowedLength) {
      return;
    }
    countRepeats(n, limit);
    longest.clear();
    for (int back = 1; back < n; back++) {
      if (repeats[back] >= allowedLength) {
        // Stored plus one, since a count of 0 means that there is none.
        longest.raise(history.fromEnd(back - 1), repeats[back] + 1);
      }
    }
    for (int i = 0; i < candidates.size(); i++) {
      int length = longest.get(candidates.id(i)) - 1;
      if (length >= 0 && !breakers.isSingle(candidates.id(i))) {
        int exponent = length - allowedLength;
        if (largestExponent > 0) {
          exponent = Math.min(exponent, largestExponent);
        }
        float penalty = (float) (multiplier * Math.pow(base, exponent));
        candidates.setLogit(i, candidates.logit(i) - penalty);
      }
    }
  }

  /** How long a repetition may be before it meets the newest breaker. */
  private int limit(int n) {
    for (int back = 0; back < n; back++) {
      int tail = breakers.longestTail(history, back);
      if (tail >= 0) {
        return back - tail;
      }
    }
    return n;
  }

  private void countRepeats(int n, int limit) {
    if (repeats.length < n) {
      repeats = new int[n + n / 2];
    }
    repeats[0] = 0;
    int left = 0; // the box [left, right] repeats the newest tokens
    int right = 0;
    for (int k = 1; k < n; k++) {
      int length = k <= right ? Math.min(repeats[k - left], right - k + 1) : 0;
      while (k + length < n && history.fromEnd(length) == history.fromEnd(k + length)) {
        length++;
      }
      if (k + length - 1 > right) {
        left = k;
        right = k + length - 1;
      }
      repeats[k] = length;
    }
    for (int k = 1; k < n; k++) {
      repeats[k] = Math.min(repeats[k], limit);
    }
  }
}
