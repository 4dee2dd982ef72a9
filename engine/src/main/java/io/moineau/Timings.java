package io.moineau;

/**
 * Where the time of a request went. Times are wall-clock nanoseconds.
 *
 * @param queueNanos from submission until its first tokens were computed
 * @param prefillNanos from then until the prompt was computed and the first token chosen
 * @param decodeNanos from then until the last token
 * @param prefillTokens prompt tokens that were computed (those not cached)
 * @param decodeTokens tokens made in the decode time: all but the first
 * @param draftedTokens tokens that were drafted and computed: see {@link Speculation}
 * @param acceptedTokens those of them that are in the answer
 */
public record Timings(
    long queueNanos,
    long prefillNanos,
    long decodeNanos,
    int prefillTokens,
    int decodeTokens,
    int draftedTokens,
    int acceptedTokens) {
  /** Timings of an answer for which nothing was drafted. */
  public Timings(
      long queueNanos, long prefillNanos, long decodeNanos, int prefillTokens, int decodeTokens) {
    this(queueNanos, prefillNanos, decodeNanos, prefillTokens, decodeTokens, 0, 0);
  }

  /** Prompt tokens computed per second; 0 where nothing was. */
  public double prefillTokensPerSecond() {
    return rate(prefillTokens, prefillNanos);
  }

  /** Tokens generated per second after the first; 0 where there were none. */
  public double decodeTokensPerSecond() {
    return rate(decodeTokens, decodeNanos);
  }

  private static double rate(int tokens, long nanos) {
    return nanos <= 0 ? 0 : tokens * 1e9 / nanos;
  }
}
