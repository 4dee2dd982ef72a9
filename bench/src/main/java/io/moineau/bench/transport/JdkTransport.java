package io.moineau.bench.transport;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.moineau.server.http.HttpHandler;
import io.moineau.server.http.HttpRequest;
import io.moineau.server.http.HttpResponse;
import io.moineau.server.http.HttpTransport;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;

/**
 * The JDK's own server with virtual threads, as far as a comparison needs it. It tells nobody when
 * a client goes away: the end of a connection is seen by the next write only.
 */
final class JdkTransport implements HttpTransport {
  private final HttpServer server;

  JdkTransport(InetSocketAddress address, HttpHandler handler) throws IOException {
    server = HttpServer.create(address, 1024);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            handler.handle(new Request(exchange), new Response(exchange));
          }
        });
    server.start();
  }

  @Override
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void stop(Duration grace) {
    server.stop((int) grace.toSeconds());
  }

  private record Request(HttpExchange exchange) implements HttpRequest {
    @Override
    public String method() {
      return exchange.getRequestMethod();
    }

    @Override
    public String path() {
      return exchange.getRequestURI().getPath();
    }

    @Override
    public Optional<String> query(String name) {
      return Optional.empty();
    }

    @Override
    public List<String> queries(String name) {
      return List.of();
    }

    @Override
    public Set<String> queryNames() {
      return Set.of();
    }

    @Override
    public Optional<String> header(String name) {
      return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    @Override
    public List<String> headers(String name) {
      return exchange.getRequestHeaders().getOrDefault(name, List.of());
    }

    @Override
    public String remote() {
      return exchange.getRemoteAddress().getAddress().getHostAddress();
    }

    @Override
    public byte[] body() {
      try {
        return exchange.getRequestBody().readAllBytes();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void onGone(Runnable action) {
      // This server has no such news.
    }
  }

  private static final class Response implements HttpResponse {
    private final HttpExchange exchange;
    private int status = 200;
    private boolean started;

    Response(HttpExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void status(int value) {
      status = value;
    }

    @Override
    public int status() {
      return status;
    }

    @Override
    public void header(String name, String value) {
      exchange.getResponseHeaders().set(name, value);
    }

    @Override
    public void close() {
      header("Connection", "close");
    }

    @Override
    public void send(byte[] body) throws IOException {
      started = true;
      exchange.sendResponseHeaders(status, body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }

    @Override
    public OutputStream stream() throws IOException {
      started = true;
      exchange.sendResponseHeaders(status, 0);
      return exchange.getResponseBody();
    }

    @Override
    public boolean started() {
      return started;
    }
  }
}
