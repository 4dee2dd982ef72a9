package io.moineau.server.http.helidon;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.moineau.server.http.HttpHandler;
import io.moineau.server.http.HttpLimits;
import io.moineau.server.http.HttpTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Helidon's web server: HTTP/1.1, a virtual thread for each connection. */
public final class HelidonTransport implements HttpTransport {
  /** What is given back to Helidon to close what is left, after ours is over. */
  private static final Duration LAST = Duration.ofSeconds(1);

  private final HttpLimits limits;
  private final SlowReaders slowReaders;
  private final WebServer server;
  private final AtomicBoolean stopped = new AtomicBoolean();

  private HelidonTransport(
      InetAddress address, int port, HttpLimits limits, HttpHandler handler, Duration grace) {
    this.limits = limits;
    this.slowReaders = new SlowReaders(limits.writeTime());
    this.server = build(address, port, handler, grace.plus(LAST));
  }

  /**
   * Listens.
   *
   * @param port 0 for any that is free
   * @param grace the longest that {@link #stop} will be asked to wait
   * @throws IOException if the port is taken or the address is not this machine's
   */
  public static HelidonTransport start(
      InetAddress address, int port, HttpLimits limits, HttpHandler handler, Duration grace)
      throws IOException {
    HelidonTransport transport = new HelidonTransport(address, port, limits, handler, grace);
    try {
      transport.server.start();
    } catch (RuntimeException e) {
      transport.stop(Duration.ZERO);
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof IOException io) {
          throw io;
        }
      }
      throw e;
    }
    transport.slowReaders.start();
    return transport;
  }

  private WebServer build(InetAddress address, int port, HttpHandler handler, Duration grace) {
    Http1ConnectionSelector http1 =
        Http1ConnectionSelector.builder()
            .config(http ->
                http.maxHeadersSize(limits.headerBytes())
                    .maxPrologueLength(8 << 10)
                    .sendKeepAliveHeader(true))
            .build();
    DirectHandlers.Builder refusals = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      refusals.addHandler(
          type,
          (request, event, status, headers, message) -> {
            String text = message == null || message.isEmpty() ? status.reasonPhrase() : message;
            return DirectHandler.TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .keepAlive(false)
                .entity(handler.refusal(status.code(), text))
                .build();
          });
    }
    WebServerConfig.Builder builder = WebServer.builder();
    return builder
        .address(address)
        .port(port)
        .shutdownHook(false)
        .featuresDiscoverServices(false)
        .protocolsDiscoverServices(false)
        .concurrencyLimitDiscoverServices(false)
        .useNio(false)
        .maxTcpConnections(limits.connections())
        .maxPayloadSize(-1) // the body is bounded where it is read, in the form of its API
        .shutdownGracePeriod(grace)
        .connectionOptions(
            options -> options.readTimeout(GuardedConnection.TICK).socketKeepAlive(true))
        .connectionSelectors(java.util.List.of(new GuardedSelector(http1, limits, slowReaders)))
        .directHandlers(refusals.build())
        .routing(
            HttpRouting.builder().any((request, response) -> serve(handler, request, response)))
        .build();
  }

  private void serve(HttpHandler handler, ServerRequest request, ServerResponse response) {
    GuardedConnection connection = GuardedServing.current();
    connection.body();
    HelidonResponse answer = new HelidonResponse(response);
    try {
      handler.handle(new HelidonRequest(request, connection, limits), answer);
      answer.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      connection.answered();
    }
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public void stop(Duration grace) {
    if (stopped.compareAndSet(false, true)) {
      server.stop();
      slowReaders.stop();
    }
  }
}
