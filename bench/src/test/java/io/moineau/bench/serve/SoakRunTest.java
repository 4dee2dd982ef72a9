package io.moineau.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server at full load with clients that misbehave: {@code bench/serve/soak} without a script. */
final class SoakRunTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return SoakRun.run(List.of(arguments), new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  /** Twenty minutes, or as many seconds as {@code -Dmoineau.soakSeconds} says. */
  @Test
  @Tag("soak")
  void run_twentyMinutesOfLoad_nothingLeaks() {
    int code = run(System.getProperty("moineau.soakSeconds", "1200"), "16");
    assertThat(code).as(out.toString(StandardCharsets.UTF_8)).isZero();
  }

  @Test
  void run_wrongArguments_tellsUsage() {
    assertThat(run("soon")).isEqualTo(2);
    assertThat(run("0", "4")).isEqualTo(2);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("SECONDS");
  }
}
