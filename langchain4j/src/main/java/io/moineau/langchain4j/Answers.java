package io.moineau.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.moineau.ChatAnswer;
import io.moineau.Message;
import io.moineau.Usage;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Moineau's answers as LangChain4j's. */
final class Answers {
  private Answers() {}

  /** A whole answer. */
  static ChatResponse of(ChatAnswer answer, String modelName) {
    return ChatResponse.builder()
        .aiMessage(message(answer.message()))
        .metadata(
            MoineauChatResponseMetadata.builder(answer.timings())
                .seed(answer.seed())
                .cachedTokens(answer.usage().cachedTokens())
                .id("moineau-" + UUID.randomUUID())
                .modelName(modelName)
                .tokenUsage(usage(answer.usage()))
                .finishReason(reason(answer.finishReason()))
                .build())
        .build();
  }

  /** A call with all its arguments; models may call without any. */
  static ToolExecutionRequest call(ToolCall call) {
    return ToolExecutionRequest.builder()
        .id(call.id())
        .name(call.name())
        .arguments(call.arguments().isEmpty() ? "{}" : call.arguments())
        .build();
  }

  private static AiMessage message(Message message) {
    List<ToolExecutionRequest> calls = new ArrayList<>();
    for (ToolCall call : message.toolCalls()) {
      calls.add(call(call));
    }
    // LangChain4j has null, not the empty text, beside calls and for no reasoning.
    return AiMessage.builder()
        .text(message.content().isEmpty() && !calls.isEmpty() ? null : message.content())
        .thinking(nullIfEmpty(message.reasoning()))
        .toolExecutionRequests(calls)
        .build();
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }

  private static TokenUsage usage(Usage usage) {
    return new TokenUsage(usage.promptTokens(), usage.completionTokens(), usage.totalTokens());
  }

  private static FinishReason reason(io.moineau.FinishReason reason) {
    return switch (reason) {
      case STOP -> FinishReason.STOP;
      case LENGTH -> FinishReason.LENGTH;
      case TOOL_CALLS -> FinishReason.TOOL_EXECUTION;
      case CANCELLED -> FinishReason.OTHER;
    };
  }
}
