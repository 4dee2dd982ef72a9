package io.moineau.server;

import io.moineau.server.http.HttpRequest;

/** Tells a collector of traces what became of a request. Called by many threads. */
@FunctionalInterface
public interface RequestTracer extends AutoCloseable {
  /** Traces nothing. */
  RequestTracer NONE = (http, entry) -> "";

  /**
   * A request was answered.
   *
   * @param http with the headers that say which trace it belongs to
   * @return the id of the trace; empty where nothing is traced
   */
  String answered(HttpRequest http, AccessEntry entry);

  /** Spans that could not be sent. */
  default long lost() {
    return 0;
  }

  /** Sends what was not sent yet. */
  @Override
  default void close() {}
}
