package io.moineau.bench.serve;

import java.util.List;
import java.util.stream.LongStream;

/**
 * What a long prompt does to streams that run already.
 *
 * @param others streams that ran
 * @param promptTokens of the prompt that arrived
 * @param before milliseconds between two pieces of text of the others, until it arrived
 * @param during the same until its first token
 * @param chunkMillis milliseconds until the first token of a prompt of one chunk, alone
 * @param firstMillis milliseconds until its first token
 * @param error what went wrong; empty if nothing did
 */
record LongPromptFigures(
    int others,
    int promptTokens,
    Quantiles before,
    Quantiles during,
    double chunkMillis,
    double firstMillis,
    String error) {
  /** Left out of the time before the prompt came, while the others' own prompts are computed. */
  private static final double SETTLING_SHARE = 0.5;

  static LongPromptFigures of(
      List<StreamResult> results,
      StreamResult arriving,
      StreamResult chunk,
      int promptTokens,
      double secondsBefore) {
    String error = arriving.error().isEmpty() ? chunk.error() : arriving.error();
    LongStream.Builder before = LongStream.builder();
    LongStream.Builder during = LongStream.builder();
    long settled = arriving.sent() - (long) (secondsBefore * SETTLING_SHARE * 1e9);
    long first = arriving.sent() + Math.max(0, arriving.firstNanos());
    for (StreamResult result : results) {
      error = error.isEmpty() ? result.error() : error;
      long[] events = result.events();
      for (int i = 1; i < events.length; i++) {
        if (events[i - 1] - settled >= 0 && events[i] - arriving.sent() <= 0) {
          before.add(events[i] - events[i - 1]);
        } else if (events[i] - arriving.sent() > 0 && events[i - 1] - first <= 0) {
          during.add(events[i] - events[i - 1]);
        }
      }
      if (error.isEmpty() && (events.length == 0 || events[events.length - 1] - first < 0)) {
        error = "another stream ended before the long prompt was computed: ask for longer answers";
      }
    }
    return new LongPromptFigures(
        results.size(),
        promptTokens,
        Quantiles.ofNanos(before.build().toArray()),
        Quantiles.ofNanos(during.build().toArray()),
        chunk.firstNanos() / 1e6,
        arriving.firstNanos() / 1e6,
        error);
  }

  /** Milliseconds that the largest gap has over the median gap before. */
  double added() {
    return during.largest() - before.p50();
  }
}
