package io.moineau.springai;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;

/**
 * Spring AI's options, and those that Moineau has beside them. Each is null where the request does
 * not say; the model's own options, and then {@code Sampling.defaults()}, say it.
 */
public final class MoineauChatOptions extends DefaultToolCallingChatOptions
    implements StructuredOutputChatOptions {
  private final @Nullable String outputSchema;
  private final @Nullable Long seed;
  private final @Nullable Double minP;
  private final @Nullable Double repeatPenalty;
  private final @Nullable String toolChoice;
  private final @Nullable Boolean parallelToolCalls;
  private final @Nullable String share;
  private final Map<String, Object> templateArguments;

  private MoineauChatOptions(Builder builder) {
    super(
        builder.callbacks(),
        builder.context(),
        builder.modelOrNull(),
        builder.frequencyPenaltyOrNull(),
        builder.maxTokensOrNull(),
        builder.presencePenaltyOrNull(),
        builder.stopOrNull(),
        builder.temperatureOrNull(),
        builder.topKOrNull(),
        builder.topPOrNull());
    this.outputSchema = builder.outputSchema;
    this.seed = builder.seed;
    this.minP = builder.minP;
    this.repeatPenalty = builder.repeatPenalty;
    this.toolChoice = builder.toolChoice;
    this.parallelToolCalls = builder.parallelToolCalls;
    this.share = builder.share;
    this.templateArguments =
        Collections.unmodifiableMap(new LinkedHashMap<>(builder.templateArguments));
  }

  /** JSON Schema that the answer must keep to; it is held to it token by token. */
  @Override
  public @Nullable String getOutputSchema() {
    return outputSchema;
  }

  /** Makes the choice of tokens repeatable. */
  public @Nullable Long getSeed() {
    return seed;
  }

  /** Least probability of a token, as a part of the most likely one's: 0 (all) to 1. */
  public @Nullable Double getMinP() {
    return minP;
  }

  /** What logits of tokens already seen are divided by; 1 for nothing. */
  public @Nullable Double getRepeatPenalty() {
    return repeatPenalty;
  }

  /** {@code auto}, {@code none}, {@code required}, or the name of the tool to call. */
  public @Nullable String getToolChoice() {
    return toolChoice;
  }

  /** Whether one answer may call several tools. */
  public @Nullable Boolean getParallelToolCalls() {
    return parallelToolCalls;
  }

  /** Who asks, where several share a model: see {@link io.moineau.ChatRequest#share}. */
  public @Nullable String getShare() {
    return share;
  }

  /** More variables for the chat template, such as {@code enable_thinking}. */
  public Map<String, Object> getTemplateArguments() {
    return templateArguments;
  }

  /** Options that say nothing yet. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Builder mutate() {
    Builder builder =
        builder()
            .model(getModel())
            .frequencyPenalty(getFrequencyPenalty())
            .maxTokens(getMaxTokens())
            .presencePenalty(getPresencePenalty())
            .stopSequences(getStopSequences())
            .temperature(getTemperature())
            .topK(getTopK())
            .topP(getTopP())
            .toolCallbacks(getToolCallbacks())
            .toolContext(getToolContext());
    builder.outputSchema = outputSchema;
    builder.seed = seed;
    builder.minP = minP;
    builder.repeatPenalty = repeatPenalty;
    builder.toolChoice = toolChoice;
    builder.parallelToolCalls = parallelToolCalls;
    builder.share = share;
    builder.templateArguments = templateArguments;
    return builder;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other)
        && other instanceof MoineauChatOptions that
        && Objects.equals(outputSchema, that.outputSchema)
        && Objects.equals(seed, that.seed)
        && Objects.equals(minP, that.minP)
        && Objects.equals(repeatPenalty, that.repeatPenalty)
        && Objects.equals(toolChoice, that.toolChoice)
        && Objects.equals(parallelToolCalls, that.parallelToolCalls)
        && Objects.equals(share, that.share)
        && templateArguments.equals(that.templateArguments);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        super.hashCode(),
        outputSchema,
        seed,
        minP,
        repeatPenalty,
        toolChoice,
        parallelToolCalls,
        share,
        templateArguments);
  }

  /** Collects options. */
  public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
      implements StructuredOutputChatOptions.Builder<Builder> {
    private @Nullable String outputSchema;
    private @Nullable Long seed;
    private @Nullable Double minP;
    private @Nullable Double repeatPenalty;
    private @Nullable String toolChoice;
    private @Nullable Boolean parallelToolCalls;
    private @Nullable String share;
    private Map<String, Object> templateArguments = Map.of();

    private Builder() {}

    @Override
    public Builder outputSchema(@Nullable String value) {
      this.outputSchema = value;
      return this;
    }

    /** Makes the choice of tokens repeatable. */
    public Builder seed(@Nullable Long value) {
      this.seed = value;
      return this;
    }

    /** Least probability of a token, as a part of the most likely one's: 0 (all) to 1. */
    public Builder minP(@Nullable Double value) {
      this.minP = value;
      return this;
    }

    /** What logits of tokens already seen are divided by; 1 for nothing. */
    public Builder repeatPenalty(@Nullable Double value) {
      this.repeatPenalty = value;
      return this;
    }

    /** {@code auto}, {@code none}, {@code required}, or the name of the tool to call. */
    public Builder toolChoice(@Nullable String value) {
      this.toolChoice = value;
      return this;
    }

    /** Whether one answer may call several tools. */
    public Builder parallelToolCalls(@Nullable Boolean value) {
      this.parallelToolCalls = value;
      return this;
    }

    /** Who asks, where several share a model. */
    public Builder share(@Nullable String value) {
      this.share = value;
      return this;
    }

    /** More variables for the chat template. */
    public Builder templateArguments(Map<String, Object> value) {
      this.templateArguments = value;
      return this;
    }

    @Override
    public Builder combineWith(ChatOptions.Builder<?> other) {
      super.combineWith(other);
      if (other instanceof Builder that) {
        outputSchema = that.outputSchema != null ? that.outputSchema : outputSchema;
        seed = that.seed != null ? that.seed : seed;
        minP = that.minP != null ? that.minP : minP;
        repeatPenalty = that.repeatPenalty != null ? that.repeatPenalty : repeatPenalty;
        toolChoice = that.toolChoice != null ? that.toolChoice : toolChoice;
        parallelToolCalls =
            that.parallelToolCalls != null ? that.parallelToolCalls : parallelToolCalls;
        share = that.share != null ? that.share : share;
        templateArguments =
            that.templateArguments.isEmpty() ? templateArguments : that.templateArguments;
      }
      return this;
    }

    @Override
    public MoineauChatOptions build() {
      return new MoineauChatOptions(this);
    }

    // The fields are protected in another package, so that they can be read here and nowhere else.

    private java.util.@Nullable List<org.springframework.ai.tool.ToolCallback> callbacks() {
      return toolCallbacks;
    }

    private @Nullable Map<String, Object> context() {
      return toolContext;
    }

    private @Nullable String modelOrNull() {
      return model;
    }

    private @Nullable Double frequencyPenaltyOrNull() {
      return frequencyPenalty;
    }

    private @Nullable Integer maxTokensOrNull() {
      return maxTokens;
    }

    private @Nullable Double presencePenaltyOrNull() {
      return presencePenalty;
    }

    private java.util.@Nullable List<String> stopOrNull() {
      return stopSequences;
    }

    private @Nullable Double temperatureOrNull() {
      return temperature;
    }

    private @Nullable Integer topKOrNull() {
      return topK;
    }

    private @Nullable Double topPOrNull() {
      return topP;
    }
  }
}
