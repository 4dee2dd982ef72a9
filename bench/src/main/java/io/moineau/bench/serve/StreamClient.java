package io.moineau.bench.serve;

import io.moineau.text.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Asks a server for streams of server-sent events, for many threads at once. */
final class StreamClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final URI server;
  private final boolean chat;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http;
  private final String model;

  /**
   * A client of a server that is ready.
   *
   * @param chat asks for chats rather than completions of tokens
   */
  StreamClient(URI server, boolean chat) {
    this.server = server;
    this.chat = chat;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(executor)
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    this.model = firstModel();
  }

  /** The name of the model that is served. */
  String model() {
    return model;
  }

  private String firstModel() {
    HttpRequest request = HttpRequest.newBuilder(server.resolve("/v1/models")).build();
    try {
      String body = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      if (Json.parse(body) instanceof Map<?, ?> map
          && map.get("data") instanceof List<?> models
          && models.getFirst() instanceof Map<?, ?> first
          && first.get("id") instanceof String id) {
        return id;
      }
      throw broken("/v1/models answered " + abridged(body));
    } catch (IOException e) {
      throw broken("/v1/models: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw broken("interrupted");
    }
  }

  private ServeBenchException broken(String where) {
    return new ServeBenchException(
        "server-failed", "a server does not tell its model", where, "", "see what it wrote");
  }

  /** Sends a request and reads its stream to the end. */
  StreamResult run(StreamRequest request) {
    return run(request, () -> false);
  }

  /**
   * The same, but goes away once there is enough of it. Its tokens are then what arrived, a piece
   * of text counting as one.
   */
  StreamResult run(StreamRequest request, BooleanSupplier enough) {
    String body = chat ? request.chat(model) : request.completion(model);
    HttpRequest post =
        HttpRequest.newBuilder(server.resolve(chat ? "/v1/chat/completions" : "/v1/completions"))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    long sent = System.nanoTime();
    Events events = new Events(request.maxTokens());
    try {
      HttpResponse<InputStream> response =
          http.send(post, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        if (response.statusCode() != 200) {
          String text = new String(in.readNBytes(2000), StandardCharsets.UTF_8);
          return StreamResult.failed(
              sent, new long[0], "status " + response.statusCode() + ": " + abridged(text));
        }
        events.read(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)), enough);
      }
    } catch (IOException e) {
      return StreamResult.failed(sent, events.times(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return StreamResult.failed(sent, events.times(), "interrupted");
    }
    return events.result(sent);
  }

  private static String abridged(String text) {
    return text.substring(0, Math.min(300, text.length())).replaceAll("\\s+", " ");
  }

  /** The events of one stream. */
  private static final class Events {
    private long[] times;
    private int[] upTo;
    private int count;
    private boolean done;
    private int promptTokens;
    private int tokens = -1;
    private String error = "";

    Events(int expected) {
      times = new long[Math.max(1, expected)];
      upTo = new int[times.length];
    }

    void read(BufferedReader lines, BooleanSupplier enough) throws IOException {
      for (String line = lines.readLine(); line != null && !done; line = lines.readLine()) {
        if (line.startsWith("data:")) {
          data(line.substring("data:".length()).strip());
        }
        if (enough.getAsBoolean()) {
          tokens = count;
          done = true;
        }
      }
    }

    private void data(String data) {
      if (data.equals("[DONE]")) {
        done = true;
        return;
      }
      long now = System.nanoTime();
      if (!(Json.parse(data) instanceof Map<?, ?> event)) {
        error = "an event is no object: " + abridged(data);
        return;
      }
      if (event.get("error") != null) {
        error = "error in the stream: " + abridged(data);
      }
      if (event.get("usage") instanceof Map<?, ?> usage) {
        promptTokens = number(usage.get("prompt_tokens"));
        tokens = number(usage.get("completion_tokens"));
      }
      if (event.get("choices") instanceof List<?> choices
          && !choices.isEmpty()
          && choices.getFirst() instanceof Map<?, ?> choice
          && hasText(choice)) {
        if (count == times.length) {
          times = Arrays.copyOf(times, 2 * count);
          upTo = Arrays.copyOf(upTo, 2 * count);
        }
        upTo[count] = Math.max(0, tokens);
        times[count++] = now;
      }
    }

    private static boolean hasText(Map<?, ?> choice) {
      Object text = choice.get("text");
      if (choice.get("delta") instanceof Map<?, ?> delta) {
        Object content = delta.get("content");
        text = isText(content) ? content : delta.get("reasoning_content");
      }
      return isText(text);
    }

    private static boolean isText(@Nullable Object value) {
      return value instanceof String text && !text.isEmpty();
    }

    private static int number(@Nullable Object value) {
      return value instanceof Number number ? number.intValue() : 0;
    }

    long[] times() {
      return Arrays.copyOf(times, count);
    }

    StreamResult result(long sent) {
      if (error.isEmpty() && !done) {
        error = "the stream ended without [DONE]";
      }
      if (error.isEmpty() && tokens < 0) {
        error = "the stream told no usage";
      }
      boolean told = count > 0 && upTo[0] > 0;
      return new StreamResult(
          sent,
          times(),
          told ? Arrays.copyOf(upTo, count) : new int[0],
          promptTokens,
          Math.max(0, tokens),
          error);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    executor.shutdownNow();
  }
}
