package io.moineau.springai;

import io.moineau.ChatAnswer;
import io.moineau.Usage;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;

/** Moineau's answers as Spring AI's. */
final class Answers {
  /** Where a message keeps what the model reasoned; it goes back to the model from there. */
  static final String WHOLE_REASONING = "reasoning";

  /** Where a piece of a stream has its piece of the reasoning. */
  static final String REASONING_PIECE = "reasoningContent";

  private final String id = "moineau-" + UUID.randomUUID();
  private final String modelName;

  Answers(String modelName) {
    this.modelName = modelName;
  }

  /** A whole answer, or the end of a stream, whose text was told before. */
  ChatResponse end(ChatAnswer answer, boolean streamed) {
    List<AssistantMessage.ToolCall> calls = new ArrayList<>();
    for (ToolCall call : answer.message().toolCalls()) {
      calls.add(new AssistantMessage.ToolCall(call.id(), "function", call.name(), arguments(call)));
    }
    String reasoning = answer.message().reasoning();
    AssistantMessage message =
        AssistantMessage.builder()
            .content(streamed ? "" : answer.message().content())
            .properties(reasoning.isEmpty() ? Map.of() : Map.of(WHOLE_REASONING, reasoning))
            .toolCalls(calls)
            .build();
    ChatGenerationMetadata metadata =
        ChatGenerationMetadata.builder().finishReason(answer.finishReason().name()).build();
    return new ChatResponse(
        List.of(new Generation(message, metadata)),
        ChatResponseMetadata.builder()
            .id(id)
            .model(modelName)
            .usage(usage(answer.usage()))
            .keyValue("seed", answer.seed())
            .keyValue("timings", answer.timings())
            .build());
  }

  /** A piece of text. */
  ChatResponse text(String piece) {
    return piece(AssistantMessage.builder().content(piece).build());
  }

  /** A piece of what the model reasons. */
  ChatResponse reasoning(String piece) {
    return piece(
        AssistantMessage.builder().content("").properties(Map.of(REASONING_PIECE, piece)).build());
  }

  private ChatResponse piece(AssistantMessage message) {
    return new ChatResponse(
        List.of(new Generation(message)),
        ChatResponseMetadata.builder().id(id).model(modelName).build());
  }

  /** Arguments; models may call without any. */
  private static String arguments(ToolCall call) {
    return call.arguments().isEmpty() ? "{}" : call.arguments();
  }

  private static DefaultUsage usage(Usage usage) {
    return new DefaultUsage(
        usage.promptTokens(),
        usage.completionTokens(),
        usage.totalTokens(),
        usage,
        (long) usage.cachedTokens(),
        null);
  }
}
