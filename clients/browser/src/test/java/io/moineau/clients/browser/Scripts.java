package io.moineau.clients.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.moineau.text.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a server and passes everything on as it is, page and headers included, but for the
 * paths whose answers a test has written: so the page meets what no model says on demand.
 */
final class Scripts implements AutoCloseable {
  static final String CHAT = "/v1/chat/completions";
  private static final Set<String> HOP =
      Set.of("connection", "host", "content-length", "transfer-encoding", "origin", "date");

  /** An answer that was written before. */
  interface Answer {
    void give(HttpExchange exchange) throws IOException;
  }

  private final URI server;
  private final HttpServer front;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<Object> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger brokenOff = new AtomicInteger();

  Scripts(URI server) {
    this.server = server;
    try {
      front = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    front.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    front.createContext("/", this::handle);
    front.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + front.getAddress().getPort());
  }

  /** Answers a path from now on; null passes it on again. */
  Scripts on(String path, @Nullable Answer answer) {
    if (answer == null) {
      answers.remove(path);
    } else {
      answers.put(path, answer);
    }
    return this;
  }

  /** The bodies of the chats that were asked for, oldest first. */
  List<Object> asked() {
    return asked;
  }

  /** How many answers the browser broke off. */
  int brokenOff() {
    return brokenOff.get();
  }

  /** Every chat is answered with these pieces of content, so many milliseconds apart. */
  Scripts says(int pause, String... pieces) {
    List<Map<String, Object>> deltas = new ArrayList<>();
    for (String piece : pieces) {
      deltas.add(Map.of("content", piece));
    }
    return on(CHAT, stream(pause, deltas, "stop"));
  }

  /** A stream of a chat's events. */
  Answer stream(int pause, List<Map<String, Object>> deltas, String finish) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        for (Map<String, Object> delta : deltas) {
          send(out, chunk(delta, null));
          Thread.sleep(pause);
        }
        send(out, chunk(Map.of(), finish));
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("choices", List.of());
        usage.put("usage", Map.of("prompt_tokens", 12, "completion_tokens", deltas.size()));
        send(out, usage);
        out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        brokenOff.incrementAndGet();
        throw e;
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    };
  }

  private static Map<String, Object> chunk(Map<String, Object> delta, @Nullable String finish) {
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("index", 0);
    choice.put("delta", delta);
    choice.put("finish_reason", finish);
    return Map.of("choices", List.of(choice));
  }

  private static void send(OutputStream out, Object json) throws IOException {
    out.write(("data: " + Json.write(json) + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** A JSON answer. */
  static Answer json(int status, Object body, String... headers) {
    return exchange -> {
      byte[] bytes = Json.write(body).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (path.equals(CHAT)) {
        asked.add(Json.parse(new String(body, StandardCharsets.UTF_8)));
      }
      Answer answer = answers.get(path);
      if (answer == null) {
        pass(exchange, body);
      } else {
        answer.give(exchange);
      }
    }
  }

  private void pass(HttpExchange exchange, byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(exchange.getRequestURI()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!HOP.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> request.header(name, value));
          }
        });
    HttpResponse<InputStream> response;
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    response
        .headers()
        .map()
        .forEach((name, values) -> {
          if (!HOP.contains(name)) {
            exchange.getResponseHeaders().put(name, values);
          }
        });
    boolean none = response.statusCode() == 304 || response.statusCode() == 204;
    exchange.sendResponseHeaders(response.statusCode(), none ? -1 : 0);
    if (none) {
      return;
    }
    try (InputStream in = response.body();
        OutputStream out = exchange.getResponseBody()) {
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        out.flush();
      }
    }
  }

  @Override
  public void close() {
    front.stop(0);
    client.shutdownNow();
  }
}
