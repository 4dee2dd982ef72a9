package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.cli.CommandLineTest.Result;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinetuneCommandTest {
  @TempDir private Path folder;
  private String model;
  private String data;

  @BeforeEach
  void write() throws IOException {
    model = TinyModels.llama(1).write(folder.resolve("model.gguf")).toString();
    data =
        Files.writeString(
                folder.resolve("chats.jsonl"),
                "{\"instruction\": \"sing\", \"output\": \"the sparrow sings\"}\n".repeat(12))
            .toString();
  }

  private List<String> words(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("finetune", model, "--data", data, "--out", out(), "-t", "1", "--rank", "4"));
    words.addAll(List.of(more));
    return words;
  }

  private String out() {
    return folder.resolve("adapter.gguf").toString();
  }

  private static Result run(List<String> words) {
    return CommandLineTest.run("", words.toArray(String[]::new));
  }

  @Test
  void finetune_thenChatAndMerge() {
    Result checked = run(words("--check"));
    assertThat(checked.code()).as(checked.err()).isZero();
    assertThat(checked.out())
        .contains("11 chats of ", "1 chats kept", "6 steps of 8 chats, 3 passes", "about ");
    assertThat(folder.resolve("adapter.run")).doesNotExist();
    Result result = run(words("--targets", "attention,dense", "--learning-rate", "0.01"));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("learnt in 6 steps", "validation loss: ", "report.html");
    assertThat(result.err()).contains("step 6/6, loss ", "validation before");
    String merged = folder.resolve("merged.gguf").toString();
    assertThat(CommandLineTest.run("", "merge", model, "--lora", out(), merged).code()).isZero();
    assertThat(CommandLineTest.run("", "run", "-m", model, "--lora", out(), "-n", "2", "x").code())
        .isZero();
    Result again = run(words());
    assertThat(again.code()).isEqualTo(ExitCode.ERROR);
    assertThat(again.err()).contains("--resume");
  }

  @Test
  void wrongUsage_isNamed() throws IOException {
    Result targets = run(words("--targets", "attention,router"));
    assertThat(targets.code()).isEqualTo(ExitCode.USAGE);
    assertThat(targets.err()).contains("router", "routed-experts");
    Result format = run(words("--format", "onnx"));
    assertThat(format.code()).isEqualTo(ExitCode.USAGE);
    Result rank = run(words("--rank", "0"));
    assertThat(rank.code()).isNotZero();
    Files.writeString(Path.of(data), "{}\n");
    Result bad = run(words());
    assertThat(bad.code()).isEqualTo(ExitCode.ERROR);
    assertThat(bad.err()).contains("chats.jsonl line 1").contains("messages");
  }

  /** The signal of Ctrl-C and of a service manager: a checkpoint, and the way to go on. */
  @Test
  void finetune_toldToEnd_saysHowToGoOn() throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "io.moineau.cli.Main"));
    command.addAll(words("--epochs", "5000"));
    Path log = folder.resolve("log.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assumeTrue(process.supportsNormalTermination(), "no signal to end a process by here");
    try {
      for (int i = 0; i < 600 && process.isAlive(); i++) {
        if (Files.readString(log).contains("step 2/")) {
          break;
        }
        Thread.sleep(50);
      }
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(log)).contains("stopped after step ", "--resume");
    assertThat(folder.resolve("adapter.run/checkpoint.bin")).exists();
    assertThat(folder.resolve("adapter.gguf")).doesNotExist();
  }
}
