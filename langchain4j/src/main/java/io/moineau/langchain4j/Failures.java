package io.moineau.langchain4j;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import io.moineau.error.MoineauException;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Moineau's errors as LangChain4j's, with Moineau's as the cause. What the request is at fault for
 * is not worth another try; a queue that is full is.
 */
final class Failures {
  /** Faults of the model or the machine: everything else is the request's. */
  private static final Set<String> OF_THE_ENGINE =
      Set.of("step-failed", "engine-broken", "model-closed", "interrupted");

  private Failures() {}

  /** The result of an action, or its failure in LangChain4j's words. */
  static <T> T mapped(Supplier<T> action) {
    try {
      return action.get();
    } catch (MoineauException e) {
      throw of(e);
    }
  }

  /** One failure. */
  static RuntimeException of(RuntimeException failure) {
    if (!(failure instanceof MoineauException e)) {
      return failure;
    }
    String message = e.getMessage();
    return switch (e.code()) {
      case "engine-busy" -> new RateLimitException(message, e);
      case "queue-timeout" -> new TimeoutException(message, e);
      // Neither is cured by asking again, so neither is one of the retriable kinds.
      case "model-closed", "interrupted" -> new LangChain4jException(message, e);
      default ->
          OF_THE_ENGINE.contains(e.code())
              ? new InternalServerException(message, e)
              : new InvalidRequestException(message, e);
    };
  }
}
