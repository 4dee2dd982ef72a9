package io.moineau.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.moineau.Moineau;
import java.util.List;
import java.util.Set;

/**
 * A chat model in this process that answers in pieces. A call returns at once; the handler is
 * called by one virtual thread for each answer. A handler that is slow delays nobody else.
 *
 * <p>A handler may cancel by the streaming handle of what it is given; it then hears no more, and
 * the answer's memory is free within one step of the engine.
 */
public final class MoineauStreamingChatModel implements StreamingChatModel {
  private final Moineau moineau;
  private final String modelName;
  private final Requests requests;
  private final ChatRequestParameters parameters;
  private final List<ChatModelListener> listeners;

  private MoineauStreamingChatModel(Builder builder) {
    this.moineau = builder.moineau();
    this.modelName = builder.modelName();
    this.requests = builder.requests();
    this.parameters = builder.parameters();
    this.listeners = builder.listeners();
  }

  /** A model with everything by default. */
  public static MoineauStreamingChatModel of(Moineau moineau) {
    return builder(moineau).build();
  }

  /** A model over an open one. */
  public static Builder builder(Moineau moineau) {
    return new Builder(moineau);
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedFeatureException at once, for what no model here can do; all other errors go
   *     to the handler
   */
  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    io.moineau.ChatRequest asked;
    try {
      asked = requests.of(request);
    } catch (UnsupportedFeatureException e) {
      throw e;
    } catch (RuntimeException e) {
      handler.onError(Failures.of(e));
      return;
    }
    Thread.ofVirtual()
        .name("moineau-answer")
        .start(() -> new StreamedAnswer(moineau, modelName, handler).run(asked));
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

  /** Makes a {@link MoineauStreamingChatModel}. */
  public static final class Builder extends MoineauModelBuilder<Builder> {
    private Builder(Moineau moineau) {
      super(moineau);
    }

    @Override
    Builder self() {
      return this;
    }

    /** The model. */
    public MoineauStreamingChatModel build() {
      return new MoineauStreamingChatModel(this);
    }
  }
}
