package io.moineau.server;

import io.moineau.server.access.AnswerEnd;
import io.moineau.server.access.Caller;
import java.time.Instant;
import java.util.List;

/**
 * A request that was answered; nothing of what it said.
 *
 * @param startedAt when its headers had come
 * @param remote the client's address
 * @param method such as {@code POST}
 * @param path without the query
 * @param status as answered; 499 if the client went away
 * @param nanos from its headers until the answer was sent
 * @param requestId as told in the header {@code X-Request-Id}
 * @param endpoint the path with the names of its parameters; empty where there is nothing
 * @param caller who asked
 * @param model that is served, by its name for clients
 * @param answers what the engine did for it
 * @param traceId of its trace, 32 hexadecimal digits; empty where there is none
 */
public record AccessEntry(
    Instant startedAt,
    String remote,
    String method,
    String path,
    int status,
    long nanos,
    String requestId,
    String endpoint,
    Caller caller,
    String model,
    List<AnswerEnd> answers,
    String traceId) {
  /** Copies the list. */
  public AccessEntry {
    answers = List.copyOf(answers);
  }

  /** The same with a trace. */
  AccessEntry withTraceId(String id) {
    return new AccessEntry(
        startedAt, remote, method, path, status, nanos, requestId, endpoint, caller, model, answers,
        id);
  }
}
