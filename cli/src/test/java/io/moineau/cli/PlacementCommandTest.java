package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.cli.CommandLineTest.Result;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code moineau plan --fleet --demand} as a user meets it. */
class PlacementCommandTest {
  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private String[] command(String requests, String... more) throws IOException {
    Path fleet =
        write(
            "fleet.yaml",
            """
            moineau-fleet: 1
            sites:
              - name: <b>Paris</b>
                country: FR
                chips: [{chip: H100, count: 4, usd_per_hour: 2}]
            """);
    Path demand =
        write(
            "demand.yaml",
            """
            moineau-demand: 1
            date: 2026-06-01
            end_user_hq: FR
            workloads:
              - {name: chat, model: qwen3-8b, input: 512, output: 128, requests_per_second: %s}
            """
                .formatted(requests));
    String[] all = new String[5 + more.length];
    System.arraycopy(
        new String[] {"plan", "--fleet", fleet.toString(), "--demand", demand.toString()},
        0,
        all,
        0,
        5);
    System.arraycopy(more, 0, all, 5, more.length);
    return all;
  }

  @Test
  void placement_isPrintedAsTextJsonAndHtml() throws IOException {
    Path html = folder.resolve("report.html");
    Result text = CommandLineTest.run("", command("2", "--html", html.toString()));
    assertThat(text.code()).as(text.err()).isZero();
    assertThat(text.out()).contains("all is served").contains("H100 SXM").contains("2  100 %");
    assertThat(Files.readString(html))
        .contains("<svg")
        .contains("&lt;b&gt;Paris")
        .doesNotContain("<b>Paris");
    Result json = CommandLineTest.run("", command("2", "--json"));
    assertThat(json.code()).isZero();
    assertThat((Map<?, ?>) Json.parse(json.out())).isInstanceOf(Map.class);
    assertThat(json.out()).contains("\"feasible\": true");
  }

  @Test
  void whatCannotBe_isSaidWithWhatToRelax_andExitCodeOne() throws IOException {
    Result result = CommandLineTest.run("", command("100000"));
    assertThat(result.code()).isEqualTo(ExitCode.ERROR);
    assertThat(result.out())
        .contains("nothing is within all constraints")
        .contains("instead of 4 H100 SXM at")
        .contains("of chat instead of 100 %");
    Result json = CommandLineTest.run("", command("100000", "--json"));
    assertThat(json.out()).contains("\"feasible\": false").contains("\"smallest\": true");
  }

  @Test
  void wrongUsage_andWrongFiles_areSaid() throws IOException {
    assertThat(CommandLineTest.run("", "plan", "--fleet", "a").code()).isEqualTo(ExitCode.USAGE);
    assertThat(CommandLineTest.run("", "plan", "--date", "2026-01-01").code())
        .isEqualTo(ExitCode.USAGE);
    Result beside = CommandLineTest.run("", command("2", "--model", "qwen3-8b"));
    assertThat(beside.code()).isEqualTo(ExitCode.USAGE);
    assertThat(beside.err()).contains("--model does not go with --fleet");
    Result bad = CommandLineTest.run("", command("many"));
    assertThat(bad.code()).isEqualTo(ExitCode.ERROR);
    assertThat(bad.err()).contains("demand.yaml line 5").contains("requests_per_second is many");
    Result day = CommandLineTest.run("", command("2", "--date", "2026-02-30"));
    assertThat(day.err()).contains("there is no such day");
  }
}
