package io.moineau.springai;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.moineau.ChatRequest;
import io.moineau.ChatStream;
import io.moineau.Moineau;
import io.moineau.text.answer.AnswerPart;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * A chat model in this process. Safe for several threads, whose requests share the model's steps.
 *
 * <p>Calls of tools are told, not carried out: as everywhere in Spring AI 2 that is for {@code
 * ChatClient}'s advisor, or for the caller with a {@code ToolCallingManager}. The {@link Moineau}
 * behind it belongs to whoever opened it.
 */
public final class MoineauChatModel implements ChatModel {
  /** What observations name as the provider. */
  static final String PROVIDER = "moineau";

  private static final ChatModelObservationConvention CONVENTION =
      new DefaultChatModelObservationConvention();

  private final Moineau moineau;
  private final MoineauChatOptions options;
  private final ObservationRegistry registry;
  private final @Nullable ChatModelObservationConvention convention;

  private MoineauChatModel(Builder builder) {
    this.moineau = builder.moineau;
    this.options =
        builder.options.getModel() == null
            ? builder.options.mutate().model(builder.moineau.card().name()).build()
            : builder.options;
    this.registry = builder.registry;
    this.convention = builder.convention;
  }

  /** A model over an open one. */
  public static Builder builder(Moineau moineau) {
    return new Builder(moineau);
  }

  @Override
  public MoineauChatOptions getOptions() {
    return options;
  }

  @Override
  public ChatResponse call(Prompt prompt) {
    MoineauChatOptions asked = asked(prompt);
    ChatModelObservationContext context = context(prompt, asked, false);
    return Objects.requireNonNull(
        observation(context)
            .observe(() -> {
              try (ChatStream stream = moineau.chat(Requests.of(prompt, asked))) {
                ChatResponse response = answers().end(stream.answer(), false);
                context.setResponse(response);
                return response;
              }
            }));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Pieces come on a virtual thread of the answer's own; one that is not taken waits in memory,
   * so that a slow reader delays nobody. Cancelling the subscription ends the answer.
   */
  @Override
  public Flux<ChatResponse> stream(Prompt prompt) {
    return Flux.deferContextual(outer -> {
      MoineauChatOptions asked = asked(prompt);
      ChatRequest request = Requests.of(prompt, asked);
      ChatModelObservationContext context = context(prompt, asked, true);
      Observation observation = observation(context);
      Observation parent = outer.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
      observation.parentObservation(parent).start();
      Flux<ChatResponse> pieces =
          Flux.<ChatResponse>create(sink ->
                  Thread.ofVirtual().name("moineau-answer").start(() -> tell(request, sink)))
              .doOnError(observation::error)
              .contextWrite(inner -> inner.put(ObservationThreadLocalAccessor.KEY, observation));
      // Stopped once, with the whole answer in its context, before the reader hears of the end.
      return Flux.using(
          () -> observation,
          running -> new MessageAggregator().aggregate(pieces, context::setResponse),
          Observation::stop);
    });
  }

  private void tell(ChatRequest request, FluxSink<ChatResponse> sink) {
    Answers answers = answers();
    try (ChatStream stream = moineau.chat(request)) {
      sink.onDispose(stream::cancel);
      while (!sink.isCancelled() && stream.hasNext()) {
        switch (stream.next()) {
          case AnswerPart.Content content -> sink.next(answers.text(content.text()));
          case AnswerPart.Reasoning reasoning -> sink.next(answers.reasoning(reasoning.text()));
          // Calls are told whole, at the end: half of one is of no use to who carries it out.
          case AnswerPart.ToolCallStart start -> {}
          case AnswerPart.ToolCallArguments arguments -> {}
        }
      }
      if (!sink.isCancelled()) {
        sink.next(answers.end(stream.answer(), true));
        sink.complete();
      }
    } catch (RuntimeException | Error e) {
      if (!sink.isCancelled()) {
        sink.error(e);
      }
    }
  }

  private Answers answers() {
    return new Answers(Objects.requireNonNull(options.getModel()));
  }

  /** The model's options, with what the prompt's say instead. */
  private MoineauChatOptions asked(Prompt prompt) {
    ChatOptions own = prompt.getOptions();
    if (own == null) {
      return options;
    }
    if (!(own instanceof MoineauChatOptions)
        && !own.getClass().getName().startsWith("org.springframework.ai.chat.prompt.")
        && !own.getClass().getName().startsWith("org.springframework.ai.model.tool.")) {
      throw SpringAiException.option(
          "options of the type " + own.getClass().getName(),
          MoineauChatOptions.class.getName() + ", or Spring AI's general ones");
    }
    MoineauChatOptions.Builder made = options.mutate().combineWith(own.mutate());
    if (own instanceof StructuredOutputChatOptions structured
        && structured.getOutputSchema() != null) {
      made.outputSchema(structured.getOutputSchema());
    }
    MoineauChatOptions all = made.build();
    if (!Objects.equals(all.getModel(), options.getModel())) {
      throw SpringAiException.otherModel(
          String.valueOf(all.getModel()), String.valueOf(options.getModel()));
    }
    return all;
  }

  private static ChatModelObservationContext context(
      Prompt prompt, MoineauChatOptions asked, boolean streaming) {
    return ChatModelObservationContext.builder()
        .prompt(new Prompt(prompt.getInstructions(), asked))
        .provider(PROVIDER)
        .streaming(streaming)
        .build();
  }

  private Observation observation(ChatModelObservationContext context) {
    return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
        convention, CONVENTION, () -> context, registry);
  }

  /** Makes a {@link MoineauChatModel}. */
  public static final class Builder {
    private final Moineau moineau;
    private MoineauChatOptions options = MoineauChatOptions.builder().build();
    private ObservationRegistry registry = ObservationRegistry.NOOP;
    private @Nullable ChatModelObservationConvention convention;

    private Builder(Moineau moineau) {
      this.moineau = moineau;
    }

    /** What holds for prompts that do not say otherwise. */
    public Builder options(MoineauChatOptions value) {
      this.options = value;
      return this;
    }

    /** Where calls are observed. */
    public Builder observationRegistry(ObservationRegistry value) {
      this.registry = value;
      return this;
    }

    /** How calls are named there. */
    public Builder observationConvention(@Nullable ChatModelObservationConvention value) {
      this.convention = value;
      return this;
    }

    /** The model. */
    public MoineauChatModel build() {
      return new MoineauChatModel(this);
    }
  }
}
