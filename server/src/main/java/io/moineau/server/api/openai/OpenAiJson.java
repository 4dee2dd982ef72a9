package io.moineau.server.api.openai;

import io.moineau.ChatAnswer;
import io.moineau.ExpertUse;
import io.moineau.Moineau;
import io.moineau.TokenLogprob;
import io.moineau.TokenLogprobs;
import io.moineau.Usage;
import io.moineau.server.api.Service;
import io.moineau.text.ToolCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Pieces of JSON that several of OpenAI's endpoints have. */
final class OpenAiJson {
  /** Experts told of an answer: a large model has more than 20,000, most of them used once. */
  private static final int MOST_EXPERTS = 1024;

  private OpenAiJson() {}

  static String newId(String prefix) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return prefix + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong(), 8);
  }

  /** The head that every answer and every chunk of it has. */
  static Map<String, Object> head(Service service, String id, String object, long created) {
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("id", id);
    head.put("object", object);
    head.put("created", created);
    head.put("model", service.modelId());
    head.put("system_fingerprint", service.fingerprint());
    return head;
  }

  @SuppressWarnings("NullAway") // JSON's null is part of the form
  static void put(Map<String, Object> map, String name, @Nullable Object value) {
    map.put(name, value);
  }

  static Map<String, Object> usage(Usage usage, int reasoningTokens) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("prompt_tokens", usage.promptTokens());
    body.put("completion_tokens", usage.completionTokens());
    body.put("total_tokens", usage.totalTokens());
    body.put("prompt_tokens_details", Map.of("cached_tokens", usage.cachedTokens()));
    body.put("completion_tokens_details", Map.of("reasoning_tokens", reasoningTokens));
    return body;
  }

  /** What no other server tells: the experts that the answers together used. */
  static Map<String, Object> moineau(List<ChatAnswer> answers) {
    List<ExpertUse> used = ExpertUse.sum(answers.stream().map(ChatAnswer::experts).toList());
    List<Object> experts = new ArrayList<>();
    for (ExpertUse use : used.subList(0, Math.min(used.size(), MOST_EXPERTS))) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("layer", use.layer());
      entry.put("expert", use.expert());
      entry.put("tokens", use.tokens());
      experts.add(entry);
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("experts_used", used.size());
    body.put("experts", experts);
    return body;
  }

  /** Several answers to one prompt: its tokens count once. */
  static Usage sum(List<Usage> usages) {
    int completion = usages.stream().mapToInt(Usage::completionTokens).sum();
    return new Usage(
        usages.getFirst().promptTokens(), usages.getFirst().cachedTokens(), completion);
  }

  static int reasoningTokens(Moineau moineau, String reasoning) {
    return reasoning.isEmpty() ? 0 : moineau.tokenize(reasoning, false, false).length;
  }

  static Map<String, Object> toolCall(ToolCall call) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", call.name());
    function.put("arguments", call.arguments());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", call.id());
    body.put("type", "function");
    body.put("function", function);
    return body;
  }

  /** {@code choices[].logprobs} of a chat. */
  static Map<String, Object> logprobs(List<TokenLogprobs> steps) {
    List<Object> content = new ArrayList<>();
    for (TokenLogprobs step : steps) {
      Map<String, Object> entry = logprob(step.chosen());
      entry.put("top_logprobs", step.top().stream().map(OpenAiJson::logprob).toList());
      content.add(entry);
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("content", content);
    put(body, "refusal", null);
    return body;
  }

  private static Map<String, Object> logprob(TokenLogprob token) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("token", token.text());
    entry.put("logprob", finite(token.logprob()));
    // Part of a character has no text of its own: then nothing is told, as the API allows.
    put(entry, "bytes", token.text().indexOf('\ufffd') >= 0 ? null : bytes(token.text()));
    return entry;
  }

  private static List<Object> bytes(String text) {
    List<Object> bytes = new ArrayList<>();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      bytes.add(b & 0xff);
    }
    return bytes;
  }

  /** JSON has no infinity: OpenAI's API says -9999 of what is as good as impossible. */
  static double finite(double logprob) {
    return Math.max(logprob, -9999.0);
  }
}
