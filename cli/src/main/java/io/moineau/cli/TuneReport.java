package io.moineau.cli;

import io.moineau.kernels.KernelTuning;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code bench --tune}: measures the table of kernels, keeps it and shows it. */
final class TuneReport {
  private final Streams streams;
  private final int threads;
  private final boolean json;

  TuneReport(Streams streams, int threads, boolean json) {
    this.streams = streams;
    this.threads = threads;
    this.json = json;
  }

  void run() throws IOException {
    List<KernelTuning.Row> rows;
    try (ProgressBar bar = new ProgressBar(streams, "tune", 100)) {
      rows =
          KernelTuning.measure(
              threads, (done, total, type) -> bar.update(100L * done / total, type.toString()));
    }
    Path file = KernelTuning.file();
    try {
      KernelTuning.save(rows, file);
    } catch (IOException e) {
      throw new CliException(
          "cli-cannot-write",
          "the table of kernels cannot be kept",
          file + ": " + e.getMessage(),
          "a folder that this user may write to",
          "set MOINEAU_CACHE to another folder");
    }
    if (json) {
      JsonOutput.print(
          streams.out(),
          out -> {
            out.writeStringField("file", file.toString());
            out.writeArrayFieldStart("types");
            for (KernelTuning.Row row : rows) {
              out.writeStartObject();
              out.writeStringField("type", row.type().toString());
              out.writeStringField("strips_from", from(row.strips()));
              out.writeStringField("tiles_from", from(row.tiles()));
              out.writeObjectFieldStart("gop_per_s");
              for (int i = 0; i < row.gigaoperations().size(); i++) {
                out.writeNumberField(
                    KernelTuning.tokens().get(i).toString(), row.gigaoperations().get(i));
              }
              out.writeEndObject();
              out.writeEndObject();
            }
            out.writeEndArray();
          });
      return;
    }
    List<String> titles = new ArrayList<>(List.of("weights", ">strips from", ">AMX from"));
    KernelTuning.tokens().forEach(n -> titles.add(">" + n));
    TextTable table = new TextTable(titles.toArray(String[]::new));
    for (KernelTuning.Row row : rows) {
      List<Object> cells =
          new ArrayList<>(List.of(row.type(), from(row.strips()), from(row.tiles())));
      row.gigaoperations().forEach(g -> cells.add(Figures.decimal(g, 0)));
      table.row(cells.toArray());
    }
    streams.out().print("GOP/s by number of tokens, with the kernel that is the fastest there\n\n");
    table.lines("").forEach(line -> streams.out().print(line + "\n"));
    streams.out().print("\nkept in " + SafeText.ofLine(file.toString()) + "\n");
  }

  private static String from(int tokens) {
    return tokens == Integer.MAX_VALUE ? "never" : Integer.toString(tokens);
  }
}
