package io.moineau.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import io.moineau.Timings;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an answer took, with what only a model in this process can tell. */
public final class MoineauChatResponseMetadata extends ChatResponseMetadata {
  private final long seed;
  private final int cachedTokens;
  private final Timings timings;

  private MoineauChatResponseMetadata(Builder builder) {
    super(builder);
    this.seed = builder.seed;
    this.cachedTokens = builder.cachedTokens;
    this.timings = builder.timings;
  }

  static Builder builder(Timings timings) {
    return new Builder(timings);
  }

  /** The seed that was used: with it, the same model and request give the same tokens again. */
  public long seed() {
    return seed;
  }

  /** Tokens of the prompt that did not have to be computed. */
  public int cachedTokens() {
    return cachedTokens;
  }

  /** Where the time went. */
  public Timings timings() {
    return timings;
  }

  @Override
  public Builder toBuilder() {
    Builder builder = new Builder(timings).seed(seed).cachedTokens(cachedTokens);
    toBuilder(builder);
    return builder;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other)
        && other instanceof MoineauChatResponseMetadata that
        && seed == that.seed
        && cachedTokens == that.cachedTokens
        && timings.equals(that.timings);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), seed, cachedTokens, timings);
  }

  @Override
  public String toString() {
    return "MoineauChatResponseMetadata{"
        + super.toString()
        + ", seed="
        + seed
        + ", cachedTokens="
        + cachedTokens
        + ", timings="
        + timings
        + "}";
  }

  /** Collects what there is to tell. */
  public static final class Builder extends ChatResponseMetadata.Builder<Builder> {
    private final Timings timings;
    private long seed;
    private int cachedTokens;

    private Builder(Timings timings) {
      this.timings = timings;
    }

    Builder seed(long value) {
      this.seed = value;
      return this;
    }

    Builder cachedTokens(int value) {
      this.cachedTokens = value;
      return this;
    }

    @Override
    public MoineauChatResponseMetadata build() {
      return new MoineauChatResponseMetadata(this);
    }
  }
}
