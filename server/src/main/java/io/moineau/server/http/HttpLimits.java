package io.moineau.server.http;

import java.time.Duration;

/**
 * What a client may ask of a transport.
 *
 * @param bodyBytes most bytes of a request's body
 * @param headerBytes most bytes of all headers of a request
 * @param connections most connections at once; more wait to be accepted
 * @param headerTime from a request's first byte until its headers must be there
 * @param bodyTime from its headers until its body must be there
 * @param idleTime how long a connection may be open with no request on it
 * @param writeTime how long one write may wait for a client that reads nothing
 */
public record HttpLimits(
    int bodyBytes,
    int headerBytes,
    int connections,
    Duration headerTime,
    Duration bodyTime,
    Duration idleTime,
    Duration writeTime) {
  /** 32 MiB, 16 KiB, 1024 connections; 10 s, 60 s, 75 s and 30 s. */
  public static HttpLimits defaults() {
    return new HttpLimits(
        32 << 20,
        16 << 10,
        1024,
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        Duration.ofSeconds(75),
        Duration.ofSeconds(30));
  }
}
