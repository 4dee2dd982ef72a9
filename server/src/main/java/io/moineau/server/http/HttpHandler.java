package io.moineau.server.http;

import java.io.IOException;

/** Answers requests; called by many threads. */
public interface HttpHandler {
  /**
   * Answers one.
   *
   * @throws IOException if the client cannot be written to; the connection is then closed
   */
  void handle(HttpRequest request, HttpResponse response) throws IOException;

  /**
   * The body of an answer to what is no HTTP, or breaks a limit before a path is known.
   *
   * @param status such as 400 or 408
   * @param message one sentence
   * @return JSON
   */
  String refusal(int status, String message);
}
