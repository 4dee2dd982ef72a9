package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.cli.CommandLineTest.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers in a form, from the embedded model. */
@Tag("model")
class FormatArgumentsTest {
  private static final String SCHEMA =
      "{\"type\": \"object\", \"properties\": {\"bird\": {\"enum\": [\"sparrow\", \"owl\"]}, "
          + "\"legs\": {\"const\": 2}}, \"required\": [\"bird\", \"legs\"], "
          + "\"additionalProperties\": false}";

  private static Result run(String... options) {
    String[] words = new String[options.length + 7];
    System.arraycopy(
        new String[] {"run", "-p", "Tell me about a bird.", "--temp", "0", "-n", "99"},
        0,
        words,
        0,
        7);
    System.arraycopy(options, 0, words, 7, options.length);
    return CommandLineTest.run("", words);
  }

  @Test
  void run_schema_itselfOrItsFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("schema.json");
    Files.writeString(file, SCHEMA);
    for (String given : new String[] {SCHEMA, file.toString()}) {
      Result result = run("-j", given);
      assertThat(result.code()).isZero();
      assertThat(result.out().strip())
          .matches("\\{\\s*\"bird\": ?\"(sparrow|owl)\",\\s*\"legs\": ?2\\s*}");
    }
  }

  @Test
  void run_grammarAndRegex_rawToo() {
    assertThat(run("--grammar", "root ::= \"yes\" | \"no\"").out().strip()).isIn("yes", "no");
    assertThat(run("--regex", "[0-9]{3}", "--raw").out().strip()).matches("[0-9]{3}");
  }

  @Test
  void chat_regex_everyAnswer() {
    Result result =
        CommandLineTest.run("Hello\nAgain\n", "chat", "--temp", "0", "--regex", "(one|two) words?");
    assertThat(result.code()).isZero();
    assertThat(result.out().lines().filter(line -> line.matches("(one|two) words?"))).hasSize(2);
  }

  @Test
  void run_wrongForms_areNamedErrors() {
    assertThat(run("-j", "no-such-file.json").err()).contains("neither a file nor a form");
    assertThat(run("-j", "{\"not\": {}}").err()).contains("not").contains("cannot be kept to");
    assertThat(run("--grammar", "root ::= x").err()).contains("line 1");
    assertThat(run("--regex", "a", "--json-object").err()).contains("one form");
  }
}
