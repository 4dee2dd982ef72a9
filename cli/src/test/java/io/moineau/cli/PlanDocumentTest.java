package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.cli.CommandLineTest.Result;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The worked examples of docs/plan.md run, and print what the document says: in each block, the
 * lines after {@code $ moineau ...} must come in this order; {@code ...} stands for any lines. In a
 * block of {@code figures} numbers, layouts and bounds stand for any, and rows for any number of
 * rows.
 */
class PlanDocumentTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("moineau.root", "..")).resolve("docs/plan.md");

  @TempDir Path folder;

  /** A word of a command, or words in quotes. */
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private record Example(String command, List<String> output, boolean isFigures) {
    /** Lines as they are compared: of estimates without what a calibration may move. */
    List<String> compared(Stream<String> lines) {
      if (!isFigures) {
        return lines.map(String::stripTrailing).toList();
      }
      List<String> compared = new ArrayList<>();
      for (String line : lines.map(Example::masked).toList()) {
        if (compared.isEmpty() || !compared.getLast().equals(line)) { // any number of rows
          compared.add(line);
        }
      }
      return compared;
    }

    private static String masked(String line) {
      return line.stripTrailing()
          .replaceAll(" (compute|memory|network|latency)\\b", " bound")
          .replaceAll("met, but not by the whole range|not met|missed", "met")
          .replaceAll("[0-9]+([,.][0-9]+)*", "#")
          .replaceAll("([#)]) (ms|s)\\b", "$1 time")
          .replaceAll("TP#( x [PD]P#)*(, EP#)?(, prefill and decode apart \\(.*\\))?", "TP#")
          .replaceAll(" +", " ")
          .replaceAll("^ - .* on .*", " a measurement")
          .replaceAll("^ .* estimate .*ratio.*", " its estimate")
          .replaceAll("^ [a-z][a-z -]* (# %|-) .*", " an operator");
    }
  }

  private static List<Example> examples() throws IOException {
    List<Example> examples = new ArrayList<>();
    boolean inside = false;
    boolean begun = false;
    boolean isFigures = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.startsWith("```")) {
        inside = !inside;
        begun = false;
        isFigures = line.equals("```figures");
      } else if (inside && line.startsWith("$ moineau ")) {
        examples.add(new Example(line.substring(10), new ArrayList<>(), isFigures));
        begun = true;
      } else if (begun) {
        examples.getLast().output().add(line.stripTrailing());
      }
    }
    return examples;
  }

  private String[] words(String command) throws IOException {
    Path mine = Files.createDirectories(folder.resolve("my-rules"));
    Files.writeString(mine.resolve("rules.yaml"), block("```yaml"));
    Files.writeString(folder.resolve("fleet.yaml"), block("```yaml fleet"));
    Files.writeString(folder.resolve("sweep.yaml"), block("```yaml sweep"));
    Files.writeString(folder.resolve("sites.yaml"), block("```yaml sites"));
    Files.writeString(folder.resolve("demand.yaml"), block("```yaml demand"));
    String filled =
        command
            .replace("my-rules", mine.toString())
            .replace("fleet.yaml", folder.resolve("fleet.yaml").toString())
            .replace("sweep.yaml", folder.resolve("sweep.yaml").toString())
            .replace("sites.yaml", folder.resolve("sites.yaml").toString())
            .replace("demand.yaml", folder.resolve("demand.yaml").toString())
            .replace("report.html", folder.resolve("report.html").toString())
            .replace("h20.svg", folder.resolve("h20.svg").toString());
    return WORD.matcher(filled)
        .results()
        .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
        .toArray(String[]::new);
  }

  /** The block of the document that begins so. */
  private static String block(String fence) throws IOException {
    StringBuilder text = new StringBuilder();
    boolean inside = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (inside && line.equals("```")) {
        return text.toString();
      }
      if (inside) {
        text.append(line).append('\n');
      }
      inside |= line.equals(fence);
    }
    throw new AssertionError("no block " + fence);
  }

  @Test
  void examples_printWhatTheDocumentSays() throws IOException {
    List<Example> examples = examples();
    assertThat(examples).hasSizeGreaterThan(8);
    for (Example example : examples) {
      Result result = CommandLineTest.run("", words(example.command()));
      String text = (result.out() + result.err()).replace(folder.toString() + "/", "");
      List<String> lines = example.compared(text.lines());
      int at = 0;
      boolean skipping = false;
      for (String expected : example.compared(example.output().stream())) {
        if (expected.strip().equals("...")) {
          skipping = true;
          continue;
        }
        int found = skipping ? lines.subList(at, lines.size()).indexOf(expected) + at : at;
        assertThat(found >= at && found < lines.size() && lines.get(found).equals(expected))
            .as(
                "$ moineau %s%nprinted:%n%s%nbut not in this place: %s",
                example.command(), text, expected)
            .isTrue();
        at = found + 1;
        skipping = false;
      }
    }
  }

  @Test
  void json_ofEachCommand_isJson() {
    String[][] commands = {
      {"chips", "--json"},
      {"chips", "H20", "--json"},
      {"chips", "compare", "H20", "H100", "--json"},
      {"rules", "--json"},
      {"rules", "check", "--chip", "H20", "--to", "CN", "--date", "2025-08-01", "--json"},
      {"rules", "timeline", "--chip", "H20", "--json"},
      {"rules", "explain", "us-denial", "--json"},
      {"rules", "diff", "--from", "2025-01-01", "--to", "2026-01-01", "--chip", "H20", "--json"},
    };
    for (String[] command : commands) {
      Result result = CommandLineTest.run("", command);
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(Json.parse(result.out())).isInstanceOf(Map.class);
    }
  }

  @Test
  void wrongUsage_isSaid() {
    String[][] commands = {
      {"rules", "check", "--chip", "H20"},
      {"rules", "check", "--to", "CN"},
      {"rules", "explain"},
      {"rules", "diff", "--from", "2025-01-01"},
      {"rules", "diff", "--from", "2025-01-02", "--to", "2025-01-01"},
      {"rules", "timeline"},
      {"audit"},
      {"chips", "compare", "H20"},
      {"chips", "compare", "H20", "H100", "--csv", "--json"},
    };
    for (String[] command : commands) {
      Result result = CommandLineTest.run("", command);
      assertThat(result.code()).as(String.join(" ", command)).isEqualTo(ExitCode.USAGE);
      assertThat(result.err()).contains("--help");
    }
  }

  @Test
  void helpOfSubcommands_hasAnExample() {
    for (String[] command :
        new String[][] {
          {"chips", "compare"},
          {"rules", "check"},
          {"rules", "timeline"},
          {"rules", "explain"},
          {"rules", "diff"}
        }) {
      Result result = CommandLineTest.run("", command[0], command[1], "--help");
      assertThat(result.code()).isZero();
      assertThat(result.out()).contains("moineau " + command[0] + " " + command[1]);
      assertThat(result.out()).contains("Examples:");
    }
  }

  @Test
  void csv_quotesWhatHasCommas() {
    Result result = CommandLineTest.run("", "chips", "compare", "910C", "H20", "--csv");
    assertThat(result.out().lines().toList().getFirst())
        .isEqualTo("chip,\"Ascend 910C (package, 2 dies)\",H20 96GB");
  }
}
