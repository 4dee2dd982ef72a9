package io.moineau.server.access;

import io.moineau.server.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says who may do what. Called by many threads. */
public interface Gatekeeper {
  /**
   * Who sends a request; before anything of its body is read.
   *
   * @throws io.moineau.error.MoineauException with the status that tells it, if nobody may with
   *     these headers
   */
  Caller identify(HttpRequest http);

  /**
   * Called before anything of a request is computed: refuses what {@link #admit} would refuse
   * whatever the prompt.
   *
   * @param modelNames every name of the model that is served
   * @throws io.moineau.error.MoineauException with the status that tells it, if this caller may not
   */
  default void check(Caller caller, List<String> modelNames) {}

  /**
   * Called before a request is given to the engine, once for each of its answers.
   *
   * @param modelId the model that is served
   * @return is asked how far the answer may go, and told once what it took, whatever becomes of it
   * @throws io.moineau.error.MoineauException with the status that tells it, if this caller may not
   */
  Admission admit(Caller caller, String modelId);

  /**
   * The same, with what the answer will take.
   *
   * @throws io.moineau.error.MoineauException with the status that tells it, if this caller may not
   */
  default Admission admit(Caller caller, Ask ask) {
    return admit(caller, ask.modelNames().getFirst());
  }

  /** Headers that tell a caller how much is left; looked at after {@link #admit}. */
  default Map<String, String> headers(Caller caller) {
    return Map.of();
  }

  /**
   * What a caller has used; empty where nothing is counted.
   *
   * @throws io.moineau.store.StoreException if the database is away
   */
  default Optional<KeyUsage> usage(Caller caller) {
    return Optional.empty();
  }

  /** What keys with a budget have spent of it today, by their names: 1 is all. For an operator. */
  default Map<String, Double> budgetsSpent() {
    return Map.of();
  }

  /** What does not work at this moment, in a sentence for people; empty if all does. */
  default Optional<String> trouble() {
    return Optional.empty();
  }

  /** Whether callers without a key are turned away. */
  default boolean asksForKeys() {
    return true;
  }

  /** Lets all in; each address has a share of its own. */
  static Gatekeeper open() {
    return new Gatekeeper() {
      @Override
      public Caller identify(HttpRequest http) {
        return Caller.at(http.remote());
      }

      @Override
      public Admission admit(Caller caller, String modelId) {
        return end -> {}; // there is nothing to run out of
      }

      @Override
      public boolean asksForKeys() {
        return false;
      }
    };
  }
}
