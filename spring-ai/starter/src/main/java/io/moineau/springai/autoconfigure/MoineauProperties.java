package io.moineau.springai.autoconfigure;

import io.moineau.LoraOption;
import io.moineau.MemoryCheck;
import io.moineau.ModelOptions;
import io.moineau.PrefixCacheOptions;
import io.moineau.ServingOptions;
import io.moineau.Speculation;
import io.moineau.springai.MoineauChatOptions;
import io.moineau.tensor.DType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Which model is opened, how, and what its answers are like.
 *
 * @param model GGUF file, or {@code demonstration} for the small one that is built in.
 * @param contextLength Tokens of context; 0 for what the model and the memory allow.
 * @param threads Threads that compute; 0 for one per physical core.
 * @param maxSequences Most requests that are answered at once.
 * @param kvType Type of keys and values: f32, f16 or q8_0.
 * @param provider Kernels: auto, scalar, vector or x86; empty for auto.
 * @param memoryCheck Whether a model that does not fit into memory is refused or only warned of.
 * @param speculation Where drafts of tokens come from.
 * @param batchInvariant Whether answers are the same to the bit whatever is computed beside them.
 * @param adapters LoRA adapters, as GGUF files, that are added to the weights.
 * @param maxWaiting Most requests that wait; one more is refused.
 * @param queueTimeout How long a request may wait for its turn; zero for ever.
 * @param prefixCacheFolder Where beginnings that were computed are kept across restarts.
 * @param prefixCacheSize Most that is kept there.
 * @param chat What holds for prompts that do not say otherwise.
 */
@ConfigurationProperties("spring.ai.moineau")
public record MoineauProperties(
    @Nullable String model,
    @DefaultValue("0") int contextLength,
    @DefaultValue("0") int threads,
    @DefaultValue("4") int maxSequences,
    @DefaultValue("f16") DType kvType,
    @DefaultValue("") String provider,
    @DefaultValue("refuse") MemoryCheck memoryCheck,
    @DefaultValue("auto") Speculation speculation,
    @DefaultValue("false") boolean batchInvariant,
    @DefaultValue List<Path> adapters,
    @DefaultValue("1024") int maxWaiting,
    @DefaultValue("0s") Duration queueTimeout,
    @Nullable Path prefixCacheFolder,
    @DefaultValue("10GB") DataSize prefixCacheSize,
    @DefaultValue Chat chat) {
  /** The word for the built-in model. */
  public static final String DEMONSTRATION = "demonstration";

  /**
   * What holds for prompts that do not say otherwise. What is not set is as in {@code
   * Sampling.defaults()}.
   *
   * @param temperature 0 for always the most likely token.
   * @param topP Least set of tokens whose probability reaches this; 1 for all.
   * @param topK So many of the most likely tokens; 0 for all.
   * @param minP Least probability, as a part of the most likely token's; 0 for all.
   * @param maxTokens Most tokens of an answer.
   * @param frequencyPenalty Taken from a logit for each time that its token was seen.
   * @param presencePenalty Taken from a logit once if its token was seen.
   * @param repeatPenalty What logits of tokens already seen are divided by.
   * @param stop Texts that end an answer.
   * @param seed Makes the choice of tokens repeatable.
   */
  public record Chat(
      @Nullable Double temperature,
      @Nullable Double topP,
      @Nullable Integer topK,
      @Nullable Double minP,
      @Nullable Integer maxTokens,
      @Nullable Double frequencyPenalty,
      @Nullable Double presencePenalty,
      @Nullable Double repeatPenalty,
      @Nullable List<String> stop,
      @Nullable Long seed) {
    MoineauChatOptions options() {
      return MoineauChatOptions.builder()
          .temperature(temperature)
          .topP(topP)
          .topK(topK)
          .minP(minP)
          .maxTokens(maxTokens)
          .frequencyPenalty(frequencyPenalty)
          .presencePenalty(presencePenalty)
          .repeatPenalty(repeatPenalty)
          .stopSequences(stop)
          .seed(seed)
          .build();
    }
  }

  ModelOptions modelOptions() {
    ServingOptions serving =
        ServingOptions.defaults().withMaxWaiting(maxWaiting).withQueueTimeout(queueTimeout);
    if (prefixCacheFolder != null) {
      serving =
          serving.withPrefixCache(
              PrefixCacheOptions.defaults()
                  .withFolder(prefixCacheFolder, prefixCacheSize.toBytes()));
    }
    return ModelOptions.defaults()
        .withContextLength(contextLength)
        .withThreads(threads)
        .withMaxSequences(maxSequences)
        .withKvType(kvType)
        .withProvider(provider)
        .withMemoryCheck(memoryCheck)
        .withSpeculation(speculation)
        .withBatchInvariant(batchInvariant)
        .withAdapters(adapters.stream().map(LoraOption::of).toList())
        .withServing(serving);
  }
}
