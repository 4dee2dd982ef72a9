package io.moineau.cli;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.sweep.Summary;
import io.moineau.plan.sweep.Sweep;
import io.moineau.plan.sweep.SweepReader;
import io.moineau.plan.sweep.SweepRun;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A grid of configurations instead of one question. */
final class SweepArguments {
  private static final Set<String> BESIDE =
      Set.of("--sweep", "--csv", "--rows", "--threads", "--catalogue", "--all", "--json");

  @Option(
      names = "--sweep",
      paramLabel = "FILE",
      description = "Compute every configuration of a grid, and show the best of each chip.")
  private @Nullable Path file;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "With --sweep: write every row; a file that was begun is gone on with.")
  private @Nullable Path csv;

  @Option(
      names = "--rows",
      paramLabel = "FROM-TO",
      description = "With --sweep: only the rows from one number to before another.")
  private @Nullable String rows;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "With --sweep: threads (as many as there are cores).")
  private int threads;

  /** Whether a grid is asked for. */
  boolean isAsked() {
    return file != null;
  }

  /** Refuses what only goes with a grid. */
  void check(Job job) {
    if (csv != null || rows != null || threads != 0) {
      throw job.usage(
          (csv != null ? "--csv" : rows != null ? "--rows" : "--threads") + " needs --sweep");
    }
  }

  /** What a grid has for itself cannot be given beside it too. */
  private static void checkOthers(Job job) {
    for (OptionSpec option : job.spec().commandLine().getParseResult().matchedOptions()) {
      if (!BESIDE.contains(option.longestName())) {
        throw job.usage(option.longestName() + " does not go with --sweep: its file says that");
      }
    }
  }

  /** Computes it, and prints what came out. */
  int run(Job job, Catalogue catalogue, boolean all, boolean json) throws IOException {
    if (file == null) {
      throw new IllegalStateException("no grid is asked for");
    }
    checkOthers(job);
    if (threads < 0 || threads > 1024) {
      throw job.usage("--threads is " + threads + ", but must be 1 to 1024");
    }
    Sweep sweep = SweepReader.read(file, catalogue);
    long[] part = part(job, sweep.size());
    int workers = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    Summary summary;
    long start = System.nanoTime();
    try (ProgressBar bar = new ProgressBar(job.streams(), "sweep", part[1] - part[0])) {
      summary =
          SweepRun.run(
              sweep,
              sweep.planner(),
              part[0],
              part[1],
              workers,
              Optional.ofNullable(csv),
              done -> bar.update(done, Figures.grouped(done) + " configurations"));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (json) {
      job.print(Json.writeIndented(json(sweep, summary, part)));
      return ExitCode.OK;
    }
    new SweepText(sweep, summary, all).lines().forEach(job::print);
    job.remark(
        Figures.grouped(summary.rows())
            + " configurations in "
            + Figures.duration(seconds)
            + ", on "
            + workers
            + (workers == 1 ? " thread" : " threads"));
    return ExitCode.OK;
  }

  private long[] part(Job job, long size) {
    if (rows == null) {
      return new long[] {0, size};
    }
    if (!rows.matches("[0-9]{1,18}-[0-9]{1,18}")) {
      throw job.usage("--rows is '" + rows + "', but must be two numbers, such as 0-1000000");
    }
    int dash = rows.indexOf('-');
    return new long[] {
      Long.parseLong(rows.substring(0, dash)), Long.parseLong(rows.substring(dash + 1))
    };
  }

  private static Map<String, Object> json(Sweep sweep, Summary summary, long[] part) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("size", sweep.size());
    json.put("from", part[0]);
    json.put("to", part[1]);
    json.put("best", sweep.objective().name().toLowerCase(Locale.ROOT));
    json.put("groups", summary.groups().stream().map(Summary.Group::json).toList());
    json.put("omitted", sweep.omitted());
    return json;
  }
}
