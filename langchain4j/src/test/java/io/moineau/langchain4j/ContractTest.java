package io.moineau.langchain4j;

import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import io.moineau.Moineau;
import java.util.List;
import org.junit.jupiter.api.Nested;

/**
 * Contracts that LangChain4j publishes for its integrations. Those of the chat models themselves
 * ask for the capital of Germany, which random weights do not know; {@link MoineauChatModelTest}
 * asks for the same things by force.
 */
final class ContractTest {
  private static final String NAME = "contract";

  private static Moineau closed() {
    Moineau closed = TinyChat.open(options -> options);
    closed.close();
    return closed;
  }

  private static ChatRequestParameters parameters(Double temperature, Double topP, int tokens) {
    return MoineauChatRequestParameters.builder()
        .temperature(temperature)
        .topP(topP)
        .maxOutputTokens(tokens)
        .build();
  }

  @Nested
  final class Chat extends AbstractChatModelListenerIT {
    @Override
    protected ChatModel createModel(ChatModelListener listener) {
      return MoineauChatModel.builder(TinyChat.shared())
          .modelName(NAME)
          .defaultRequestParameters(parameters(temperature(), topP(), maxTokens()))
          .listeners(List.of(listener))
          .build();
    }

    @Override
    protected String modelName() {
      return NAME;
    }

    @Override
    protected ChatModel createFailingModel(ChatModelListener listener) {
      return MoineauChatModel.builder(closed()).listeners(List.of(listener)).build();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
      return LangChain4jException.class;
    }

    @Override
    protected boolean assertFinishReason() {
      return false; // it expects a model that ends its turn
    }
  }

  @Nested
  final class Streaming extends AbstractStreamingChatModelListenerIT {
    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
      return MoineauStreamingChatModel.builder(TinyChat.shared())
          .modelName(NAME)
          .defaultRequestParameters(parameters(temperature(), topP(), maxTokens()))
          .listeners(List.of(listener))
          .build();
    }

    @Override
    protected String modelName() {
      return NAME;
    }

    @Override
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
      return MoineauStreamingChatModel.builder(closed()).listeners(List.of(listener)).build();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
      return LangChain4jException.class;
    }

    @Override
    protected boolean assertFinishReason() {
      return false;
    }
  }

  @Nested
  final class Embedding extends AbstractEmbeddingModelIT {
    @Override
    protected List<EmbeddingModel> models() {
      return List.of(MoineauEmbeddingModel.of(TinyChat.shared()));
    }

    @Override
    protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
      return MoineauEmbeddingModel.of(TinyChat.shared()).withListeners(List.of(listener));
    }

    @Override
    protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
      return MoineauEmbeddingModel.of(closed()).withListeners(List.of(listener));
    }

    @Override
    protected boolean supportsInputTypeParameter() {
      return false;
    }

    @Override
    protected boolean supportsDimensionsParameter() {
      return false;
    }

    @Override
    protected boolean supportsImageInput() {
      return false;
    }

    @Override
    protected boolean supportsInterleavedInput() {
      return false;
    }
  }
}
