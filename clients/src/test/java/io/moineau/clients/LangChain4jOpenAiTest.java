package io.moineau.clients;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;

/** LangChain4j over OpenAI's API. */
class LangChain4jOpenAiTest extends LangChain4jChecks {
  @Override
  ChatModel model(String name, int tokens) {
    return OpenAiChatModel.builder()
        .baseUrl(SERVER.v1())
        .apiKey("none")
        .modelName(name)
        .temperature(0.0)
        .maxCompletionTokens(tokens)
        .maxRetries(0)
        .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
        .strictJsonSchema(true)
        .build();
  }

  @Override
  StreamingChatModel streaming(int tokens) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(SERVER.v1())
        .apiKey("none")
        .modelName(LiveServer.MODEL)
        .temperature(0.0)
        .maxCompletionTokens(tokens)
        .build();
  }

  @Override
  boolean forcesTools() {
    return true;
  }
}
