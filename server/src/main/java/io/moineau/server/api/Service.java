package io.moineau.server.api;

import io.moineau.ChatRequest;
import io.moineau.ChatStream;
import io.moineau.Generation;
import io.moineau.GenerationRequest;
import io.moineau.Moineau;
import io.moineau.server.access.Gatekeeper;
import io.moineau.server.metrics.Metrics;
import io.moineau.server.plan.PlanData;
import io.moineau.store.Conversations;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What endpoints work with. */
public interface Service {
  /** The model that is served. */
  Moineau moineau();

  /** Its name in answers. */
  String modelId();

  /** Every name by which it may be asked for, {@link #modelId()} first. */
  List<String> modelNames();

  /**
   * Checks the name that a request asks for; an empty one is the model that is served.
   *
   * @throws ApiException 404 {@code model_not_found}
   */
  void checkModel(String name);

  /**
   * Submits a chat that is cancelled when the client goes away, and ends with {@link
   * ApiException#shuttingDown()} when the server does. The caller closes it.
   *
   * @throws ClientGoneException from the stream, once nobody waits for the answer
   */
  ChatStream chat(Request request, ChatRequest chat);

  /** The same for tokens. */
  Generation generate(Request request, GenerationRequest generation);

  /**
   * Does something with the model that generates nothing: vectors, scores. It runs on this thread,
   * which is interrupted when the client goes away or the server ends.
   *
   * @param promptTokens that it computes
   */
  <T> T compute(Request request, int promptTokens, Supplier<T> work);

  /** Who says what callers may do. */
  default Gatekeeper gatekeeper() {
    return Gatekeeper.open();
  }

  /** Where conversations are kept; empty where they are not. */
  default Optional<Conversations> conversations() {
    return Optional.empty();
  }

  /** Chips and rules. */
  default PlanData plan() {
    return PlanData.standard();
  }

  /** What is counted. */
  Metrics metrics();

  /** Whether new requests are answered. */
  boolean ready();

  /** When the server started, in seconds since 1970. */
  long startedAt();

  /** Changes with the model and the build, so that clients see why a seed gives another answer. */
  String fingerprint();

  /** All endpoints, for their description. */
  List<Endpoint> endpoints();
}
