package io.moineau.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * LangChain4j's parameters, and those that Moineau has beside them. Each is null where the request
 * does not say; what it then is, the model's {@code sampling} says.
 */
public class MoineauChatRequestParameters extends DefaultChatRequestParameters {
  private final @Nullable Long seed;
  private final @Nullable Double minP;
  private final @Nullable Double repeatPenalty;
  private final @Nullable Boolean parallelToolCalls;
  private final @Nullable String share;
  private final Map<String, Object> templateArguments;

  private MoineauChatRequestParameters(Builder builder) {
    super(builder);
    this.seed = builder.seed;
    this.minP = builder.minP;
    this.repeatPenalty = builder.repeatPenalty;
    this.parallelToolCalls = builder.parallelToolCalls;
    this.share = builder.share;
    this.templateArguments =
        Collections.unmodifiableMap(new LinkedHashMap<>(builder.templateArguments));
  }

  /** Makes the choice of tokens repeatable. */
  public @Nullable Long seed() {
    return seed;
  }

  /** Least probability of a token, as a part of the most likely one's: 0 (all) to 1. */
  public @Nullable Double minP() {
    return minP;
  }

  /** What logits of tokens already seen are divided by; 1 for nothing. */
  public @Nullable Double repeatPenalty() {
    return repeatPenalty;
  }

  /** Whether one answer may call several tools. */
  public @Nullable Boolean parallelToolCalls() {
    return parallelToolCalls;
  }

  /** Who asks, where several share a model: see {@link io.moineau.ChatRequest#share}. */
  public @Nullable String share() {
    return share;
  }

  /** More variables for the chat template, such as {@code enable_thinking}. */
  public Map<String, Object> templateArguments() {
    return templateArguments;
  }

  @Override
  public MoineauChatRequestParameters overrideWith(ChatRequestParameters that) {
    return builder().overrideWith(this).overrideWith(that).build();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof MoineauChatRequestParameters that
        && Objects.equals(seed, that.seed)
        && Objects.equals(minP, that.minP)
        && Objects.equals(repeatPenalty, that.repeatPenalty)
        && Objects.equals(parallelToolCalls, that.parallelToolCalls)
        && Objects.equals(share, that.share)
        && templateArguments.equals(that.templateArguments);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        super.hashCode(), seed, minP, repeatPenalty, parallelToolCalls, share, templateArguments);
  }

  @Override
  public String toString() {
    return "MoineauChatRequestParameters{"
        + super.toString()
        + ", seed="
        + seed
        + ", minP="
        + minP
        + ", repeatPenalty="
        + repeatPenalty
        + ", parallelToolCalls="
        + parallelToolCalls
        + ", share="
        + share
        + ", templateArguments="
        + templateArguments
        + "}";
  }

  /** Parameters that say nothing yet. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects parameters. */
  public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {
    private @Nullable Long seed;
    private @Nullable Double minP;
    private @Nullable Double repeatPenalty;
    private @Nullable Boolean parallelToolCalls;
    private @Nullable String share;
    private Map<String, Object> templateArguments = Map.of();

    private Builder() {}

    @Override
    public Builder overrideWith(ChatRequestParameters parameters) {
      super.overrideWith(parameters);
      if (parameters instanceof MoineauChatRequestParameters that) {
        seed = that.seed != null ? that.seed : seed;
        minP = that.minP != null ? that.minP : minP;
        repeatPenalty = that.repeatPenalty != null ? that.repeatPenalty : repeatPenalty;
        parallelToolCalls =
            that.parallelToolCalls != null ? that.parallelToolCalls : parallelToolCalls;
        share = that.share != null ? that.share : share;
        templateArguments =
            that.templateArguments.isEmpty() ? templateArguments : that.templateArguments;
      }
      return this;
    }

    /** Makes the choice of tokens repeatable. */
    public Builder seed(Long value) {
      this.seed = value;
      return this;
    }

    /** Least probability of a token, as a part of the most likely one's: 0 (all) to 1. */
    public Builder minP(Double value) {
      this.minP = value;
      return this;
    }

    /** What logits of tokens already seen are divided by; 1 for nothing. */
    public Builder repeatPenalty(Double value) {
      this.repeatPenalty = value;
      return this;
    }

    /** Whether one answer may call several tools. */
    public Builder parallelToolCalls(Boolean value) {
      this.parallelToolCalls = value;
      return this;
    }

    /** Who asks, where several share a model. */
    public Builder share(String value) {
      this.share = value;
      return this;
    }

    /** More variables for the chat template, such as {@code enable_thinking}. */
    public Builder templateArguments(Map<String, Object> value) {
      this.templateArguments = value;
      return this;
    }

    @Override
    public MoineauChatRequestParameters build() {
      return new MoineauChatRequestParameters(this);
    }
  }
}
