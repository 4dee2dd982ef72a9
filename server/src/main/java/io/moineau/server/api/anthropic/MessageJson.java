package io.moineau.server.api.anthropic;

import io.moineau.ChatAnswer;
import io.moineau.FinishReason;
import io.moineau.Usage;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Functions;
import io.moineau.server.json.JsonMap;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pieces of JSON that a whole message and a streamed one share. */
final class MessageJson {
  private MessageJson() {}

  /** A whole message. */
  static Map<String, Object> message(
      Service service,
      String id,
      List<Object> content,
      @Nullable String stopReason,
      String stopSequence,
      Map<String, Object> usage) {
    return JsonMap.of(
        "id",
        id,
        "type",
        "message",
        "role",
        "assistant",
        "model",
        service.modelId(),
        "content",
        content,
        "stop_reason",
        stopReason,
        "stop_sequence",
        stopSequence.isEmpty() ? null : stopSequence,
        "usage",
        usage);
  }

  /** The blocks of an answer. */
  static List<Object> content(ChatAnswer answer, boolean showThinking) {
    List<Object> blocks = new ArrayList<>();
    String reasoning = answer.message().reasoning();
    if (!reasoning.isEmpty()) {
      blocks.add(thinking(showThinking ? reasoning : ""));
    }
    if (!answer.message().content().isEmpty()) {
      blocks.add(text(answer.message().content()));
    }
    for (ToolCall call : answer.message().toolCalls()) {
      Map<?, ?> input = Functions.object(call.arguments());
      // A call that was cut off has no arguments that anybody may act upon: it is told as text.
      blocks.add(
          input == null
              ? text(call.name() + " " + call.arguments())
              : toolUse(call.id(), call.name(), input));
    }
    return blocks;
  }

  static Map<String, Object> text(String text) {
    return JsonMap.of("type", "text", "text", text, "citations", null);
  }

  static Map<String, Object> thinking(String text) {
    return JsonMap.of("type", "thinking", "thinking", text, "signature", "");
  }

  static Map<String, Object> toolUse(String id, String name, Map<?, ?> input) {
    return JsonMap.of("type", "tool_use", "id", id, "name", name, "input", input);
  }

  /** Tokens; those of the prompt that were computed and those that were cached are told apart. */
  static Map<String, Object> usage(Usage usage) {
    return JsonMap.of(
        "input_tokens",
        usage.promptTokens() - usage.cachedTokens(),
        "cache_creation_input_tokens",
        0,
        "cache_read_input_tokens",
        usage.cachedTokens(),
        "output_tokens",
        usage.completionTokens(),
        "service_tier",
        "standard");
  }

  /** Why an answer ended. */
  static String stopReason(ChatAnswer answer, String stopSequence, int maxTokens) {
    return switch (answer.finishReason()) {
      case TOOL_CALLS -> "tool_use";
      case LENGTH ->
          answer.usage().completionTokens() < maxTokens
              ? "model_context_window_exceeded"
              : "max_tokens";
      case STOP, CANCELLED -> stopSequence.isEmpty() ? "end_turn" : "stop_sequence";
    };
  }

  /** The stop sequence that is told: that of an answer which ended at one. */
  static String stopSequence(ChatAnswer answer, String stopString) {
    return answer.finishReason() == FinishReason.STOP ? stopString : "";
  }
}
