package io.moineau.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.moineau.plan.capacity.Planner;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.sweep.Summary;
import io.moineau.plan.sweep.Sweep;
import io.moineau.plan.sweep.SweepReader;
import io.moineau.plan.sweep.SweepRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark, on the threads of this JVM, computes what the planner does without it. */
final class SparkSweepTest {
  private static final String SWEEP =
      """
      moineau-sweep: 1
      models: [deepseek-r1, qwen3-30b-a3b]
      chips: [H20, H200]
      counts: [8, 16]
      requests: [{input: 1024, output: 512}]
      weights: [usual, int4]
      batches: {from: 1, to: 1024, factor: 1.2}
      tpot_seconds: 0.05
      """;

  @TempDir Path folder;

  @BeforeEach
  void needsNoNativeLibraryOfHadoop() {
    assumeFalse(
        System.getProperty("os.name").startsWith("Windows"),
        "skipped: Hadoop writes no files on Windows without programs of its own");
  }

  @Test
  void example_writesAllRows_andPrintsTheBestOfEachChip() throws IOException {
    Sweep sweep = SweepReader.parse(SWEEP, "sweep.yaml", Catalogue.standard());
    Summary expected =
        SweepRun.run(sweep, Planner.standard(), 0, sweep.size(), 1, Optional.empty(), done -> {});
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    Path file = Files.writeString(folder.resolve("sweep.yaml"), SWEEP);
    try {
      SparkSweep.main(new String[] {file.toString(), folder.toString()});
    } finally {
      System.setOut(before);
    }
    String text = out.toString(StandardCharsets.UTF_8);
    before.println(text);
    assertThat(text).as("read back from Parquet").contains(sweep.size() + " rows in ");
    try (var parts = Files.list(folder.resolve("rows.parquet"))) {
      assertThat(parts).anyMatch(path -> path.toString().endsWith(".parquet"));
    }
    assertThat(expected.groups()).hasSize(4).noneMatch(group -> group.best().isEmpty());
    for (Summary.Group group : expected.groups()) {
      double perChip = Math.rint(group.best().getFirst().perChip() * 10) / 10;
      assertThat(text.lines())
          .as("%s on %s: %s", group.model(), group.chip(), perChip)
          .anyMatch(line ->
              line.contains("|" + group.model())
                  && line.contains("|" + group.chip())
                  && line.contains("|" + perChip));
    }
  }
}
