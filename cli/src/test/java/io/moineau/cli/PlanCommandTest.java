package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.cli.CommandLineTest.Result;
import io.moineau.testkit.TinyModels;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
  private static final String[] QUESTION = {
    "--model",
    "deepseek-r1",
    "--chip",
    "h20",
    "--count",
    "16",
    "--input",
    "4096",
    "--output",
    "1024"
  };

  @TempDir Path folder;

  private static Result plan(String... args) {
    List<String> all = new ArrayList<>(List.of("plan"));
    all.addAll(Arrays.asList(args));
    return CommandLineTest.run("", all.toArray(String[]::new));
  }

  /** The question with other or more options. */
  private static Result ask(String... options) {
    List<String> all = new ArrayList<>(Arrays.asList(QUESTION));
    for (int i = 0; i < options.length; i += 2) {
      int at = all.indexOf(options[i]);
      if (at >= 0) {
        all.set(at + 1, options[i + 1]);
      } else {
        all.addAll(Arrays.asList(options).subList(i, Math.min(options.length, i + 2)));
      }
    }
    return plan(all.toArray(String[]::new));
  }

  private static void assertRefused(Result result, String... parts) {
    assertThat(result.code()).as(result.out() + result.err()).isEqualTo(ExitCode.ERROR);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .startsWith("moineau plan: ")
        .contains(parts)
        .doesNotContain("fault of moineau")
        .doesNotContain("\tat ");
  }

  @Test
  void answer_hasWhatAPersonAsksFor() {
    Result result = ask("--ttft", "2s", "--tpot", "50ms", "--price-chip-hour", "1.2");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains("DeepSeek-R1 on 16 x H20 96GB: 4,096 tokens in, 1,024 out")
        .contains("first token within 2 s, next tokens within 50 ms")
        .contains("671 billion parameters, 36.6 billion active")
        .contains("35,136 bytes for each token")
        .contains("Yes: ")
        .contains("yes: ")
        .contains("output tokens/s", "requests/s", "per chip")
        .contains("bound by")
        .contains("USD for a million output tokens")
        .contains("limit 50 ms: met")
        .contains("nearest published measurements", "DeepSeek", " (ratio ")
        .contains("assumed: ");
  }

  @Test
  void json_holdsEverything() {
    Result result = ask("--json");
    assertThat(Json.parse(result.out()))
        .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
        .containsKeys(
            "question", "best", "choices", "curve", "model", "nearest_measurements", "calibration");
  }

  @Test
  void html_isOneFileWithCharts() throws IOException {
    Path file = folder.resolve("report.html");
    assertThat(ask("--html", file.toString()).out()).contains("report: ");
    assertThat(Files.readString(file))
        .startsWith("<!DOCTYPE html>")
        .contains("Roofline of H20 96GB")
        .contains("Throughput against latency")
        .contains("Memory of a chip")
        .contains("Where the time goes")
        .contains("Nearest published measurements")
        .doesNotContain("<script")
        .doesNotContain("src=");
  }

  @Test
  void layoutAndBatch_areTaken() {
    assertThat(ask("--layout", "TP8 x DP2, EP16", "--batch", "64").out())
        .contains("layout       TP8 x DP2, EP16")
        .contains("in flight    64 requests");
    assertThat(ask("--layout", "tp8 pp2").out()).contains("layout       TP8 x PP2");
    assertThat(ask("--batch", "32").out()).contains("in flight    32 requests");
  }

  /** Software that was made for the model is faster than a port. */
  @Test
  void software_isTaken() {
    String[] fixed = {"--layout", "TP8 x DP2, EP16", "--batch", "64", "--software", "tuned"};
    double tuned = tokensPerSecond(ask(fixed));
    fixed[5] = "eager";
    assertThat(tokensPerSecond(ask(fixed))).isPositive().isLessThan(tuned);
  }

  @Test
  void softwareByNameAndDate_isTaken() {
    String[] fixed = {"--layout", "TP8 x DP2, EP16", "--batch", "64", "--software", "eager"};
    double eager = tokensPerSecond(ask(fixed));
    fixed[5] = "vllm-ascend";
    assertThat(tokensPerSecond(ask(fixed))).isEqualTo(eager);
    fixed[5] = "a program that nobody knows";
    assertThat(ask(fixed).out()).contains("a program for many models serves");
    String[] newer = {
      "plan", "--model", "deepseek-r1", "--chip", "gb200", "--count", "8", "--batch", "64",
    };
    String[] young = java.util.Arrays.copyOf(newer, newer.length + 2);
    young[newer.length] = "--as-of";
    young[newer.length + 1] = "2025-03";
    double later = tokensPerSecond(CommandLineTest.run("", newer));
    Result then = CommandLineTest.run("", young);
    assertThat(tokensPerSecond(then)).isLessThan(later);
    assertThat(then.out()).contains("assumed: as of 2025-03");
    young[newer.length + 1] = "yesterday";
    assertThat(CommandLineTest.run("", young).err()).contains("this is no date: 'yesterday'");
  }

  private static double tokensPerSecond(Result result) {
    assertThat(result.code()).as(result.err()).isZero();
    String rate =
        result
            .out()
            .lines()
            .filter(l -> l.startsWith("  output tokens/s"))
            .findFirst()
            .orElseThrow();
    return Double.parseDouble(rate.substring(17).strip().split(" ")[0].replace(",", ""));
  }

  /** What the answer calls a layout can be given back. */
  @Test
  void layout_ofAnAnswer_canBeGiven() {
    Result result = ask("--layout", "TP8, EP8 apart (8 + 8)");
    assertThat(result.code()).as(result.err()).isZero();
    String text =
        result
            .out()
            .lines()
            .filter(line -> line.startsWith("  layout    "))
            .findFirst()
            .orElseThrow()
            .substring("  layout       ".length());
    assertThat(text).contains("apart (8 + 8)");
    assertThat(ask("--layout", text).out()).contains("layout       " + text);
  }

  @Test
  void notFitting_saysWhatWould() {
    Result result = plan("--model", "deepseek-r1", "--chip", "H100 SXM", "--count", "4");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("this cannot be done")
        .contains("does not fit")
        .contains("fits on ");
    assertThat(plan("--model", "deepseek-r1", "--chip", "H100 SXM", "--count", "8").out())
        .contains("weights are taken in int4, the widest usual type that fits");
    assertThat(
            plan(
                    "--model",
                    "deepseek-r1",
                    "--chip",
                    "H100 SXM",
                    "--count",
                    "8",
                    "--weights",
                    "fp8",
                    "--layout",
                    "TP8")
                .out())
        .contains("no: ")
        .contains("a chip needs ");
  }

  @Test
  void gguf_countsItsOwnBytes() {
    Path file = TinyModels.qwen3moe(3).write(folder.resolve("tiny.gguf"));
    Result result = plan("--model", file.toString(), "--chip", "EPYC 9965");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("weights  fp32").contains("tiny.gguf");
  }

  @Test
  void wrongInput_isNamedWithWhatIsAllowed() throws IOException {
    assertRefused(ask("--count", "0"), "0", "allowed");
    assertRefused(ask("--input", "-5"), "-5", "allowed");
    assertRefused(ask("--output", "0"), "0", "allowed");
    assertRefused(ask("--cached", "1.5"), "1.5", "0 to below 1");
    assertRefused(ask("--mtp", "0.5"), "0.5", "allowed");
    assertRefused(ask("--price-kwh", "-1"), "--price-kwh -1", "0 to ");
    assertRefused(ask("--price-chip-hour", "NaN"), "NaN", "0 to ");
    assertRefused(ask("--ttft", "fast"), "--ttft 'fast'", "50ms, 2s");
    assertRefused(ask("--tpot", "0ms"), "more than 0");
    assertRefused(ask("--weights", "fp7"), "fp7", "nearest: ", "fp8");
    assertRefused(ask("--kv", "thin"), "thin", "nearest: ");
    assertRefused(ask("--layout", "wide"), "'wide'", "TP8 x DP2, EP16");
    assertRefused(ask("--layout", "TP3"), "TP x PP x DP = 16");
    assertRefused(ask("--count", "12", "--layout", "TP12"), "TP12", "divides the 128 heads");
    assertRefused(ask("--count", "62", "--layout", "PP62"), "PP62", "61 layers");
    assertRefused(
        plan("--model", "qwen3-8b", "--chip", "h20", "--count", "2", "--layout", "DP2 EP2"),
        "1 experts");
    assertRefused(ask("--layout", "TP8 TP8"), "TP8 x DP2, EP16");
    assertRefused(ask("--layout", "TP8 apart (8 + 16)"), "24 chips", "--count");
    assertRefused(ask("--batch", "0"), "1 to ");
    assertRefused(plan("--model", "depseek", "--chip", "h20"), "depseek", "DeepSeek-R1");
    assertRefused(plan("--model", "deepseek-r1", "--chip", "H2O"), "H2O", "H20");
    assertRefused(plan("--model", folder.toString(), "--chip", "h20"), "config.json", "allowed");
    Path cut = folder.resolve("cut.gguf");
    Files.write(cut, Arrays.copyOf(TinyModels.llama(1).toBytes(), 5000));
    assertRefused(plan("--model", cut.toString(), "--chip", "h20"), "cut.gguf");
    assertRefused(plan("--model", "deepseek-r1", "--chip", "MetaX C600"), "memory_gbs");
  }

  @Test
  void wrongUsage_isSaid() {
    for (String[] args : new String[][] {{}, {"--model", "deepseek-r1"}, {"--chip", "h20"}}) {
      Result result = plan(args);
      assertThat(result.code()).isEqualTo(ExitCode.USAGE);
      assertThat(result.err()).contains("--help");
    }
    assertThat(ask("--count", "many").code()).isEqualTo(ExitCode.USAGE);
  }
}
