package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a user meets it: help, wrong usage, bad files, exit codes. */
final class CommandLineTest {
  @TempDir Path folder;

  static Result run(String input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Streams streams =
        Streams.of(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, err);
    int code = CommandLineRun.run(args, streams);
    streams.out().flush();
    streams.err().flush();
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  record Result(int code, String out, String err) {}

  @Test
  void run_nothing_showsHelp() {
    Result result = run("");
    assertThat(result.code()).isEqualTo(ExitCode.OK);
    for (String name : Commands.names()) {
      if (!name.equals("rehearse")) {
        assertThat(result.out()).contains("  " + name);
      }
    }
    assertThat(result.out()).doesNotContain("rehearse");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void run_helpOfEachCommand_hasAnExample() {
    for (String name : Commands.names()) {
      Result result = run("", name, "--help");
      assertThat(result.code()).isEqualTo(ExitCode.OK);
      assertThat(result.out()).startsWith(name.equals("rehearse") ? "Used" : "").contains("Usage:");
      if (!name.equals("rehearse")) {
        assertThat(result.out()).as(name).contains("moineau " + name);
        assertThat(result.out()).as(name).contains("Examples:");
      }
    }
  }

  @Test
  void run_unknownCommand_isWrongUsage() {
    Result result = run("", "chta");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("'chta'")
        .contains("did you mean chat")
        .doesNotContain("\tat ");
  }

  @Test
  void run_unknownOption_isWrongUsage() {
    Result result = run("", "run", "--tempp", "1", "x");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--tempp").contains("moineau run --help");
  }

  @Test
  void run_tuneWithAModel_isWrongUsage() {
    Result result = run("", "bench", "--tune", "model.gguf");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--tune measures without a model").contains("model.gguf");
  }

  @Test
  void run_wrongUsageWithJson_isAJsonObject() {
    Result result = run("", "run", "--temp", "warm", "--json", "x");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).startsWith("{").contains("\"code\" : \"usage\"").contains("'warm'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"chat", "run", "inspect", "logits", "perplexity", "bench", "experts", "quantize"})
  void run_badFiles_areNamedErrors(String command) throws IOException {
    if (!Commands.names().contains(command)) {
      return;
    }
    Path empty = Files.createFile(folder.resolve("empty.gguf"));
    Path damaged =
        Files.write(
            folder.resolve("damaged.gguf"),
            "GGUF and then nonsense".getBytes(StandardCharsets.US_ASCII));
    Path text =
        Files.writeString(folder.resolve("text.gguf"), "this is no model at all, but a text");
    for (Path file : List.of(folder.resolve("missing.gguf"), folder, empty, damaged, text)) {
      Result result = run("Hello there", arguments(command, file));
      assertThat(result.code()).as("%s %s", command, file).isEqualTo(ExitCode.ERROR);
      assertThat(result.out()).isEmpty();
      assertThat(result.err())
          .as("%s %s", command, file)
          .startsWith("moineau " + command + ": ")
          .contains(file.getFileName().toString())
          .doesNotContain("Exception")
          .doesNotContain("fault of moineau")
          .doesNotContain("\tat ");
    }
  }

  private String[] arguments(String command, Path file) {
    return switch (command) {
      case "run", "experts" -> new String[] {command, file.toString(), "Hello"};
      case "logits" -> new String[] {command, file.toString(), "--tokens", "1"};
      case "quantize" ->
          new String[] {command, file.toString(), folder.resolve("out.gguf").toString(), "Q8_0"};
      default -> new String[] {command, file.toString()};
    };
  }

  @Test
  void run_readerGone_endsQuietly() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Streams streams = Streams.of(new ByteArrayInputStream(new byte[0]), closed, err);
    assertThat(CommandLineRun.run(new String[] {"completion", "bash"}, streams))
        .isEqualTo(ExitCode.READER_GONE);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void run_diskFull_isANamedError() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Streams streams = Streams.of(new ByteArrayInputStream(new byte[0]), full, err);
    assertThat(CommandLineRun.run(new String[] {"completion", "bash"}, streams))
        .isEqualTo(ExitCode.ERROR);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("No space left on device");
  }

  @Test
  void run_completion_namesEveryCommand() {
    for (String shell : List.of("bash", "zsh", "fish")) {
      Result result = run("", "completion", shell);
      assertThat(result.code()).isEqualTo(ExitCode.OK);
      assertThat(result.out()).contains("perplexity").contains("kv-type");
    }
  }

  @Test
  void run_pagesReadOrNot_sameAnswer() {
    String[] options = {"--populate", "--no-populate", "--huge-pages", "--numa=distribute"};
    for (String option : options) {
      Result result = run("", "run", option, "-n", "3", "--temp", "0", "Hello");
      assertThat(result.code()).as(option).isEqualTo(ExitCode.OK);
      assertThat(result.out()).isEqualTo(run("", "run", "-n", "3", "--temp", "0", "Hello").out());
    }
  }

  @Test
  void run_doctor_tellsKernelsAndMemory() {
    Result text = run("", "doctor");
    assertThat(text.code()).isEqualTo(ExitCode.OK);
    assertThat(text.out()).contains("kernels").contains("memory").contains("java");
    assertThat(text.out()).contains("topology").containsPattern("threads .*pinned");
    Result json = run("", "doctor", "--json");
    assertThat(json.out()).startsWith("{").contains("\"kernels\" : ").contains("\"to_do\"");
  }
}
