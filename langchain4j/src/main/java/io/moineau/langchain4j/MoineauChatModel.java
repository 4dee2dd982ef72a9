package io.moineau.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.moineau.ChatStream;
import io.moineau.Moineau;
import java.util.List;
import java.util.Set;

/**
 * A chat model in this process. Safe for several threads, whose requests share the model's steps.
 *
 * <p>It does not own the {@link Moineau} behind it, so that several models may share one; close
 * that when all are done.
 */
public final class MoineauChatModel implements ChatModel {
  private final Moineau moineau;
  private final String modelName;
  private final Requests requests;
  private final ChatRequestParameters parameters;
  private final List<ChatModelListener> listeners;

  private MoineauChatModel(Builder builder) {
    this.moineau = builder.moineau();
    this.modelName = builder.modelName();
    this.requests = builder.requests();
    this.parameters = builder.parameters();
    this.listeners = builder.listeners();
  }

  /** A model with everything by default. */
  public static MoineauChatModel of(Moineau moineau) {
    return builder(moineau).build();
  }

  /** A model over an open one. */
  public static Builder builder(Moineau moineau) {
    return new Builder(moineau);
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    return Failures.mapped(() -> {
      try (ChatStream stream = moineau.chat(requests.of(request))) {
        return Answers.of(stream.answer(), modelName);
      }
    });
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return parameters;
  }

  @Override
  public List<ChatModelListener> listeners() {
    return listeners;
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }

  /** Makes a {@link MoineauChatModel}. */
  public static final class Builder extends MoineauModelBuilder<Builder> {
    private Builder(Moineau moineau) {
      super(moineau);
    }

    @Override
    Builder self() {
      return this;
    }

    /** The model. */
    public MoineauChatModel build() {
      return new MoineauChatModel(this);
    }
  }
}
