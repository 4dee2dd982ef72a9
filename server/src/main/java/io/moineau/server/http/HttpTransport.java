package io.moineau.server.http;

import java.time.Duration;

/** Listens on a port and hands requests to an {@link HttpHandler}, each on a thread of its own. */
public interface HttpTransport {
  /** The port in use. */
  int port();

  /**
   * Accepts no more connections, lets requests that run go on for a while, then cuts them off. A
   * second call does nothing.
   */
  void stop(Duration grace);
}
