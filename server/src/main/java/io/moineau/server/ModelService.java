package io.moineau.server;

import io.moineau.ChatRequest;
import io.moineau.ChatStream;
import io.moineau.Generation;
import io.moineau.GenerationRequest;
import io.moineau.ModelCard;
import io.moineau.Moineau;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The one model of a server. */
final class ModelService implements Service {
  private final Moineau moineau;
  private final ModelNames names;
  private final RunningStreams running = new RunningStreams();
  private final long startedAt = System.currentTimeMillis() / 1000;
  private final String fingerprint;
  private volatile List<Endpoint> endpoints = List.of();
  private volatile boolean ready = true;

  ModelService(Moineau moineau, ServerOptions options) {
    this.moineau = moineau;
    this.names = new ModelNames(moineau.card(), options.alias(), options.anyModel());
    this.fingerprint = fingerprint(moineau.card());
  }

  private static String fingerprint(ModelCard card) {
    int hash =
        Objects.hash(
            card.name(),
            card.architecture(),
            card.quantization(),
            card.fileBytes(),
            card.parameters(),
            card.provider());
    return String.format(Locale.ROOT, "fp_%08x", hash);
  }

  void endpoints(List<Endpoint> all) {
    endpoints = List.copyOf(all);
  }

  /** Answers no new requests. */
  void drain() {
    ready = false;
  }

  RunningStreams running() {
    return running;
  }

  @Override
  public Moineau moineau() {
    return moineau;
  }

  @Override
  public String modelId() {
    return names.id();
  }

  @Override
  public List<String> modelNames() {
    return names.all();
  }

  @Override
  public void checkModel(String name) {
    names.check(name);
  }

  @Override
  public ChatStream chat(Request request, ChatRequest chat) {
    RunningStreams.TrackedChat tracked = running.track(moineau.chat(chat));
    request.onGone(tracked::clientGone);
    return tracked;
  }

  @Override
  public Generation generate(Request request, GenerationRequest generation) {
    RunningStreams.TrackedGeneration tracked = running.track(moineau.generate(generation));
    request.onGone(tracked::clientGone);
    return tracked;
  }

  @Override
  public boolean ready() {
    return ready;
  }

  @Override
  public long startedAt() {
    return startedAt;
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public List<Endpoint> endpoints() {
    return endpoints;
  }
}
