package io.moineau.bench.serve;

/**
 * What one user saw. Times are of {@link System#nanoTime}.
 *
 * @param sent when the request was sent
 * @param events when each piece of text arrived
 * @param upTo tokens of the answer up to each of them, where the server tells
 * @param promptTokens as the answer's usage says
 * @param tokens the same of the answer; a piece may hold several, and a token may give none where
 *     it is part of a character
 * @param error what went wrong; empty if the answer came whole
 */
record StreamResult(
    long sent, long[] events, int[] upTo, int promptTokens, int tokens, String error) {
  static StreamResult failed(long sent, long[] events, String error) {
    return new StreamResult(sent, events, new int[0], 0, 0, error);
  }

  boolean isWhole() {
    return error.isEmpty();
  }

  /** Nanoseconds until the first piece of text; -1 where none came. */
  long firstNanos() {
    return events.length == 0 ? -1 : events[0] - sent;
  }

  /** Nanoseconds between pieces of text. */
  long[] gaps() {
    long[] gaps = new long[Math.max(0, events.length - 1)];
    for (int i = 0; i < gaps.length; i++) {
      gaps[i] = events[i + 1] - events[i];
    }
    return gaps;
  }

  /** Tokens that a piece of text holds, those before it that gave no text included. */
  int tokensIn(int piece) {
    return piece == 0 || piece >= upTo.length ? 1 : Math.max(1, upTo[piece] - upTo[piece - 1]);
  }

  /** Tokens that came after {@code from} and up to {@code to}, each piece holding as many. */
  double tokensWithin(long from, long to) {
    int within = 0;
    for (long event : events) {
      if (event - from > 0 && event - to <= 0) {
        within++;
      }
    }
    return events.length == 0 ? 0 : (double) tokens * within / events.length;
  }
}
