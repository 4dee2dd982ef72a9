package io.moineau.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns: the first to the left, numbers to the right. */
final class TextTable {
  private final boolean[] right;
  private final List<String[]> rows = new ArrayList<>();

  /**
   * A table of these columns.
   *
   * @param header titles; one that begins with {@code >} is a column flushed right
   */
  TextTable(String... header) {
    right = new boolean[header.length];
    String[] titles = new String[header.length];
    for (int i = 0; i < header.length; i++) {
      right[i] = header[i].startsWith(">");
      titles[i] = right[i] ? header[i].substring(1) : header[i];
    }
    rows.add(titles);
  }

  TextTable row(Object... cells) {
    if (cells.length != right.length) {
      throw new IllegalArgumentException(
          "a row has as many cells as the header: cells=" + cells.length);
    }
    String[] row = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      row[i] = SafeText.ofLine(String.valueOf(cells[i]));
    }
    rows.add(row);
    return this;
  }

  /** The lines, the header's included unless all its titles are empty. */
  List<String> lines(String indent) {
    int[] widths = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder(indent);
      for (int i = 0; i < row.length; i++) {
        String pad = " ".repeat(widths[i] - row[i].length());
        line.append(right[i] ? pad + row[i] : row[i] + pad).append(i + 1 < row.length ? "  " : "");
      }
      String text = line.toString().stripTrailing();
      if (!text.isEmpty() || row != rows.getFirst()) {
        lines.add(text);
      }
    }
    return lines;
  }
}
