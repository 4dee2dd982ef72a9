package io.moineau.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.text.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the model is doing, as clients see it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ActivityTest {
  private final TestServer server = new TestServer(TestServer.options());

  @AfterEach
  void close() {
    server.close();
  }

  /** A client that reads the events of {@code /moineau/activity}. */
  private static final class Listener implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;
    private final Map<List<Object>, Long> tokens =
        new TreeMap<>((a, b) -> {
          int layer = Long.compare(number(a.get(0)), number(b.get(0)));
          return layer != 0 ? layer : Long.compare(number(a.get(1)), number(b.get(1)));
        });
    private final List<Map<?, ?>> events = new ArrayList<>();

    Listener(TestServer server) throws IOException {
      socket = server.connect();
      TestServer.write(socket, "GET /moineau/activity HTTP/1.1\r\nHost: test\r\n\r\n");
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The next event; none once the server has ended the stream. */
    Map<?, ?> next() throws IOException {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("data: ")) {
          Map<?, ?> event = (Map<?, ?>) Json.parse(line.substring("data: ".length()));
          events.add(event);
          if (event.containsKey("total")) {
            tokens.clear();
          }
          for (Object entry : (List<?>) event.get("experts")) {
            List<?> use = (List<?>) entry;
            tokens.merge(List.of(use.get(0), use.get(1)), number(use.get(2)), Long::sum);
          }
          return event;
        }
      }
      return Map.of();
    }

    void until(Predicate<Map<?, ?>> condition) throws IOException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
      for (Map<?, ?> event = next(); !condition.test(event); event = next()) {
        assertThat(event).as("the stream ended").isNotEmpty();
        assertThat(System.nanoTime()).as("not seen within 40 s: %s", event).isLessThan(end);
      }
    }

    long sum() {
      return tokens.values().stream().mapToLong(n -> n).sum();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static long number(Object value) {
    return ((Number) value).longValue();
  }

  private long counted() {
    long sum = 0;
    for (int i = 0; i < server.moineau.experts().orElseThrow().layers().length; i++) {
      for (long tokens : server.moineau.experts().orElseThrow().tokens(i)) {
        sum += tokens;
      }
    }
    return sum;
  }

  @Test
  void listener_addsUpToWhatTheEngineCounted_andSeesTheRequestRun()
      throws IOException, InterruptedException {
    server.post("/v1/chat/completions", TestServer.endless(5, ""));
    long before = counted();
    assertThat(before).isPositive();
    try (Listener early = new Listener(server)) {
      Map<?, ?> first = early.next();
      assertThat(first.get("total")).isEqualTo(true);
      assertThat(early.sum()).isEqualTo(before);
      assertThat(number(first.get("experts_per_layer"))).isEqualTo(8);
      assertThat((List<?>) first.get("layers")).isNotEmpty();
      assertThat(number(first.get("kv_blocks"))).isPositive();
      assertThat(number(first.get("memory_bytes"))).isPositive();
      // Again and again: on a busy machine one may be over between two looks.
      AtomicBoolean enough = new AtomicBoolean();
      Thread asker =
          Thread.ofVirtual()
              .start(() -> {
                while (!enough.get()) {
                  server.post("/v1/chat/completions", TestServer.endless(1500, ""));
                }
              });
      early.until(event -> number(event.get("running")) == 1);
      early.until(event -> ((Number) event.get("tokens_per_second")).doubleValue() > 0);
      early.until(event -> number(event.get("kv_used")) > 0);
      enough.set(true);
      asker.join();
      early.until(event -> number(event.get("running")) == 0);
      TestServer.eventually(() -> server.moineau.stats().running() == 0);
      long after = counted();
      assertThat(after).isGreaterThan(before);
      early.until(event -> early.sum() >= after);
      assertThat(early.sum()).isEqualTo(after);
      try (Listener late = new Listener(server)) {
        late.next();
        assertThat(late.tokens).isEqualTo(early.tokens);
      }
    }
  }

  @Test
  void listeners_aboveTheLimit_areRefused_andAPlaceIsFreeWhenOneGoes() throws IOException {
    List<Listener> listeners = new ArrayList<>();
    try {
      for (int i = 0; i < 64; i++) {
        Listener listener = new Listener(server);
        listeners.add(listener);
        assertThat(listener.next()).isNotEmpty();
      }
      TestServer.Reply refused = server.get("/moineau/activity");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.at("error.code")).isEqualTo("too_many_listeners");
      assertThat(refused.http().headers().firstValue("Retry-After")).isPresent();
      listeners.removeFirst().close();
      TestServer.eventually(() -> {
        try (Listener another = new Listener(server)) {
          return another.next().containsKey("total");
        } catch (IOException e) {
          return false;
        }
      });
    } finally {
      for (Listener listener : listeners) {
        listener.close();
      }
    }
  }

  @Test
  void headOfTheStream_ends() {
    HttpRequest head =
        HttpRequest.newBuilder(URI.create(server.server.uri() + "/moineau/activity"))
            .timeout(Duration.ofSeconds(30))
            .HEAD()
            .build();
    TestServer.Reply reply = server.send(head);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.http().headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
  }

  @Test
  void serverThatEnds_endsTheStreamWithoutWaitingForItsGrace() throws IOException {
    try (Listener listener = new Listener(server)) {
      listener.next();
      long start = System.nanoTime();
      server.server.close();
      while (!listener.next().isEmpty()) {
        continue;
      }
      assertThat(System.nanoTime() - start)
          .as("the grace is %s", TestServer.options().grace())
          .isLessThan(TestServer.options().grace().toNanos() / 2);
    }
  }

  @Test
  void model_tellsItsShapeAndNoPath() {
    TestServer.Reply reply = server.get("/moineau/model");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.at("id")).isEqualTo("tiny");
    assertThat(reply.at("architecture")).isEqualTo("qwen3moe");
    assertThat(reply.at("experts")).isEqualTo(8L);
    assertThat(reply.at("experts_per_token")).isEqualTo(3L);
    assertThat((List<?>) reply.at("moe_layers")).isNotEmpty();
    assertThat(reply.at("context")).isEqualTo((long) TestServer.CONTEXT);
    assertThat(reply.at("chat")).isEqualTo(true);
    assertThat(reply.at("tools")).isEqualTo(false);
    assertThat(reply.at("reasoning")).isEqualTo(false);
    assertThat(number(reply.at("memory.total_bytes"))).isPositive();
    assertThat(reply.at("memory_bytes")).isEqualTo(reply.at("memory.total_bytes"));
    assertThat(number(reply.at("bytes"))).isEqualTo(server.moineau.card().fileBytes());
    assertThat(reply.at("quantisation")).isEqualTo(server.moineau.card().quantization());
    assertThat(reply.body()).doesNotContain(server.moineau.card().path().getParent().toString());
  }

  @Test
  void completion_askedForExperts_tellsThoseOfItsTokens() {
    String asked = TestServer.endless(6, ",\"moineau_experts\":true");
    TestServer.Reply whole = server.post("/v1/chat/completions", asked);
    int layers = server.moineau.experts().orElseThrow().layers().length;
    assertThat(tokens(whole.at("moineau.experts"))).isEqualTo(6L * 3 * layers);
    assertThat(number(whole.at("moineau.experts_used")))
        .isEqualTo(((List<?>) whole.at("moineau.experts")).size());

    String streamed = TestServer.endless(6, ",\"moineau_experts\":true,\"stream\":true");
    List<String> events = server.post("/v1/chat/completions", streamed).events();
    assertThat(events.getLast()).isEqualTo("[DONE]");
    Object last = Json.parse(events.get(events.size() - 2));
    assertThat(TestServer.at(last, "moineau.experts")).isEqualTo(whole.at("moineau.experts"));
    assertThat((List<?>) TestServer.at(last, "choices")).isEmpty();

    String withUsage = streamed.replace("}]", "}],\"stream_options\":{\"include_usage\":true}");
    events = server.post("/v1/chat/completions", withUsage).events();
    last = Json.parse(events.get(events.size() - 2));
    assertThat(TestServer.at(last, "usage.completion_tokens")).isEqualTo(6L);
    assertThat(tokens(TestServer.at(last, "moineau.experts"))).isEqualTo(6L * 3 * layers);

    String twice = TestServer.endless(6, ",\"moineau_experts\":true,\"n\":2");
    TestServer.Reply both = server.post("/v1/chat/completions", twice);
    assertThat(tokens(both.at("moineau.experts"))).isEqualTo(2 * 6L * 3 * layers);

    TestServer.Reply plain = server.post("/v1/chat/completions", TestServer.endless(6, ""));
    assertThat(plain.json()).doesNotContainKey("moineau");
  }

  private static long tokens(Object experts) {
    long sum = 0;
    long last = Long.MAX_VALUE;
    for (Object entry : (List<?>) experts) {
      long tokens = number(((Map<?, ?>) entry).get("tokens"));
      assertThat(tokens).as("most used first").isBetween(1L, last);
      last = tokens;
      sum += tokens;
    }
    return sum;
  }
}
