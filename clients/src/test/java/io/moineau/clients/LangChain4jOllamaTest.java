package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaEmbeddingModel;
import dev.langchain4j.model.ollama.OllamaModels;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import org.junit.jupiter.api.Test;

/** LangChain4j over Ollama's API. */
class LangChain4jOllamaTest extends LangChain4jChecks {
  @Override
  ChatModel model(LiveServer server, String name, int tokens) {
    return OllamaChatModel.builder()
        .baseUrl(server.uri().toString())
        .modelName(name)
        .temperature(0.0)
        .numPredict(tokens)
        .maxRetries(0)
        .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
        .build();
  }

  @Override
  StreamingChatModel streaming(int tokens) {
    return OllamaStreamingChatModel.builder()
        .baseUrl(SERVER.uri().toString())
        .modelName(LiveServer.MODEL)
        .temperature(0.0)
        .numPredict(tokens)
        .build();
  }

  @Override
  boolean forcesTools() {
    return false;
  }

  @Test
  void embeddings_ofAText_hasItsDimension() {
    assertThat(
            OllamaEmbeddingModel.builder()
                .baseUrl(SERVER.uri().toString())
                .modelName(LiveServer.MODEL)
                .maxRetries(0)
                .build()
                .embed("a sparrow")
                .content()
                .dimension())
        .isPositive();
  }

  @Test
  void models_listed_haveTheOneServed() {
    OllamaModels models = OllamaModels.builder().baseUrl(SERVER.uri().toString()).build();
    assertThat(models.availableModels().content())
        .anyMatch(model -> model.getName().startsWith(LiveServer.MODEL));
  }
}
