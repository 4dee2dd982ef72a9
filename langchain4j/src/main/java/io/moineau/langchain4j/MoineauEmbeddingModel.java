package io.moineau.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.moineau.Moineau;
import io.moineau.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Vectors of texts: the model's final hidden states, pooled and scaled to length 1. A chat model
 * that was not trained for it gives vectors that tell texts apart and little more.
 */
public final class MoineauEmbeddingModel extends DimensionAwareEmbeddingModel {
  private final Moineau moineau;
  private final String modelName;
  private final Pooling pooling;
  private final List<EmbeddingModelListener> listeners;

  private MoineauEmbeddingModel(
      Moineau moineau, String modelName, Pooling pooling, List<EmbeddingModelListener> listeners) {
    this.moineau = moineau;
    this.modelName = modelName;
    this.pooling = pooling;
    this.listeners = List.copyOf(listeners);
  }

  /** Vectors pooled as the model's file says. */
  public static MoineauEmbeddingModel of(Moineau moineau) {
    return new MoineauEmbeddingModel(moineau, moineau.card().name(), moineau.pooling(), List.of());
  }

  /** The same, pooled otherwise. */
  public MoineauEmbeddingModel withPooling(Pooling value) {
    return new MoineauEmbeddingModel(moineau, modelName, value, listeners);
  }

  /** The same, with these told of requests. */
  public MoineauEmbeddingModel withListeners(List<EmbeddingModelListener> value) {
    return new MoineauEmbeddingModel(moineau, modelName, pooling, value);
  }

  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    @Nullable String asked = request.modelName();
    if (asked != null && !asked.equals(modelName)) {
      throw new ModelNotFoundException(
          "the model \"" + asked + "\" is not open here; open: \"" + modelName + "\"");
    }
    return Failures.mapped(() -> {
      List<int[]> prompts = new ArrayList<>();
      int tokens = 0;
      for (EmbeddingInput input : request.inputs()) {
        int[] prompt = moineau.tokenize(input.text(), true, false);
        tokens += prompt.length;
        prompts.add(prompt);
      }
      List<Embedding> vectors = new ArrayList<>();
      for (float[] vector : moineau.embed(prompts, pooling, "")) {
        vectors.add(Embedding.from(vector));
      }
      return EmbeddingResponse.builder()
          .embeddings(vectors)
          .modelName(modelName)
          .tokenUsage(new TokenUsage(tokens, 0, tokens))
          .build();
    });
  }

  @Override
  public Set<EmbeddingParameter<?>> supportedParameters() {
    return Set.of(EmbeddingRequestParameters.MODEL_NAME);
  }

  @Override
  public List<EmbeddingModelListener> listeners() {
    return listeners;
  }

  @Override
  public String modelName() {
    return modelName;
  }
}
