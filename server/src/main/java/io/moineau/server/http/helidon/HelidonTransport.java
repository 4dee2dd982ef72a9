package io.moineau.server.http.helidon;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
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
import io.moineau.server.tls.TlsFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Helidon's web server: HTTP/1.1, a virtual thread for each connection. */
public final class HelidonTransport implements HttpTransport {
  /** What is given back to Helidon to close what is left, after ours is over. */
  private static final Duration LAST = Duration.ofSeconds(1);

  /**
   * Bytes that the system keeps of what a client does not take; left alone, it grows to megabytes.
   */
  private static final int SEND_BUFFER = 64 << 10;

  /** So many bodies of the largest size may be read or answered at once. */
  private static final long LARGEST_BODIES = 4;

  private static final long LEAST_BUDGET = 64L << 20;

  private final HttpLimits limits;
  private final SlowReaders slowReaders;
  private final BodyBudget budget;
  private final WebServer server;
  private final AtomicBoolean stopped = new AtomicBoolean();

  private HelidonTransport(
      InetAddress address,
      int port,
      HttpLimits limits,
      HttpHandler handler,
      Duration grace,
      @Nullable TlsFiles tls) {
    this.limits = limits;
    this.slowReaders = new SlowReaders(limits.writeTime());
    this.budget = new BodyBudget(Math.max(LEAST_BUDGET, LARGEST_BODIES * limits.bodyBytes()));
    this.server = build(address, port, handler, grace.plus(LAST), tls);
  }

  /**
   * Listens.
   *
   * @param port 0 for any that is free
   * @param grace the longest that {@link #stop} will be asked to wait
   * @param tls for HTTPS; nothing for HTTP
   * @throws IOException if the port is taken or the address is not this machine's
   */
  public static HelidonTransport start(
      InetAddress address,
      int port,
      HttpLimits limits,
      HttpHandler handler,
      Duration grace,
      Optional<TlsFiles> tls)
      throws IOException {
    probe(address, port);
    HelidonTransport transport =
        new HelidonTransport(address, port, limits, handler, grace, tls.orElse(null));
    transport.server.start();
    if (!transport.server.isRunning()) {
      probe(address, port);
      throw new IOException("the web server did not start");
    }
    transport.slowReaders.start();
    return transport;
  }

  /** Helidon logs a port that is taken, with a stack, and throws nothing; this throws. */
  private static void probe(InetAddress address, int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(address, port));
    }
  }

  private WebServer build(
      InetAddress address, int port, HttpHandler handler, Duration grace, @Nullable TlsFiles tls) {
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
            String text = message == null || message.isEmpty() ? explained(status) : message;
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
            options -> options.socketKeepAlive(true).socketSendBufferSize(SEND_BUFFER))
        .connectionSelectors(
            List.of(new GuardedSelector(http1, limits, slowReaders, tls, plainRefusal(handler))))
        .directHandlers(refusals.build())
        .routing(
            HttpRouting.builder().any((request, response) -> serve(handler, request, response)))
        .build();
  }

  /** What one hears who speaks HTTP where HTTPS is spoken. */
  private static byte[] plainRefusal(HttpHandler handler) {
    byte[] body =
        handler
            .refusal(400, "this port speaks HTTPS: ask again with https:// before its address")
            .getBytes(StandardCharsets.UTF_8);
    byte[] head =
        ("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length
                + "\r\nConnection: close\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(head.length + body.length).put(head).put(body).array();
  }

  private String explained(Status status) {
    return switch (status.code()) {
      case 400 ->
          "the request is not valid HTTP/1.1, or its headers are larger than "
              + limits.headerBytes()
              + " bytes";
      case 408 ->
          "the request came too slowly; allowed: its headers within "
              + limits.headerTime().toSeconds()
              + " s, its body within "
              + limits.bodyTime().toSeconds()
              + " s";
      case 505 -> "only HTTP/1.1 is spoken here";
      default -> status.reasonPhrase();
    };
  }

  private void serve(HttpHandler handler, ServerRequest request, ServerResponse response) {
    GuardedConnection connection = GuardedServing.current();
    connection.body(request.content().hasEntity());
    HelidonResponse answer =
        new HelidonResponse(
            response, request.prologue().method().text().equals("HEAD"), connection::sending);
    HelidonRequest asked = new HelidonRequest(request, connection, limits, budget);
    try {
      handler.handle(asked, answer);
      answer.end();
    } catch (IOException e) {
      // What of an answer was sent is not the whole of it: only the end of the connection says so.
      throw new CloseConnectionException("the client is gone", e);
    } finally {
      asked.answered();
      connection.answered(
          answer.isLast() || request.headers().containsToken(HeaderValues.CONNECTION_CLOSE));
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
