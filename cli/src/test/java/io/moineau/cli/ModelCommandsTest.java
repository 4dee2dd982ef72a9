package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.moineau.cli.CommandLineTest.Result;
import io.moineau.testkit.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that run a model, over the story-teller of 260,000 parameters. */
final class ModelCommandsTest {
  private static String model;

  @TempDir Path folder;

  @BeforeAll
  static void find() {
    Optional<Path> file =
        SharedFiles.oracles().map(p -> p.resolveSibling("data/models/stories260K.gguf"));
    assumeTrue(
        file.isPresent() && Files.exists(file.get()),
        "skipped: ../shared/data/models/stories260K.gguf is not there");
    model = file.get().toString();
  }

  private static void isJson(String text) throws IOException {
    try (JsonParser json = new JsonFactory().createParser(text)) {
      while (json.nextToken() != null) {
        // reads to the end, or throws
      }
    }
  }

  @Test
  void run_greedy_tellsTheStory() {
    Result result =
        CommandLineTest.run("", "run", "-m", model, "--temp", "0", "-n", "24", "Once upon a time");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith(", there was a little girl named Lily. She loved to play outside");
  }

  @Test
  void run_promptFromPipe_isTheSameAsFromArgument() {
    String[] words = {"run", model, "--temp", "0", "-n", "8"};
    Result piped = CommandLineTest.run("Once upon a time\n", words);
    assertThat(piped.code()).isZero();
    assertThat(piped.out()).startsWith(", there was");
  }

  @Test
  void run_json_isJson() throws IOException {
    Result result =
        CommandLineTest.run("", "run", model, "--json", "--seed", "7", "-n", "5", "Hello");
    assertThat(result.code()).isZero();
    isJson(result.out());
    assertThat(result.out()).contains("\"seed\" : 7").contains("\"completion_tokens\" : 5");
  }

  @Test
  void run_promptLongerThanContext_isANamedError() {
    Result result = CommandLineTest.run("", "run", model, "-c", "4", "Once upon a time in a park");
    assertThat(result.code()).isEqualTo(ExitCode.ERROR);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("does not fit into the context").contains("to do:");
  }

  @Test
  void run_tooLargeForMemory_isRefusedWithTheSum() {
    Result result =
        CommandLineTest.run("", "run", model, "--memory-limit", "1M", "--json", "Hello");
    assertThat(result.code()).isEqualTo(ExitCode.ERROR);
    assertThat(result.err()).startsWith("{").contains("MiB");
  }

  @Test
  void logits_anyChunkSize_givesTheSameGreedyTokens() throws IOException {
    String first = "";
    for (String chunk : new String[] {"1", "3", "512"}) {
      Result result =
          CommandLineTest.run(
              "",
              "logits",
              model,
              "--tokens",
              "1,403,407,261,378",
              "-n",
              "8",
              "--chunk-size",
              chunk,
              "--kv-type",
              "f32",
              "--json");
      assertThat(result.code()).isZero();
      isJson(result.out());
      assertThat(result.out())
          .contains("\"greedy\" : [ 432, 383, 286, 261, 376, 298, 315, 421 ]")
          .contains("\"vocab_size\" : 512");
      String argmax = result.out().substring(result.out().indexOf("\"position_argmax\""));
      argmax = argmax.substring(0, argmax.indexOf(']'));
      assertThat(first.isEmpty() || first.equals(argmax)).isTrue();
      first = argmax;
    }
  }

  @Test
  void logits_noSuchToken_isANamedError() {
    Result result = CommandLineTest.run("", "logits", model, "--tokens", "1,512");
    assertThat(result.code()).isEqualTo(ExitCode.ERROR);
    assertThat(result.err()).contains("512").contains("0 to 511");
  }

  @Test
  void tokenize_andBack_isTheSameText() {
    String text = "Once upon a time, 🐦 à \"l'école\"";
    Result ids = CommandLineTest.run("", "tokenize", model, "--ids", text);
    assertThat(ids.code()).isZero();
    Result back = CommandLineTest.run(ids.out(), "tokenize", model, "--decode", "-");
    assertThat(back.out().strip()).isEqualTo(text);
  }

  @Test
  void perplexity_storyAndNoise_tellsThemApart() throws IOException {
    String story =
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the"
            + " park. One day, she saw a big, red ball. She wanted to play with it. ";
    Path good = Files.writeString(folder.resolve("story.txt"), story.repeat(3));
    Path noise =
        Files.writeString(folder.resolve("noise.txt"), "qx zvk jjw pfg 9$ %k wqe bnm ".repeat(20));
    double low = perplexity(good);
    double high = perplexity(noise);
    assertThat(low).isBetween(1.0, 30.0);
    assertThat(high).isGreaterThan(4 * low);
  }

  private double perplexity(Path text) throws IOException {
    Result result =
        CommandLineTest.run("", "perplexity", model, "-f", text.toString(), "-c", "32", "--json");
    assertThat(result.code()).as(result.err()).isZero();
    isJson(result.out());
    return number(result.out(), "perplexity");
  }

  private static double number(String json, String name) {
    int at = json.indexOf("\"" + name + "\" : ");
    assertThat(at).as(name).isNotNegative();
    String value = json.substring(at + name.length() + 5);
    return Double.parseDouble(value.substring(0, value.indexOf(',')));
  }

  @Test
  void negativeLogProbability_equalLogits_isTheLogarithmOfTheirNumber() {
    assertThat(PerplexityCommand.negativeLogProbability(new float[64], 5))
        .isCloseTo(Math.log(64), org.assertj.core.data.Offset.offset(1e-12));
  }

  @Test
  void perplexity_againstExact_isNearAndZeroWithItself() throws IOException {
    Path quantized = folder.resolve("q8.gguf");
    assertThat(CommandLineTest.run("", "quantize", model, quantized.toString(), "Q8_0").code())
        .isZero();
    String text =
        "Once upon a time there was a little dog. It liked to run in the park. ".repeat(9);
    String[] words = {"perplexity", quantized.toString(), "-c", "32", "--against-exact", "--json"};
    double divergence = divergence(CommandLineTest.run(text, words));
    assertThat(divergence).isBetween(1e-6, 0.05);
    words = java.util.Arrays.copyOf(words, words.length + 1);
    words[words.length - 1] = "--precision=exact";
    assertThat(divergence(CommandLineTest.run(text, words))).isZero();
  }

  private static double divergence(Result result) throws IOException {
    assertThat(result.code()).as(result.err()).isZero();
    isJson(result.out());
    return number(result.out(), "kl_divergence");
  }

  @Test
  void bench_parallel_measuresSeveralSequences() {
    Result result =
        CommandLineTest.run(
            "", "bench", model, "-p", "0", "-n", "4", "-P", "1,3", "-r", "1", "--no-probe");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("tg4 ", "tg4 x 1", "tg4 x 3");
    assertThat(CommandLineTest.run("", "bench", model, "-P", "-1").code()).isEqualTo(2);
  }

  @Test
  void bench_json_hasTheNamesOfLlamaBench() throws IOException {
    Result result =
        CommandLineTest.run(
            "", "bench", model, "-p", "8", "-n", "4", "-r", "2", "--no-probe", "--json");
    assertThat(result.code()).as(result.err()).isZero();
    isJson(result.out());
    for (String name :
        new String[] {
          "n_prompt",
          "n_gen",
          "avg_ts",
          "stddev_ts",
          "samples_ts",
          "avg_ns",
          "samples_ns",
          "model_filename",
          "model_size",
          "model_n_params",
          "n_threads",
          "test_time"
        }) {
      assertThat(result.out()).contains("\"" + name + "\"");
    }
  }

  @Test
  void experts_denseModel_isANamedError() {
    Result result = CommandLineTest.run("", "experts", model, "Hello");
    assertThat(result.code()).isEqualTo(ExitCode.ERROR);
    assertThat(result.err()).contains("has no experts");
  }

  @Test
  void chat_throughAPipe_answersSavesAndLoads() throws IOException {
    Path file = folder.resolve("a chat.json");
    Result result =
        CommandLineTest.run(
            "Once upon a time\n/save "
                + file
                + "\n/nonsense\n/stats\n/load "
                + file
                + "\n/quit\nno\n",
            "chat",
            model,
            "--temp",
            "0",
            "-n",
            "8");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains(", there was a little girl")
        .contains("saved 2 messages")
        .contains("no such command: /nonsense")
        .contains("1 answer, 8 tokens in all")
        .contains("loaded 2 messages")
        .doesNotContain("\u001b");
    assertThat(ChatFile.load(file)).hasSize(2);
  }

  @Test
  void quantize_thenInspect_showsTheType() throws IOException {
    Path target = folder.resolve("small.gguf");
    Result result = CommandLineTest.run("", "quantize", model, target.toString(), "Q8_0");
    assertThat(result.code()).as(result.err()).isZero();
    Result again = CommandLineTest.run("", "quantize", model, target.toString(), "Q8_0");
    assertThat(again.code()).isEqualTo(ExitCode.ERROR);
    Result inspected = CommandLineTest.run("", "inspect", target.toString(), "--json");
    assertThat(inspected.code()).isZero();
    isJson(inspected.out());
    assertThat(inspected.out()).contains("\"type\" : \"Q8_0\"").contains("\"parameters\" : 260");
  }
}
