package io.moineau.server.api.openai;

import io.moineau.Usage;
import io.moineau.server.json.JsonObject;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What of its tokens a stream tells: nothing, all of them after its end ({@code include_usage}), or
 * those up to then with every chunk too ({@code continuous_usage_stats}, as vLLM names it).
 *
 * @param atEnd whether a last chunk tells it
 * @param eachChunk whether every chunk does; only with {@code atEnd}
 */
record StreamUsage(boolean atEnd, boolean eachChunk) {
  /** What the field {@code stream_options} supports. */
  static final String FIELDS = "include_usage; continuous_usage_stats (beyond OpenAI's API)";

  static StreamUsage read(JsonObject body) {
    return body.object("stream_options")
        .map(options -> {
          boolean atEnd = options.bool("include_usage", false);
          return new StreamUsage(atEnd, atEnd && options.bool("continuous_usage_stats", false));
        })
        .orElse(new StreamUsage(false, false));
  }

  /** Adds to a chunk of one answer what is told of its tokens. */
  void addTo(Map<String, Object> chunk, Supplier<Usage> soFar) {
    if (eachChunk) {
      Usage usage = soFar.get();
      chunk.put(
          "usage",
          Map.of(
              "prompt_tokens", usage.promptTokens(),
              "completion_tokens", usage.completionTokens(),
              "total_tokens", usage.totalTokens()));
    } else if (atEnd) {
      OpenAiJson.put(chunk, "usage", null); // only the last chunk has it
    }
  }
}
