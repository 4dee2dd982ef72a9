package io.moineau.bench.serve;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * What one user asks for.
 *
 * @param prompt tokens, or numbers that stand for words where chats are asked for
 * @param maxTokens of the answer, which does not end before
 */
record StreamRequest(int[] prompt, int maxTokens) {
  /** Plain words, of which each is a token or two in most vocabularies. */
  private static final String[] WORDS = {
    "the", "sparrow", "sat", "on", "a", "wall", "and", "sang", "of", "rain", "bread", "small",
    "bright", "morning", "window", "garden", "river", "stone", "home", "winter", "light", "never"
  };

  /** A prompt of random tokens, which no prefix cache has met before. */
  static StreamRequest random(Random random, int promptTokens, int maxTokens, int vocabulary) {
    return new StreamRequest(random.ints(promptTokens, 0, vocabulary).toArray(), maxTokens);
  }

  /** The body of {@code /v1/completions}. */
  String completion(String model) {
    return "{\"model\":\"%s\",\"prompt\":%s,%s}"
        .formatted(model, Arrays.toString(prompt), settings());
  }

  /** The body of {@code /v1/chat/completions}. */
  String chat(String model) {
    String words =
        Arrays.stream(prompt)
            .mapToObj(token -> WORDS[token % WORDS.length])
            .collect(Collectors.joining(" "));
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],%s}"
        .formatted(model, words, settings());
  }

  private String settings() {
    return "\"max_tokens\":"
        + maxTokens
        + ",\"temperature\":0,\"ignore_eos\":true,\"stream\":true"
        + ",\"stream_options\":{\"include_usage\":true,\"continuous_usage_stats\":true}";
  }
}
