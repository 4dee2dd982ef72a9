package io.moineau.server.api;

import io.moineau.ChatAnswer;
import io.moineau.ChatRequest;
import io.moineau.ChatStream;
import io.moineau.FinishReason;
import io.moineau.Generation;
import io.moineau.GenerationRequest;
import io.moineau.Message;
import io.moineau.Moineau;
import io.moineau.Timings;
import io.moineau.Usage;
import io.moineau.server.metrics.Metrics;
import io.moineau.server.metrics.MetricsOptions;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerPart;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers every chat with the same parts, so that a test says what a model says; everything else is
 * the embedded model.
 */
public final class ScriptedService implements Service {
  private static final Moineau MODEL = Moineau.openDefault();

  private final List<AnswerPart> parts;
  private final FinishReason reason;
  private final String stop;
  private Optional<RuntimeException> failure = Optional.empty();
  private Optional<ChatRequest> asked = Optional.empty();

  /** With these parts. */
  public ScriptedService(FinishReason reason, String stop, AnswerPart... parts) {
    this.parts = List.of(parts);
    this.reason = reason;
    this.stop = stop;
  }

  /** With an answer of one word. */
  public ScriptedService() {
    this(FinishReason.STOP, "", new AnswerPart.Content("Yes."));
  }

  /** Fails once the parts are told. */
  public ScriptedService failing(RuntimeException value) {
    failure = Optional.of(value);
    return this;
  }

  /** What the last request asked for. */
  public ChatRequest asked() {
    return asked.orElseThrow();
  }

  @Override
  public ChatStream chat(Request request, ChatRequest chat) {
    asked = Optional.of(chat);
    return new Script(chat);
  }

  @Override
  public Generation generate(Request request, GenerationRequest generation) {
    return MODEL.generate(generation);
  }

  @Override
  public <T> T compute(Request request, int promptTokens, Supplier<T> work) {
    return work.get();
  }

  @Override
  public Metrics metrics() {
    return new Metrics(MODEL, modelId(), MetricsOptions.defaults());
  }

  @Override
  public Moineau moineau() {
    return MODEL;
  }

  @Override
  public String modelId() {
    return "tiny";
  }

  @Override
  public List<String> modelNames() {
    return List.of("tiny");
  }

  @Override
  public void checkModel(String name) {
    if (!name.isEmpty() && !name.equals("tiny")) {
      throw ApiException.unknownModel(name, "tiny");
    }
  }

  @Override
  public boolean ready() {
    return true;
  }

  @Override
  public long startedAt() {
    return 1_700_000_000;
  }

  @Override
  public String fingerprint() {
    return "fp_1";
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of();
  }

  private final class Script implements ChatStream {
    private final Iterator<AnswerPart> left = parts.iterator();
    private final ChatRequest chat;

    Script(ChatRequest chat) {
      this.chat = chat;
    }

    @Override
    public boolean hasNext() {
      if (!left.hasNext() && failure.isPresent()) {
        throw failure.get();
      }
      return left.hasNext();
    }

    @Override
    public AnswerPart next() {
      return left.next();
    }

    @Override
    public void cancel() {}

    @Override
    public ChatAnswer answer() {
      StringBuilder content = new StringBuilder();
      StringBuilder reasoning = new StringBuilder();
      List<ToolCall> calls = new ArrayList<>();
      for (AnswerPart part : parts) {
        switch (part) {
          case AnswerPart.Content more -> content.append(more.text());
          case AnswerPart.Reasoning more -> reasoning.append(more.text());
          case AnswerPart.ToolCallStart start ->
              calls.add(new ToolCall(start.id(), start.name(), ""));
          case AnswerPart.ToolCallArguments more -> {
            ToolCall last = calls.removeLast();
            calls.add(new ToolCall(last.id(), last.name(), last.arguments() + more.delta()));
          }
        }
      }
      return new ChatAnswer(
          Message.assistant(content.toString(), reasoning.toString(), calls),
          reason,
          new Usage(10, 4, 7),
          new Timings(1, 2, 3, 6, 6),
          chat.sampling().seed().orElse(1),
          List.of(),
          List.of(),
          List.of());
    }

    @Override
    public Usage usage() {
      return new Usage(10, 0, 0);
    }

    @Override
    public String stopString() {
      return stop;
    }

    @Override
    public long seed() {
      return 1;
    }

    @Override
    public void close() {}
  }
}
