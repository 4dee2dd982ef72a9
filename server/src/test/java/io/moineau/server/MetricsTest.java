package io.moineau.server;

import static io.moineau.server.TestServer.endless;
import static io.moineau.server.TestServer.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.moineau.EngineStats;
import io.moineau.ExpertActivity;
import io.moineau.server.TestServer.Reply;
import io.moineau.server.access.Admission;
import io.moineau.server.access.Caller;
import io.moineau.server.access.Gatekeeper;
import io.moineau.server.api.ApiException;
import io.moineau.server.http.HttpRequest;
import io.moineau.server.metrics.Figure;
import io.moineau.server.metrics.MetricsOptions;
import io.moineau.server.metrics.PrometheusText;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code /metrics} under load: it can be read, and what it says adds up. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MetricsTest {
  private static PrometheusText scrape(TestServer server) {
    Reply reply = server.get("/metrics");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.http().headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/plain; version=0.0.4");
    return PrometheusText.parse(reply.body(), false);
  }

  /**
   * Waits until so many requests are over for the server too: clients hear of it a little before.
   */
  private static void settled(TestServer server, int requests) {
    eventually(() -> server.log.size() >= requests && server.moineau.stats().running() == 0);
  }

  private static double number(Reply reply, String path) {
    return ((Number) reply.at(path)).doubleValue();
  }

  @Test
  void counters_equalWhatTheAnswersSay() throws Exception {
    try (TestServer server = new TestServer(TestServer.options());
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Reply>> asked = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        String body = endless(5 + i, "");
        asked.add(clients.submit(() -> server.post("/v1/chat/completions", body)));
      }
      double prompt = 0;
      double cached = 0;
      double generated = 0;
      for (Future<Reply> one : asked) {
        Reply reply = one.get();
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        prompt += number(reply, "usage.prompt_tokens");
        cached += number(reply, "usage.prompt_tokens_details.cached_tokens");
        generated += number(reply, "usage.completion_tokens");
      }
      settled(server, 12);
      PrometheusText text = scrape(server);

      assertThat(text.sum("moineau_prompt_tokens_total")).isEqualTo(prompt);
      assertThat(text.sum("moineau_prompt_tokens_total", "source", "cached")).isEqualTo(cached);
      assertThat(text.sum("moineau_generated_tokens_total")).isEqualTo(generated);
      assertThat(text.sum("moineau_answers_total", "finish_reason", "length")).isEqualTo(12);
      assertThat(text.sum("moineau_answers_total")).isEqualTo(12);
      assertThat(text.sum("moineau_requests_accepted_total")).isEqualTo(12);
      assertThat(text.sum("moineau_requests_ended_total", "result", "finished")).isEqualTo(12);
      assertThat(text.sum("moineau_answer_prompt_tokens_sum")).isEqualTo(prompt);
      assertThat(text.sum("moineau_answer_generated_tokens_sum")).isEqualTo(generated);
      for (String histogram :
          List.of(
              "moineau_time_to_first_token_seconds",
              "moineau_time_per_output_token_seconds",
              "moineau_queue_time_seconds",
              "moineau_prefill_time_seconds",
              "moineau_decode_time_seconds",
              "moineau_answer_time_seconds")) {
        assertThat(text.sum(histogram + "_count")).as(histogram).isEqualTo(12);
        assertThat(text.families().get(histogram).type()).isEqualTo("histogram");
      }
      assertThat(
              text.sum(
                  "moineau_http_requests_total",
                  "endpoint",
                  "/v1/chat/completions",
                  "method",
                  "POST",
                  "status",
                  "200"))
          .isEqualTo(12);
    }
  }

  @Test
  void gauges_tellOfThisMoment() throws Exception {
    try (TestServer server = new TestServer(TestServer.options(), 1);
        Socket first = server.connect();
        Socket second = server.connect()) {
      TestServer.sendPost(first, "/v1/chat/completions", endless(1500, ",\"stream\":true"));
      TestServer.readUntil(first, "data: ");
      TestServer.sendPost(second, "/v1/chat/completions", endless(5, ""));
      eventually(() -> server.moineau.stats().waiting() == 1);
      PrometheusText text = scrape(server);
      assertThat(text.sum("moineau_requests_running")).isEqualTo(1);
      assertThat(text.sum("moineau_requests_waiting")).isEqualTo(1);
      assertThat(text.sum("moineau_kv_blocks", "state", "used")).isPositive();
      assertThat(text.sum("moineau_kv_blocks")).isEqualTo(server.moineau.stats().blocks());
      first.close(); // its answer is cancelled
      TestServer.readUntil(second, "\"usage\"");
      settled(server, 3); // with the scrape before
      PrometheusText after = scrape(server);
      assertThat(after.sum("moineau_requests_running")).isZero();
      assertThat(after.sum("moineau_answers_total", "finish_reason", "cancelled")).isEqualTo(1);
      assertThat(after.sum("moineau_http_requests_total", "status", "499")).isEqualTo(1);
    }
  }

  @Test
  void steps_tellWhatTheyRead() {
    try (TestServer server = new TestServer(TestServer.options())) {
      assertThat(server.post("/v1/chat/completions", endless(40, "")).status()).isEqualTo(200);
      settled(server, 1);
      EngineStats stats = server.moineau.stats();
      PrometheusText text = scrape(server);
      assertThat(text.sum("moineau_steps_total", "phase", "decode")).isEqualTo(39);
      assertThat(text.sum("moineau_steps_total", "phase", "prompt")).isPositive();
      assertThat(text.sum("moineau_step_tokens_total")).isEqualTo(stats.computedTokens());
      double weights =
          text.sum("moineau_memory_read_bytes_total", "phase", "decode", "kind", "weights");
      // A decode step reads all but the embedding and the experts that were not chosen.
      assertThat(weights / 39)
          .isGreaterThan(0.1 * server.moineau.card().fileBytes())
          .isLessThan(server.moineau.card().fileBytes());
      assertThat(text.sum("moineau_memory_read_bytes_total", "phase", "decode", "kind", "kv"))
          .isPositive()
          .isEqualTo(stats.decodeSteps().kvBytes());
      assertThat(text.sum("moineau_step_seconds_total", "phase", "decode")).isPositive();
    }
  }

  @Test
  void everyFamily_isPlainPrometheus() {
    try (TestServer server = new TestServer(TestServer.options())) {
      server.post("/v1/chat/completions", endless(3, ""));
      server.post("/v1/chat/completions", "{}");
      server.get("/nowhere/%22quoted%22%5C/and%0Amore");
      settled(server, 3);
      PrometheusText text = scrape(server);
      text.families()
          .forEach((name, family) -> {
            assertThat(name).matches("(moineau|jvm|process|system)_[a-z0-9_]+");
            assertThat(family.help()).as(name).isNotBlank();
          });
      assertThat(text.sum("moineau_http_requests_total", "endpoint", "none", "status", "404"))
          .isEqualTo(1);
      assertThat(text.sampleNames())
          .contains(
              "jvm_memory_used_bytes",
              "jvm_threads_live_threads",
              "process_uptime_seconds",
              "moineau_build_info",
              "moineau_model_info");
    }
  }

  @Test
  void experts_tellHowEvenlyTheyAreUsed() {
    for (boolean each : new boolean[] {false, true}) {
      try (TestServer server =
          new TestServer(
              TestServer.options().withMetrics(MetricsOptions.defaults().withPerExpert(each)))) {
        assertThat(server.post("/v1/chat/completions", endless(40, "")).status()).isEqualTo(200);
        PrometheusText text = scrape(server);
        ExpertActivity activity = server.moineau.experts().orElseThrow();
        for (int i = 0; i < activity.layers().length; i++) {
          String layer = Integer.toString(activity.layers()[i]);
          LongSummaryStatistics counts = Arrays.stream(activity.tokens(i)).summaryStatistics();
          assertThat(text.sum("moineau_expert_tokens_total", "layer", layer))
              .isEqualTo(counts.getSum());
          assertThat(text.sum("moineau_expert_load_max_ratio", "layer", layer))
              .isEqualTo(counts.getMax() / counts.getAverage(), within(1e-9));
          assertThat(text.sum("moineau_expert_load_variation_ratio", "layer", layer))
              .isBetween(0.01, 3.0);
          assertThat(text.sum("moineau_experts_unused", "layer", layer))
              .isEqualTo(Arrays.stream(activity.tokens(i)).filter(count -> count == 0).count());
        }
        assertThat(text.labelsOf("moineau_expert_tokens_total").contains("expert")).isEqualTo(each);
      }
    }
  }

  @Test
  void openMetrics_whereItIsAskedFor() {
    try (TestServer server = new TestServer(TestServer.options())) {
      System.gc(); // a first collection adds names of Java's own
      server.post("/v1/chat/completions", endless(3, ""));
      Reply reply =
          server.send(
              java.net.http.HttpRequest.newBuilder(URI.create(server.server.uri() + "/metrics"))
                  .header(
                      "Accept",
                      "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3,*/*;q=0.1")
                  .build());
      assertThat(reply.http().headers().firstValue("Content-Type").orElse(""))
          .startsWith("application/openmetrics-text; version=1.0.0");
      PrometheusText text = PrometheusText.parse(reply.body(), true);
      assertThat(text.sum("moineau_generated_tokens_total")).isEqualTo(3);
      assertThat(text.sampleNames()).containsAll(scrape(server).sampleNames());
    }
  }

  @Test
  void figures_ofOtherParts_areShown() {
    ServerOptions options =
        TestServer.options()
            .withFigure(Figure.gauge("moineau_test_up", "Whether it is up", () -> 1))
            .withFigure(Figure.counter("moineau_test_troubles", "Troubles", () -> 3))
            .withFigure(
                Figure.gauges(
                    "moineau_test_left_ratio", "What is left", "key", () -> Map.of("bob", 0.25)));
    try (TestServer server = new TestServer(options)) {
      PrometheusText text = scrape(server);
      assertThat(text.sum("moineau_test_up")).isEqualTo(1);
      assertThat(text.sum("moineau_test_troubles_total")).isEqualTo(3);
      assertThat(text.sum("moineau_test_left_ratio", "key", "bob")).isEqualTo(0.25);
    }
  }

  /** Asks everybody for a key, and knows one. */
  private static final class Doorkeeper implements Gatekeeper {
    @Override
    public Caller identify(HttpRequest http) {
      if (http.header("Authorization").orElse("").equals("Bearer right")) {
        return Caller.withKey("k1", "bob");
      }
      throw new ApiException(401, "no_key", "", 0, "a key is needed", "", "", "");
    }

    @Override
    public Admission admit(Caller caller, String modelId) {
      return end -> {};
    }
  }

  private static Reply metrics(TestServer server, String... headers) {
    return server.send(
        java.net.http.HttpRequest.newBuilder(URI.create(server.server.uri() + "/metrics"))
            .headers(headers)
            .build());
  }

  @Test
  void keys_areNeededFromElsewhere() {
    ServerOptions options = TestServer.options().withGatekeeper(new Doorkeeper());
    try (TestServer server = new TestServer(options)) {
      assertThat(server.get("/v1/models").status()).isEqualTo(401);
      assertThat(server.get("/metrics").status()).as("on this machine").isEqualTo(200);
      String[] proxied = {"X-Forwarded-For", "203.0.113.9"};
      assertThat(metrics(server, proxied).status()).as("through a proxy").isEqualTo(401);
      assertThat(
              metrics(server, "X-Forwarded-For", "203.0.113.9", "Authorization", "Bearer right")
                  .status())
          .isEqualTo(200);
    }
    try (TestServer server =
        new TestServer(options.withMetrics(MetricsOptions.defaults().withOpen(true)))) {
      assertThat(metrics(server, "X-Forwarded-For", "203.0.113.9").status()).isEqualTo(200);
    }
  }

  @Test
  void keys_areNamedOnRequestOnly() throws IOException {
    ServerOptions options = TestServer.options().withGatekeeper(new Doorkeeper());
    for (boolean named : new boolean[] {false, true}) {
      try (TestServer server =
          new TestServer(options.withMetrics(MetricsOptions.defaults().withPerKey(named)))) {
        Reply reply =
            server.post("/v1/chat/completions", endless(7, ""), "Authorization", "Bearer right");
        assertThat(reply.status()).isEqualTo(200);
        settled(server, 1);
        String body = server.get("/metrics").body();
        assertThat(body).doesNotContain("Bearer").doesNotContain("right");
        if (named) {
          PrometheusText text = PrometheusText.parse(body, false);
          assertThat(text.sum("moineau_key_tokens_total", "key", "bob", "kind", "generated"))
              .isEqualTo(7);
          assertThat(text.sum("moineau_key_tokens_total", "key", "bob", "kind", "prompt"))
              .isEqualTo(number(reply, "usage.prompt_tokens"));
        } else {
          assertThat(body).doesNotContain("bob");
        }
      }
    }
  }
}
