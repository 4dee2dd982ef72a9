package io.moineau.plan.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.PlanException;
import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.chips.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Grids of configurations: numbering, reducing, sharing out, going on. */
final class SweepTest {
  private static final Catalogue CHIPS = Catalogue.standard();
  private static final Planner PLANNER = Planner.standard();
  private static final String GRID =
      """
      moineau-sweep: 1
      models: [deepseek-r1, qwen3-30b-a3b]
      chips: [H20, H200]
      counts: [8, 16]
      requests:
        - {input: 1024, output: 512}
        - {input: 8192, output: 512, cached: 0.5}
      weights: [usual, int4]
      batches: {from: 1, to: 512, factor: 2}
      tpot_seconds: 0.05
      usd_per_chip_hour: {H20: 1.5}
      top: 5
      """;

  @TempDir Path folder;

  private static Sweep sweep(String text) {
    return SweepReader.parse(text, "sweep.yaml", CHIPS);
  }

  private static Summary run(Sweep sweep, int threads, Optional<Path> csv) throws IOException {
    return SweepRun.run(sweep, PLANNER, 0, sweep.size(), threads, csv, done -> {});
  }

  @Test
  void rows_areEachConfigurationOnce_andCanBeAskedForByNumber() {
    Sweep sweep = sweep(GRID);
    List<Row> rows = new ArrayList<>();
    sweep.forEach(0, sweep.size(), PLANNER, rows::add);
    assertThat(rows).hasSize((int) sweep.size());
    assertThat(sweep.size()).isGreaterThan(1000);
    Set<List<Object>> seen = new HashSet<>();
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      assertThat(row.index()).isEqualTo(i);
      assertThat(seen.add(List.of(row.cell().question(), row.layout(), row.batch()))).isTrue();
      assertThat(row.layout().chips()).isEqualTo(row.cell().question().count());
    }
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      int index = random.nextInt(rows.size());
      assertThat(sweep.row(index, PLANNER)).isEqualTo(rows.get(index));
    }
  }

  @Test
  void row_isWhatThePlannerEstimates() {
    Sweep sweep = sweep(GRID);
    Random random = new Random(11);
    for (int i = 0; i < 300; i++) {
      long index = random.nextLong(sweep.size());
      Row row = sweep.row(index, PLANNER);
      Estimate full = PLANNER.estimate(sweep.question(index), row.layout(), row.batch());
      Object[] expected = {
        full.memory().fits(), full.meetsLimits(), full.decodeBound(), full.ttft().value()
      };
      assertThat(
              new Object[] {
                row.outcome().fits(),
                row.outcome().meets(),
                row.outcome().bound(),
                row.outcome().ttft()
              })
          .containsExactly(expected);
      assertThat(row.outcome().tpot()).isEqualTo(full.tpot().value());
      assertThat(row.outcome().outputTokensPerSecond())
          .isEqualTo(full.outputTokensPerSecond().value());
      assertThat(row.outcome().watts()).isEqualTo(full.watts().value());
      full.usdPerMillionOutputTokens()
          .ifPresentOrElse(
              usd ->
                  assertThat(row.outcome().usdPerMillionTokens())
                      .isCloseTo(usd.value(), within(1e-9 * usd.value())),
              () -> assertThat(row.outcome().usdPerMillionTokens()).isNaN());
    }
  }

  @Test
  void summary_hasTheBestAndTheFront_whateverTheThreads() throws IOException {
    Sweep sweep = sweep(GRID);
    Summary one = run(sweep, 1, Optional.empty());
    Summary many = run(sweep, 5, Optional.empty());
    assertThat(many.groups()).isEqualTo(one.groups());
    assertThat(one.rows()).isEqualTo(sweep.size());
    assertThat(one.groups()).hasSize(8);
    for (Summary.Group group : one.groups()) {
      List<Row> rows = new ArrayList<>();
      sweep.forEach(
          0,
          sweep.size(),
          PLANNER,
          row -> {
            if (row.cell().group() == group.number()) {
              rows.add(row);
            }
          });
      assertThat(group.rows()).isEqualTo(rows.size());
      assertThat(group.meeting())
          .isEqualTo(rows.stream().filter(row -> row.outcome().meets()).count());
      double most =
          rows.stream()
              .filter(row -> row.outcome().meets())
              .mapToDouble(Row::perChip)
              .max()
              .orElse(0);
      assertThat(group.best().isEmpty() ? 0 : group.best().getFirst().perChip()).isEqualTo(most);
      assertThat(group.best()).hasSizeLessThanOrEqualTo(5);
      for (Row row : rows) {
        if (row.outcome().fits()) {
          assertThat(group.front())
              .as("nothing surpasses the front by more than its steps: %s", row)
              .anyMatch(front ->
                  front.perChip() >= row.perChip()
                      && front.outcome().tpot() <= 1.03 * row.outcome().tpot());
        }
      }
      for (int i = 1; i < group.front().size(); i++) {
        assertThat(group.front().get(i).perChip())
            .isGreaterThan(group.front().get(i - 1).perChip());
        assertThat(group.front().get(i).outcome().tpot())
            .isGreaterThan(group.front().get(i - 1).outcome().tpot());
      }
    }
  }

  @Test
  void csv_isGoneOnWithWhereItEnded() throws IOException {
    Sweep sweep = sweep(GRID);
    Path whole = folder.resolve("whole.csv");
    Summary expected = run(sweep, 2, Optional.of(whole));
    byte[] bytes = Files.readAllBytes(whole);
    assertThat(Files.readAllLines(whole)).hasSize((int) sweep.size() + 1);
    Random random = new Random(3);
    for (int i = 0; i < 6; i++) {
      int length =
          i == 0
              ? SweepCsv.header().length()
              : random.nextInt(SweepCsv.header().length(), bytes.length);
      Path cut = folder.resolve("cut" + i + ".csv");
      Files.write(cut, java.util.Arrays.copyOf(bytes, length)); // as if it had been killed there
      Summary again = run(sweep, 2, Optional.of(cut));
      assertThat(Files.readAllBytes(cut)).isEqualTo(bytes);
      assertThat(again.groups()).isEqualTo(expected.groups());
    }
    Path other = folder.resolve("other.csv");
    Files.writeString(other, Files.readString(whole).replace(",8,1024,", ",8,1025,"));
    assertThatThrownBy(() -> run(sweep(GRID.replace("512", "513")), 1, Optional.of(whole)))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("not of this sweep");
    assertThat(Files.readAllBytes(whole)).as("is left as it was").isEqualTo(bytes);
    Path letter = Files.writeString(folder.resolve("letter.csv"), "Dear reader,\n");
    assertThatThrownBy(() -> run(sweep, 1, Optional.of(letter))).isInstanceOf(PlanException.class);
    assertThat(letter).hasContent("Dear reader,");
  }

  @Test
  void objective_choosesWhatIsBest() throws IOException {
    for (Objective objective : Objective.values()) {
      String best =
          "best: " + objective.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
      Summary.Group group = run(sweep(GRID + best), 2, Optional.empty()).groups().getFirst();
      for (int i = 1; i < group.best().size(); i++) {
        assertThat(objective.of(group.best().get(i)))
            .isLessThanOrEqualTo(objective.of(group.best().get(i - 1)));
      }
      assertThat(objective.of(group.best().getFirst())).isPositive();
    }
  }

  @Test
  void software_changesWhatChipsReach() throws IOException {
    Sweep usual = sweep(GRID + "software: general");
    Sweep eager = sweep(GRID + "software: eager");
    assertThat(usual.planner()).isSameAs(PLANNER);
    assertThat(eager.row(0, eager.planner()).outcome().tpot())
        .isGreaterThan(usual.row(0, usual.planner()).outcome().tpot());
  }

  @Test
  void layouts_byName_areUsedForTheCountsTheyGoWith() {
    Sweep sweep = sweep(GRID + "layouts: ['TP8 x DP2, EP16', 'TP8']\n");
    Set<String> seen = new HashSet<>();
    sweep.forEach(
        0,
        sweep.size(),
        PLANNER,
        row -> seen.add(row.cell().question().count() + ": " + row.layout().text()));
    assertThat(seen).containsExactlyInAnyOrder("8: TP8", "16: TP8 x DP2, EP16", "16: TP8 x DP2");
  }

  @Test
  void all_isEveryChipThatCanBeEstimated_andTellsWhichCannot() {
    Sweep sweep = sweep(GRID.replace("[H20, H200]", "[all]"));
    assertThat(sweep.omitted()).isNotEmpty().allMatch(text -> text.contains(":"));
    assertThat(sweep.groups() / 4 + sweep.omitted().size()).isEqualTo(CHIPS.chips().size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "counts: [8, 16] | counts: [0] | counts has 0",
        "counts: [8, 16] | counts: [] | counts is empty",
        "moineau-sweep: 1 | moineau-sweep: 2 | moineau-sweep is 2",
        "chips: [H20, H200] | chips: [H20000] | H20000",
        "models: [deepseek-r1, qwen3-30b-a3b] | models: [deepsick] | deepsick",
        "weights: [usual, int4] | weights: [fp5] | fp5",
        "to: 512 | to: 0 | batches are from 1.0 to 0.0",
        "factor: 2 | factor: 1 | factor above 1",
        "top: 5 | top: 5000 | top has 5000",
        "top: 5 | layouts: [TP3] | TP3, which goes with no model",
        "top: 5 | best: beauty | best is beauty",
        "top: 5 | software: mine | software is mine",
        "{H20: 1.5} | {H100: 1.5} | not one of the chips",
        "input: 8192 | input: 0 | input 0",
        "tpot_seconds: 0.05 | tpot: 0.05 | tpot is no key",
      })
  void parse_whatIsWrong_isNamed(String right, String wrong, String said) {
    assertThatThrownBy(() -> sweep(GRID.replace(right, wrong)))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining(said);
  }

  @Test
  void run_outsideTheSweep_isRefused() {
    Sweep sweep = sweep(GRID);
    assertThatThrownBy(() -> SweepRun.run(sweep, PLANNER, 5, 5, 1, Optional.empty(), done -> {}))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("0 to " + sweep.size());
  }
}
