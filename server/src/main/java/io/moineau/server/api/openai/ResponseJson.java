package io.moineau.server.api.openai;

import io.moineau.ChatAnswer;
import io.moineau.FinishReason;
import io.moineau.TokenLogprobs;
import io.moineau.Usage;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Ids;
import io.moineau.server.json.JsonMap;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A response of OpenAI's API and the items that it is made of. */
final class ResponseJson {
  private final Service service;
  private final ResponsesRequest asked;
  private final String id = Ids.of("resp_");
  private final long created = System.currentTimeMillis() / 1000;

  ResponseJson(Service service, ResponsesRequest asked) {
    this.service = service;
    this.asked = asked;
  }

  /** One that is being made, with nothing in it yet. */
  Map<String, Object> inProgress() {
    return response("in_progress", List.of(), null, null, null);
  }

  /** One that is complete, or cut off at its most tokens. */
  Map<String, Object> ended(ChatAnswer answer, List<Object> output) {
    boolean whole = answer.finishReason() != FinishReason.LENGTH;
    return response(
        whole ? "completed" : "incomplete",
        output,
        null,
        whole ? null : JsonMap.of("reason", "max_output_tokens"),
        usage(answer));
  }

  /** One that failed on the way. */
  Map<String, Object> failed(String code, String message, List<Object> output) {
    return response("failed", output, JsonMap.of("code", code, "message", message), null, null);
  }

  private Map<String, Object> response(
      String status,
      List<Object> output,
      @Nullable Object error,
      @Nullable Object incomplete,
      @Nullable Object usage) {
    Map<String, Object> response =
        JsonMap.of(
            "id",
            id,
            "object",
            "response",
            "created_at",
            created,
            "status",
            status,
            "background",
            false,
            "completed_at",
            status.equals("completed") ? System.currentTimeMillis() / 1000 : null,
            "error",
            error,
            "incomplete_details",
            incomplete,
            "model",
            service.modelId(),
            "output",
            List.copyOf(output));
    response.putAll(asked.echo());
    response.putAll(JsonMap.of("usage", usage));
    return response;
  }

  private Map<String, Object> usage(ChatAnswer answer) {
    Usage usage = answer.usage();
    int reasoning = OpenAiJson.reasoningTokens(service.moineau(), answer.message().reasoning());
    return JsonMap.of(
        "input_tokens",
        usage.promptTokens(),
        "input_tokens_details",
        Map.of("cached_tokens", usage.cachedTokens()),
        "output_tokens",
        usage.completionTokens(),
        "output_tokens_details",
        Map.of("reasoning_tokens", reasoning),
        "total_tokens",
        usage.totalTokens());
  }

  /** The items of a whole answer. */
  static List<Object> output(ChatAnswer answer) {
    List<Object> items = new ArrayList<>();
    String status = status(answer);
    if (!answer.message().reasoning().isEmpty()) {
      items.add(reasoning(Ids.of("rs_"), answer.message().reasoning(), status));
    }
    List<ToolCall> calls = answer.message().toolCalls();
    if (!answer.message().content().isEmpty() || calls.isEmpty()) {
      items.add(message(Ids.of("msg_"), answer.message().content(), status, answer.logprobs()));
    }
    for (ToolCall call : calls) {
      items.add(call(Ids.of("fc_"), call, status));
    }
    return items;
  }

  /** The status of what came last in an answer. */
  static String status(ChatAnswer answer) {
    return answer.finishReason() == FinishReason.LENGTH ? "incomplete" : "completed";
  }

  static Map<String, Object> reasoning(String id, String text, String status) {
    return JsonMap.of(
        "id",
        id,
        "type",
        "reasoning",
        "summary",
        List.of(),
        "content",
        text.isEmpty() ? List.of() : List.of(reasoningText(text)),
        "status",
        status);
  }

  static Map<String, Object> reasoningText(String text) {
    return JsonMap.of("type", "reasoning_text", "text", text);
  }

  static Map<String, Object> message(
      String id, String text, String status, List<TokenLogprobs> logprobs) {
    boolean begun = !status.equals("in_progress");
    return JsonMap.of(
        "id",
        id,
        "type",
        "message",
        "status",
        status,
        "role",
        "assistant",
        "content",
        begun ? List.of(outputText(text, logprobs)) : List.of());
  }

  static Map<String, Object> outputText(String text, List<TokenLogprobs> logprobs) {
    return JsonMap.of(
        "type",
        "output_text",
        "text",
        text,
        "annotations",
        List.of(),
        "logprobs",
        logprobs.isEmpty() ? List.of() : OpenAiJson.logprobs(logprobs).get("content"));
  }

  static Map<String, Object> call(String id, ToolCall call, String status) {
    return JsonMap.of(
        "id",
        id,
        "type",
        "function_call",
        "status",
        status,
        "call_id",
        call.id(),
        "name",
        call.name(),
        "arguments",
        call.arguments());
  }
}
