package io.moineau.springai.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import io.moineau.ModelCard;
import io.moineau.Moineau;
import io.moineau.springai.MoineauChatModel;
import io.moineau.springai.MoineauEmbeddingModel;
import io.moineau.springai.SpringAiException;
import java.nio.file.Path;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Opens a model when the application starts and closes it with the context. {@code
 * spring.ai.model.chat} and {@code spring.ai.model.embedding} choose between several starters, as
 * with Spring AI's own.
 */
@AutoConfiguration(
    beforeName =
        "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
@EnableConfigurationProperties(MoineauProperties.class)
public class MoineauAutoConfiguration {
  /** The value by which {@code spring.ai.model.*} choose this starter. */
  static final String NAME = "moineau";

  private static final Log LOG = LogFactory.getLog(MoineauAutoConfiguration.class);

  /** The model that the beans below share. */
  @Bean(destroyMethod = "close")
  @ConditionalOnMissingBean
  public Moineau moineau(MoineauProperties properties) {
    String model = properties.model();
    if (model == null || model.isBlank()) {
      throw new SpringAiException(
          "model-missing",
          "no model is named",
          "the property spring.ai.moineau.model is not set",
          "the path of a GGUF file, or " + MoineauProperties.DEMONSTRATION,
          "set it, for example spring.ai.moineau.model=/models/model.gguf");
    }
    Moineau moineau =
        model.equals(MoineauProperties.DEMONSTRATION)
            ? Moineau.openDefault(properties.modelOptions())
            : Moineau.open(Path.of(model), properties.modelOptions());
    ModelCard card = moineau.card();
    LOG.info(
        "opened "
            + card.name()
            + " ("
            + card.architecture()
            + ", "
            + card.quantization()
            + "), context "
            + card.contextLength()
            + ", kernels "
            + card.provider()
            + ", threads "
            + card.threads());
    for (String note : card.notes()) {
      LOG.info(note);
    }
    return moineau;
  }

  /** The chat model. */
  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(
      name = SpringAIModelProperties.CHAT_MODEL,
      havingValue = NAME,
      matchIfMissing = true)
  public MoineauChatModel moineauChatModel(
      Moineau moineau,
      MoineauProperties properties,
      ObjectProvider<ObservationRegistry> registry,
      ObjectProvider<ChatModelObservationConvention> convention) {
    return MoineauChatModel.builder(moineau)
        .options(properties.chat().options())
        .observationRegistry(registry.getIfUnique(() -> ObservationRegistry.NOOP))
        .observationConvention(convention.getIfAvailable())
        .build();
  }

  /** The embedding model. */
  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(
      name = SpringAIModelProperties.EMBEDDING_MODEL,
      havingValue = NAME,
      matchIfMissing = true)
  public MoineauEmbeddingModel moineauEmbeddingModel(
      Moineau moineau,
      ObjectProvider<ObservationRegistry> registry,
      ObjectProvider<EmbeddingModelObservationConvention> convention) {
    return new MoineauEmbeddingModel(
        moineau,
        moineau.pooling(),
        registry.getIfUnique(() -> ObservationRegistry.NOOP),
        convention.getIfAvailable());
  }
}
