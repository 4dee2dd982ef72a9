package io.moineau.server;

import io.moineau.server.http.HttpLimits;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a server listens and behaves. Start from {@link #defaults()} and change what matters.
 *
 * @param host address or name to listen on
 * @param port 0 for any that is free
 * @param alias name of the model in answers; empty for its file's
 * @param anyModel whether requests for any model's name are answered by the one that is served
 * @param ignoreUnknownFields whether fields that are in no table are let through
 * @param limits what a client may ask of the transport
 * @param heartbeat how long a stream of events is silent at most
 * @param grace how long running requests may go on when the server ends
 * @param accessLog is told of each request that was answered, by many threads
 */
public record ServerOptions(
    String host,
    int port,
    String alias,
    boolean anyModel,
    boolean ignoreUnknownFields,
    HttpLimits limits,
    Duration heartbeat,
    Duration grace,
    Consumer<AccessEntry> accessLog) {
  private static final ServerOptions DEFAULTS =
      new ServerOptions(
          "127.0.0.1",
          8080,
          "",
          false,
          false,
          HttpLimits.defaults(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(25),
          entry -> {});

  /** Checks that all are there. */
  public ServerOptions {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(alias, "alias");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(heartbeat, "heartbeat");
    Objects.requireNonNull(grace, "grace");
    Objects.requireNonNull(accessLog, "accessLog");
    if (port < 0 || port > 65_535) {
      throw new ServerException(
          "port-out-of-range", "a port is out of range", "port " + port, "0 (any) to 65535", "");
    }
  }

  /** 127.0.0.1, port 8080. */
  public static ServerOptions defaults() {
    return DEFAULTS;
  }

  /** On another address. */
  public ServerOptions withHost(String value) {
    return new ServerOptions(
        value, port, alias, anyModel, ignoreUnknownFields, limits, heartbeat, grace, accessLog);
  }

  /** On another port; 0 for any. */
  public ServerOptions withPort(int value) {
    return new ServerOptions(
        host, value, alias, anyModel, ignoreUnknownFields, limits, heartbeat, grace, accessLog);
  }

  /** With another name for the model. */
  public ServerOptions withAlias(String value) {
    return new ServerOptions(
        host, port, value, anyModel, ignoreUnknownFields, limits, heartbeat, grace, accessLog);
  }

  /** Answering to any model's name, or not. */
  public ServerOptions withAnyModel(boolean value) {
    return new ServerOptions(
        host, port, alias, value, ignoreUnknownFields, limits, heartbeat, grace, accessLog);
  }

  /** Letting unknown fields through, or not. */
  public ServerOptions withIgnoreUnknownFields(boolean value) {
    return new ServerOptions(
        host, port, alias, anyModel, value, limits, heartbeat, grace, accessLog);
  }

  /** With other limits. */
  public ServerOptions withLimits(HttpLimits value) {
    return new ServerOptions(
        host, port, alias, anyModel, ignoreUnknownFields, value, heartbeat, grace, accessLog);
  }

  /** With another heartbeat. */
  public ServerOptions withHeartbeat(Duration value) {
    return new ServerOptions(
        host, port, alias, anyModel, ignoreUnknownFields, limits, value, grace, accessLog);
  }

  /** With another time to end in. */
  public ServerOptions withGrace(Duration value) {
    return new ServerOptions(
        host, port, alias, anyModel, ignoreUnknownFields, limits, heartbeat, value, accessLog);
  }

  /** With another log. */
  public ServerOptions withAccessLog(Consumer<AccessEntry> value) {
    return new ServerOptions(
        host, port, alias, anyModel, ignoreUnknownFields, limits, heartbeat, grace, value);
  }
}
