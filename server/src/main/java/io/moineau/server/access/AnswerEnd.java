package io.moineau.server.access;

import io.moineau.FinishReason;
import io.moineau.Timings;
import io.moineau.Usage;
import java.time.Instant;
import java.util.Optional;

/**
 * What the engine did for a request. One with several answers has as many ends.
 *
 * @param caller who asked
 * @param path of the endpoint
 * @param requestId as told in the header {@code X-Request-Id}
 * @param submittedAt when the engine was asked
 * @param usage tokens; up to now for an answer that was cancelled
 * @param timings where the time went; for embeddings and reranking all of it is prefill
 * @param finishReason {@code STOP} for embeddings and reranking; empty where the engine failed
 */
public record AnswerEnd(
    Caller caller,
    String path,
    String requestId,
    Instant submittedAt,
    Usage usage,
    Timings timings,
    Optional<FinishReason> finishReason) {
  /** An answer that was asked for so long ago as its timings say. */
  public AnswerEnd(
      Caller caller,
      String path,
      String requestId,
      Usage usage,
      Timings timings,
      Optional<FinishReason> finishReason) {
    this(
        caller,
        path,
        requestId,
        Instant.now()
            .minusNanos(timings.queueNanos() + timings.prefillNanos() + timings.decodeNanos()),
        usage,
        timings,
        finishReason);
  }
}
