package io.moineau.server.api;

import io.moineau.server.http.HttpRequest;
import java.io.IOException;
import java.util.List;

/** One method on one path: a file of its own. */
public interface Endpoint {
  /** Such as {@code POST}; one with {@code GET} answers {@code HEAD} too. */
  String method();

  /** Such as {@code /v1/models/{id}}; a part in braces takes any text, the last one slashes too. */
  String path();

  /** What it does, in a sentence for the documentation. */
  String summary();

  /** How its errors look. */
  ErrorForm errors();

  /** Whether anybody may ask, with a key or without. */
  default boolean open() {
    return false;
  }

  /** Whether whoever sends this request may ask, with a key or without. */
  default boolean openTo(HttpRequest http) {
    return open();
  }

  /** The parameters of its query, where a name that is not among them is refused; else none. */
  default List<Field> query() {
    return List.of();
  }

  /** The fields of its JSON body; none for an endpoint without one. */
  default List<Field> fields() {
    return List.of();
  }

  /** The fields of objects inside its body. */
  default List<FieldTable> parts() {
    return List.of();
  }

  /**
   * Answers a request. What it throws is told in the form of {@link #errors()}: as an answer if
   * none has begun, else as the last event of the stream.
   */
  void handle(Request request, Reply reply) throws IOException;
}
