package io.moineau.springai;

import io.micrometer.observation.ObservationRegistry;
import io.moineau.Moineau;
import io.moineau.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.AbstractEmbeddingModel;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * Vectors of texts: the model's final hidden states, pooled and scaled to length 1. A chat model
 * that was not trained for it gives vectors that tell texts apart and little more.
 */
public final class MoineauEmbeddingModel extends AbstractEmbeddingModel {
  private static final EmbeddingModelObservationConvention CONVENTION =
      new DefaultEmbeddingModelObservationConvention();

  private final Moineau moineau;
  private final Pooling pooling;
  private final ObservationRegistry registry;
  private final @Nullable EmbeddingModelObservationConvention convention;

  /** Vectors pooled as the model's file says, observed by nobody. */
  public MoineauEmbeddingModel(Moineau moineau) {
    this(moineau, moineau.pooling(), ObservationRegistry.NOOP, null);
  }

  /**
   * Vectors pooled as told.
   *
   * @param registry where calls are observed
   * @param convention how calls are named there; null for Spring AI's own way
   */
  public MoineauEmbeddingModel(
      Moineau moineau,
      Pooling pooling,
      ObservationRegistry registry,
      @Nullable EmbeddingModelObservationConvention convention) {
    this.moineau = moineau;
    this.pooling = pooling;
    this.registry = registry;
    this.convention = convention;
  }

  @Override
  public EmbeddingResponse call(EmbeddingRequest request) {
    String name = moineau.card().name();
    EmbeddingOptions asked = request.getOptions();
    if (asked != null && asked.getModel() != null && !asked.getModel().equals(name)) {
      throw SpringAiException.otherModel(asked.getModel(), name);
    }
    if (asked != null && asked.getDimensions() != null) {
      throw SpringAiException.option(
          "dimensions=" + asked.getDimensions(), "the model's own number of dimensions");
    }
    EmbeddingModelObservationContext context =
        EmbeddingModelObservationContext.builder()
            .embeddingRequest(
                new EmbeddingRequest(
                    request.getInstructions(), EmbeddingOptions.builder().model(name).build()))
            .provider(MoineauChatModel.PROVIDER)
            .build();
    return Objects.requireNonNull(
        EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
            .observation(convention, CONVENTION, () -> context, registry)
            .observe(() -> {
              EmbeddingResponse response = embed(request.getInstructions(), name);
              context.setResponse(response);
              return response;
            }));
  }

  private EmbeddingResponse embed(List<String> texts, String name) {
    List<int[]> prompts = new ArrayList<>();
    int tokens = 0;
    for (String text : texts) {
      int[] prompt = moineau.tokenize(text, true, false);
      tokens += prompt.length;
      prompts.add(prompt);
    }
    List<Embedding> vectors = new ArrayList<>();
    for (float[] vector : moineau.embed(prompts, pooling, "")) {
      vectors.add(new Embedding(vector, vectors.size()));
    }
    return new EmbeddingResponse(
        vectors, new EmbeddingResponseMetadata(name, new DefaultUsage(tokens, 0)));
  }

  @Override
  public float[] embed(Document document) {
    return embed(Objects.requireNonNullElse(getEmbeddingContent(document), ""));
  }
}
