package io.moineau.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** LangChain4j over OpenAI's API. */
class LangChain4jOpenAiTest extends LangChain4jChecks {
  @Override
  ChatModel model(LiveServer server, String name, int tokens) {
    return OpenAiChatModel.builder()
        .baseUrl(server.v1())
        .apiKey("none")
        .modelName(name)
        .temperature(0.0)
        .maxCompletionTokens(tokens)
        .parallelToolCalls(false)
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
        .parallelToolCalls(false)
        .build();
  }

  @Override
  boolean forcesTools() {
    return true;
  }

  @Test
  void embeddings_ofTexts_differWhereTheTextsDo() {
    List<Embedding> vectors =
        OpenAiEmbeddingModel.builder()
            .baseUrl(SERVER.v1())
            .apiKey("none")
            .modelName(LiveServer.MODEL)
            .maxRetries(0)
            .build()
            .embedAll(List.of(TextSegment.from("a sparrow"), TextSegment.from("a river")))
            .content();
    assertThat(vectors).hasSize(2);
    assertThat(vectors.getFirst().dimension()).isPositive();
    assertThat(vectors.getFirst()).isNotEqualTo(vectors.getLast());
  }
}
