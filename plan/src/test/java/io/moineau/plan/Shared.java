package io.moineau.plan;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Files beside the project that data were taken from, where they are. */
public final class Shared {
  private Shared() {}

  /** A file of {@code ../shared/data}; the test is skipped where there is none. */
  public static Path file(String name) {
    Path path =
        Path.of(System.getProperty("moineau.root", "..")).resolve("../shared/data").resolve(name);
    assumeTrue(Files.isReadable(path), () -> "skipped: no " + path);
    return path;
  }

  /** Rows of a CSV file by the names of the columns. */
  public static List<Map<String, String>> csv(String name) throws IOException {
    List<List<String>> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file(name))) {
      lines.add(cells(line));
    }
    List<Map<String, String>> rows = new ArrayList<>();
    for (List<String> cells : lines.subList(1, lines.size())) {
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < cells.size(); i++) {
        row.put(lines.getFirst().get(i), cells.get(i));
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        if (quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
          cell.append('"');
          i++;
        } else {
          quoted = !quoted;
        }
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }
}
