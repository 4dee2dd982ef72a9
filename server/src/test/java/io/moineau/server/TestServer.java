package io.moineau.server;

import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.ServingOptions;
import io.moineau.testkit.TinyModels;
import io.moineau.text.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A server over a tiny model with random weights, and clients that are plain sockets. */
final class TestServer implements AutoCloseable {
  static final int CONTEXT = 2048;

  final Moineau moineau;
  final Server server;
  final Queue<AccessEntry> log = new ConcurrentLinkedQueue<>();
  private final Path file;
  private final HttpClient client;
  private final @Nullable SSLContext trusting;

  TestServer(ServerOptions options) {
    this(options, 4);
  }

  TestServer(ServerOptions options, int parallel) {
    this(options, parallel, ServingOptions.defaults());
  }

  TestServer(ServerOptions options, int parallel, ServingOptions serving) {
    this(options, parallel, serving, null);
  }

  /** With clients that trust so. */
  TestServer(
      ServerOptions options, int parallel, ServingOptions serving, @Nullable SSLContext trusting) {
    this.trusting = trusting;
    HttpClient.Builder builder = HttpClient.newBuilder();
    this.client = trusting == null ? builder.build() : builder.sslContext(trusting).build();
    try {
      file = Files.createTempFile("tiny-", ".gguf");
      TinyModels.qwen3moe(7).maxPositionEmbeddings(CONTEXT).write(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    moineau =
        Moineau.open(
            file,
            ModelOptions.defaults()
                .withThreads(1)
                .withContextLength(CONTEXT)
                .withMaxSequences(parallel)
                .withServing(serving));
    server = Server.start(moineau, options.withPort(0).withAlias("tiny").withAccessLog(log::add));
  }

  static ServerOptions options() {
    return ServerOptions.defaults();
  }

  record Reply(int status, String body, HttpResponse<String> http) {
    @SuppressWarnings("unchecked")
    Map<String, Object> json() {
      return (Map<String, Object>) Json.parse(body);
    }

    /** A value within, such as {@code error.code} or {@code choices.0.message}. */
    Object at(String path) {
      return TestServer.at(json(), path);
    }

    /** The data of server-sent events. */
    List<String> events() {
      List<String> events = new ArrayList<>();
      for (String block : body.split("\n\n")) {
        for (String line : block.split("\n")) {
          if (line.startsWith("data: ")) {
            events.add(line.substring("data: ".length()));
          }
        }
      }
      return events;
    }
  }

  static Object at(Object json, String path) {
    Object value = json;
    for (String part : path.split("\\.")) {
      value =
          value instanceof List<?> list
              ? list.get(Integer.parseInt(part))
              : ((Map<?, ?>) value).get(part);
    }
    return value;
  }

  Reply post(String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.uri() + path))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  Reply get(String path) {
    return send(HttpRequest.newBuilder(URI.create(server.uri() + path)).GET().build());
  }

  Reply send(HttpRequest request) {
    try {
      HttpResponse<String> response =
          client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      return new Reply(response.statusCode(), response.body(), response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A conversation that a model with random weights answers for long. */
  static String endless(int maxTokens, String more) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"go on\"}],\"ignore_eos\":true,"
        + "\"temperature\":0,\"max_tokens\":"
        + maxTokens
        + more
        + "}";
  }

  Socket connect() throws IOException {
    return connect(0);
  }

  /**
   * A connection.
   *
   * @param receiveBuffer bytes that the system keeps of what is not read; 0 for its default
   */
  Socket connect(int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
    socket.setSoTimeout(20_000);
    return trusting == null
        ? socket
        : trusting.getSocketFactory().createSocket(socket, "127.0.0.1", server.port(), true);
  }

  static void sendPost(Socket socket, String path, String body, String... headers)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    write(
        socket,
        "POST "
            + path
            + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
            + bytes.length
            + "\r\n"
            + Stream.of(headers).map(header -> header + "\r\n").collect(Collectors.joining())
            + "\r\n"
            + body);
  }

  static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }

  /** What comes until the server closes the connection. */
  static String readAll(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[4096];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        all.write(buffer, 0, n);
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the server did not close; it said: " + all, e);
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  /** What comes until {@code text} is among it. */
  static String readUntil(Socket socket, String text) throws IOException {
    StringBuilder all = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (all.indexOf(text) < 0) {
      int b = in.read();
      if (b < 0) {
        throw new AssertionError("the server closed after: " + all);
      }
      all.append((char) b);
    }
    return all.toString();
  }

  /** Waits for what must come. */
  static void eventually(BooleanSupplier condition) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("did not come within 20 s");
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    server.close();
    moineau.close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit(); // still mapped, on some systems
    }
  }
}
