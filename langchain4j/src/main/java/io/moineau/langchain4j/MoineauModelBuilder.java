package io.moineau.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.moineau.Moineau;
import io.moineau.Sampling;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What both chat models are made of.
 *
 * @param <B> the builder itself
 */
public abstract sealed class MoineauModelBuilder<B extends MoineauModelBuilder<B>>
    permits MoineauChatModel.Builder, MoineauStreamingChatModel.Builder {
  private final Moineau moineau;
  private @Nullable String modelName;
  private Sampling sampling = Sampling.defaults();
  private ChatRequestParameters parameters = MoineauChatRequestParameters.builder().build();
  private List<ChatModelListener> listeners = List.of();

  MoineauModelBuilder(Moineau moineau) {
    this.moineau = Objects.requireNonNull(moineau, "moineau");
  }

  abstract B self();

  /** The name that answers bear and requests may ask for; by default, the model card's. */
  public B modelName(String value) {
    this.modelName = value;
    return self();
  }

  /** How tokens are chosen where no parameter says otherwise; all samplers can be set here. */
  public B sampling(Sampling value) {
    this.sampling = value;
    return self();
  }

  /** What holds for requests that do not say otherwise. */
  public B defaultRequestParameters(ChatRequestParameters value) {
    this.parameters = value;
    return self();
  }

  /** Who is told of requests, answers and errors. */
  public B listeners(List<ChatModelListener> value) {
    this.listeners = List.copyOf(value);
    return self();
  }

  Moineau moineau() {
    return moineau;
  }

  String modelName() {
    if (modelName != null) {
      return modelName;
    }
    @Nullable String named = parameters.modelName();
    return named == null ? moineau.card().name() : named;
  }

  Requests requests() {
    return new Requests(modelName(), sampling);
  }

  /** The parameters with the model's name in them, as listeners expect to see it. */
  ChatRequestParameters parameters() {
    return MoineauChatRequestParameters.builder()
        .modelName(modelName())
        .build()
        .overrideWith(parameters);
  }

  List<ChatModelListener> listeners() {
    return listeners;
  }
}
