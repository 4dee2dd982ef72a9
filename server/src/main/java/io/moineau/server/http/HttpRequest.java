package io.moineau.server.http;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A request as it came. */
public interface HttpRequest {
  /** Such as {@code POST}. */
  String method();

  /** The path, decoded, without the query. */
  String path();

  /** The first value of a parameter of the query. */
  Optional<String> query(String name);

  /** All values of a parameter of the query, in their order. */
  List<String> queries(String name);

  /** The names of the parameters of the query. */
  Set<String> queryNames();

  /** The first value of a header; upper and lower case are the same in its name. */
  Optional<String> header(String name);

  /** All values of a header, in their order; none where it is missing. */
  List<String> headers(String name);

  /** The address of the other side, without its port. */
  String remote();

  /**
   * Reads the body.
   *
   * @throws HttpException 413 if it is too large, 408 if it comes too slowly, 400 if it is cut
   *     short
   */
  byte[] body();

  /**
   * Calls {@code action}, once and on another thread, when the client goes away before the answer
   * is complete: its side of the connection is closed or broken. At once if it is gone already.
   * Several actions may be given.
   */
  void onGone(Runnable action);
}
