package io.moineau.server.api.ollama;

import io.moineau.FinishReason;
import io.moineau.ModelCard;
import io.moineau.Timings;
import io.moineau.TokenLogprob;
import io.moineau.TokenLogprobs;
import io.moineau.Usage;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Functions;
import io.moineau.server.json.JsonMap;
import io.moineau.text.ToolCall;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Pieces of JSON that several of Ollama's endpoints have. */
final class OllamaJson {
  private OllamaJson() {}

  /** The head of every line. */
  static Map<String, Object> head(Service service) {
    return JsonMap.of("model", name(service), "created_at", Instant.now().toString());
  }

  /** Names have a tag in this API. */
  static String name(Service service) {
    String id = service.modelId();
    return id.contains(":") ? id : id + ":latest";
  }

  /** What the last line tells. Times are nanoseconds. */
  static void end(
      Map<String, Object> line, FinishReason reason, Usage usage, Timings timings, long nanos) {
    line.put("done", true);
    line.put("done_reason", reason == FinishReason.LENGTH ? "length" : "stop");
    line.put("total_duration", nanos);
    line.put("load_duration", 0L); // the model is there before the server is
    line.put("prompt_eval_count", usage.promptTokens());
    line.put("prompt_eval_duration", timings.prefillNanos());
    line.put("eval_count", usage.completionTokens());
    line.put("eval_duration", timings.decodeNanos());
  }

  /** A call; its arguments are an object in this API. */
  static Map<String, Object> call(ToolCall call) {
    Map<?, ?> arguments = Functions.object(call.arguments());
    return JsonMap.of(
        "id",
        call.id(),
        "function",
        JsonMap.of(
            "name", call.name(), "arguments", arguments == null ? call.arguments() : arguments));
  }

  static List<Object> logprobs(List<TokenLogprobs> steps) {
    List<Object> entries = new ArrayList<>();
    for (TokenLogprobs step : steps) {
      Map<String, Object> entry = logprob(step.chosen());
      if (!step.top().isEmpty()) {
        entry.put("top_logprobs", step.top().stream().map(OllamaJson::logprob).toList());
      }
      entries.add(entry);
    }
    return entries;
  }

  private static Map<String, Object> logprob(TokenLogprob token) {
    List<Object> bytes = new ArrayList<>();
    for (byte b : token.text().getBytes(StandardCharsets.UTF_8)) {
      bytes.add(b & 0xff);
    }
    return JsonMap.of(
        "token", token.text(), "logprob", Math.max(token.logprob(), -9999.0), "bytes", bytes);
  }

  static List<List<Float>> numbers(float[][] vectors) {
    List<List<Float>> all = new ArrayList<>();
    for (float[] vector : vectors) {
      List<Float> numbers = new ArrayList<>(vector.length);
      for (float x : vector) {
        numbers.add(x);
      }
      all.add(numbers);
    }
    return all;
  }

  static Map<String, Object> details(ModelCard card) {
    return JsonMap.of(
        "parent_model",
        "",
        "format",
        "gguf",
        "family",
        card.architecture(),
        "families",
        List.of(card.architecture()),
        "parameter_size",
        parameters(card.parameters()),
        "quantization_level",
        card.quantization());
  }

  private static String parameters(long count) {
    if (count >= 1_000_000_000L) {
      return String.format(Locale.ROOT, "%.1fB", count / 1e9);
    }
    return count >= 1_000_000L
        ? String.format(Locale.ROOT, "%.1fM", count / 1e6)
        : Long.toString(count);
  }

  /** An entry of the lists of models; {@code modified} is when the server started. */
  static Map<String, Object> entry(Service service) {
    ModelCard card = service.moineau().card();
    return JsonMap.of(
        "name",
        name(service),
        "model",
        name(service),
        "modified_at",
        Instant.ofEpochSecond(service.startedAt()).toString(),
        "size",
        card.fileBytes(),
        "digest",
        digest(card),
        "details",
        details(card));
  }

  /**
   * Tells models apart. Of what describes the model and not of its bytes: those of a large file
   * take minutes to read.
   */
  private static String digest(ModelCard card) {
    String described =
        String.join(
            "\n",
            card.name(),
            card.architecture(),
            card.quantization(),
            Long.toString(card.fileBytes()),
            Long.toString(card.parameters()),
            Integer.toString(card.vocabularySize()));
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(described.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
