package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.FinishReason;
import io.moineau.Timings;
import io.moineau.Usage;
import io.moineau.server.AccessEntry;
import io.moineau.server.access.AnswerEnd;
import io.moineau.server.access.Caller;
import io.moineau.text.Json;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AccessLogTest {
  private static final Instant START = Instant.parse("2026-11-21T17:00:00.123456Z");
  private static final Caller BOB = Caller.withKey("k1", "bob");

  private static AnswerEnd end(int generated, Optional<FinishReason> reason) {
    return new AnswerEnd(
        BOB,
        "/v1/chat/completions",
        "req_1",
        START,
        new Usage(20, 5, generated),
        new Timings(2_000_000, 10_340_000, 50_000_000, 15, 6),
        reason);
  }

  private static AccessEntry entry(String path, Caller caller, String trace, AnswerEnd... ends) {
    return new AccessEntry(
        START,
        "127.0.0.1",
        "POST",
        path,
        200,
        62_340_000,
        "req_1",
        path,
        caller,
        "tiny",
        List.of(ends),
        trace);
  }

  private static String written(AccessLog.Format format, AccessEntry... entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (AccessLog log =
        new AccessLog(format, new PrintStream(bytes, false, StandardCharsets.UTF_8))) {
      for (AccessEntry entry : entries) {
        log.accept(entry);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void json_hasAllThatIsKnown() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    String line =
        written(
            AccessLog.Format.JSON,
            entry("/v1/chat/completions", BOB, trace, end(7, Optional.of(FinishReason.STOP))));
    assertThat(line).endsWith("}\n");
    assertThat(Json.parse(line))
        .isEqualTo(
            Json.parse(
                """
                {"time":"2026-11-21T17:00:00.123Z","remote":"127.0.0.1","method":"POST",
                "path":"/v1/chat/completions","status":200,"ms":62.3,"request_id":"req_1",
                "key_id":"k1","model":"tiny","prompt_tokens":20,"cached_tokens":5,
                "generated_tokens":7,"first_token_ms":12.3,"finish_reason":"stop",
                "trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}\
                """));
  }

  @Test
  void json_leavesOutWhatThereIsNot() {
    String line = written(AccessLog.Format.JSON, entry("/health", Caller.at("127.0.0.1"), ""));
    assertThat(((Map<?, ?>) Json.parse(line)).keySet().stream().map(Object::toString))
        .containsExactly("time", "remote", "method", "path", "status", "ms", "request_id");
  }

  @Test
  void json_severalAnswers_areAddedUp() {
    Map<?, ?> line =
        (Map<?, ?>)
            Json.parse(
                written(
                    AccessLog.Format.JSON,
                    entry(
                        "/v1/chat/completions",
                        BOB,
                        "",
                        end(7, Optional.of(FinishReason.STOP)),
                        end(3, Optional.empty()))));
    assertThat(line.get("prompt_tokens").toString()).isEqualTo("40");
    assertThat(line.get("generated_tokens").toString()).isEqualTo("10");
    assertThat(line.get("finish_reason")).isEqualTo("stop,error");
  }

  @Test
  void lines_areLines_whateverThePathIs() {
    AccessEntry hostile = entry("/a\n{\"status\":500}\u001b[31m\u2028", BOB, "");
    for (AccessLog.Format format : List.of(AccessLog.Format.TEXT, AccessLog.Format.JSON)) {
      String text = written(format, hostile, hostile);
      assertThat(text.lines()).as(format.name()).hasSize(2);
      assertThat(text).as(format.name()).doesNotContain("\u001b");
    }
    assertThat(written(AccessLog.Format.NONE, hostile)).isEmpty();
  }

  /** Takes nothing until it is let. */
  private static final class Blocked extends OutputStream {
    private final CountDownLatch open = new CountDownLatch(1);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      await();
      taken.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      await();
      taken.write(bytes, from, count);
    }

    private void await() {
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void outputThatNobodyReads_holdsNobodyUp() {
    Blocked blocked = new Blocked();
    AccessLog log =
        new AccessLog(
            AccessLog.Format.JSON, new PrintStream(blocked, true, StandardCharsets.UTF_8));
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      log.accept(entry("/health", BOB, ""));
    }
    long dropped = log.dropped();
    assertThat(dropped).isBetween(1L, (long) count);
    blocked.open.countDown();
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    log.close();
    String text = blocked.taken.toString(StandardCharsets.UTF_8);
    while (!text.contains("\"dropped\"") && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      text = blocked.taken.toString(StandardCharsets.UTF_8);
    }
    long told = 0;
    long lines = 0;
    for (String line : text.lines().toList()) {
      Map<?, ?> values = (Map<?, ?>) Json.parse(line);
      if (values.containsKey("dropped")) {
        told += Long.parseLong(values.get("dropped").toString());
      } else {
        lines++;
      }
    }
    assertThat(told).isEqualTo(dropped);
    assertThat(lines).isEqualTo(count - dropped);
  }

  @Test
  void closing_withOutputThatNobodyReads_ends() {
    Blocked blocked = new Blocked();
    AccessLog log =
        new AccessLog(
            AccessLog.Format.TEXT, new PrintStream(blocked, true, StandardCharsets.UTF_8));
    log.accept(entry("/health", BOB, ""));
    log.close(); // would hang if it waited for ever
    assertThat(blocked.taken.size()).isZero();
    blocked.open.countDown();
  }
}
