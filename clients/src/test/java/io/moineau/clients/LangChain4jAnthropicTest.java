package io.moineau.clients;

import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;

/** LangChain4j over Anthropic's API. */
class LangChain4jAnthropicTest extends LangChain4jChecks {
  @Override
  ChatModel model(LiveServer server, String name, int tokens) {
    return AnthropicChatModel.builder()
        .baseUrl(server.v1())
        .apiKey("none")
        .modelName(name)
        .temperature(0.0)
        .maxTokens(tokens)
        .disableParallelToolUse(true)
        .maxRetries(0)
        .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
        .build();
  }

  @Override
  StreamingChatModel streaming(int tokens) {
    return AnthropicStreamingChatModel.builder()
        .baseUrl(SERVER.v1())
        .apiKey("none")
        .modelName(LiveServer.MODEL)
        .temperature(0.0)
        .maxTokens(tokens)
        .disableParallelToolUse(true)
        .build();
  }

  @Override
  boolean forcesTools() {
    return true;
  }
}
