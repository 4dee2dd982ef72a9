package io.moineau.bench.serve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * What many users saw together.
 *
 * @param name what was done
 * @param streams users at once
 * @param seconds that were counted
 * @param requests that ended
 * @param tokensPerSecond of all answers together, in the seconds that were counted
 * @param promptTokensPerSecond of the prompts of the requests whose first piece of text came then
 * @param first milliseconds from the request to the first piece of text
 * @param gaps milliseconds between two pieces of text of one stream
 * @param starvation largest time for a token of any stream over the median of all gaps; a piece
 *     that holds several tokens, because some are part of a character, counts as so many
 * @param longestPiece largest gap of any stream over the median, however many tokens came with it
 * @param errors what went wrong, each message once, with how often
 */
record LoadFigures(
    String name,
    int streams,
    double seconds,
    int requests,
    double tokensPerSecond,
    double promptTokensPerSecond,
    Quantiles first,
    Quantiles gaps,
    double starvation,
    double longestPiece,
    Map<String, Integer> errors) {
  /** Of results, counting what came after {@code from} and up to {@code to}. */
  static LoadFigures of(String name, int streams, List<StreamResult> results, long from, long to) {
    double seconds = Math.max(1, to - from) / 1e9;
    double tokens = 0;
    double promptTokens = 0;
    List<Long> first = new ArrayList<>();
    LongStream.Builder gaps = LongStream.builder();
    double largest = 0; // nanoseconds for a token
    Map<String, Integer> errors = new LinkedHashMap<>();
    for (StreamResult result : results) {
      if (!result.isWhole()) {
        errors.merge(result.error(), 1, Integer::sum);
        continue;
      }
      tokens += result.tokensWithin(from, to);
      long[] events = result.events();
      if (events.length > 0 && isWithin(events[0], from, to)) {
        first.add(result.firstNanos());
        promptTokens += result.promptTokens();
      }
      for (int i = 1; i < events.length; i++) {
        if (isWithin(events[i - 1], from, to) && isWithin(events[i], from, to)) {
          gaps.add(events[i] - events[i - 1]);
          largest = Math.max(largest, (double) (events[i] - events[i - 1]) / result.tokensIn(i));
        }
      }
    }
    Quantiles gapFigures = Quantiles.ofNanos(gaps.build().toArray());
    return new LoadFigures(
        name,
        streams,
        seconds,
        results.size(),
        tokens / seconds,
        promptTokens / seconds,
        Quantiles.ofNanos(first.stream().mapToLong(Long::longValue).toArray()),
        gapFigures,
        gapFigures.p50() == 0 ? 0 : largest / 1e6 / gapFigures.p50(),
        gapFigures.p50() == 0 ? 0 : gapFigures.largest() / gapFigures.p50(),
        errors);
  }

  private static boolean isWithin(long time, long from, long to) {
    return time - from >= 0 && time - to <= 0;
  }

  int failed() {
    return errors.values().stream().mapToInt(Integer::intValue).sum();
  }
}
