package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.chips.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How good the committed calibration is, by the measurements that are part of this module. */
class ScoreTest {
  private static final Measurements MEASUREMENTS = Measurements.standard();
  private static final Replay REPLAY = new Replay(Catalogue.standard(), MEASUREMENTS);

  /** What the documentation says of the fitted factors, in its own words. */
  private static final Pattern SAID =
      Pattern.compile(
          "fitted: (\\d+) rows: median error ([\\d.]+) %, ([\\d.]+) % within a factor of 1.5, bias"
              + " ([+-][\\d.]+) %");

  private static List<Double> ratios() {
    List<Double> ratios = new ArrayList<>();
    for (Measurement measurement : MEASUREMENTS.scored()) {
      REPLAY
          .row(measurement)
          .ifPresent(row ->
              ratios.add(
                  REPLAY.estimated(row, Calibration.standard())
                      / Replay.measured(measurement).orElseThrow()));
    }
    return ratios;
  }

  @Test
  void committedCalibration_isAsGoodAsTheDocumentSays() throws IOException {
    Path document = Path.of(System.getProperty("moineau.root", "..")).resolve("docs/plan.md");
    Matcher said = SAID.matcher(Files.readString(document).replaceAll("\\s+", " "));
    assertThat(said.find()).as("docs/plan.md has the line of bench/plan").isTrue();
    Score now = Score.of(ratios());
    double rounding = 0.002; // three digits of the factors, one of the percentages
    assertThat(now.rows()).isEqualTo(Integer.parseInt(said.group(1)));
    assertThat(now.medianError())
        .isLessThanOrEqualTo(Double.parseDouble(said.group(2)) / 100 + rounding);
    assertThat(now.near())
        .isGreaterThanOrEqualTo(Double.parseDouble(said.group(3)) / 100 - rounding);
    assertThat(Math.abs(now.bias()))
        .isLessThanOrEqualTo(Math.abs(Double.parseDouble(said.group(4))) / 100 + rounding);
  }

  @Test
  void rows_thatCannotBeEstimated_sayWhy() {
    List<Measurement> without =
        MEASUREMENTS.scored().stream().filter(row -> REPLAY.row(row).isEmpty()).toList();
    assertThat(without).hasSizeLessThan(4);
    for (Measurement row : without) {
      assertThat(REPLAY.lacks(row)).as(row.id()).matches(".*(lengths|catalogue has no).*");
    }
  }

  @Test
  void room_forLongSequences_isThatOfThePublishedTable() {
    Measurement row =
        MEASUREMENTS.rows().stream().filter(one -> one.id().equals("B076")).findFirst().get();
    double sequences = REPLAY.estimated(REPLAY.row(row).orElseThrow(), Calibration.standard());
    assertThat(sequences).isBetween(36.0, 48.0); // 40 by the authors' own count, 36 in practice
  }

  @Test
  void score_ofKnownRatios_isByHand() {
    Score score = Score.of(List.of(1.0, 1.2, 0.8, 2.0, 0.7));
    assertThat(score.medianError()).isCloseTo(0.2, within(1e-12));
    assertThat(score.near()).isCloseTo(0.8, within(1e-12));
    assertThat(score.bias()).isCloseTo(0, within(1e-12));
    assertThat(Score.of(List.of(1.0, 1.4)).bias()).isCloseTo(0.2, within(1e-12));
    assertThat(Score.isNear(1 / 1.5)).isTrue();
    assertThat(Score.isNear(1.51)).isFalse();
  }

  @Test
  void software_isKnownByNames() {
    assertThat(Software.kindOf("SGLang + Dynamo")).isEqualTo(Software.Kind.GENERAL);
    assertThat(Software.kindOf("vllm-ascend")).isEqualTo(Software.Kind.EAGER);
    assertThat(Software.kindOf("CloudMatrix-Infer")).isEqualTo(Software.Kind.TUNED);
    assertThat(Software.youth(0)).isEqualTo(1);
    assertThat(Software.youth(9)).isEqualTo(0.5);
    assertThat(Software.youth(40)).isZero();
    assertThat(Replay.months("2025-06-16").getAsDouble()).isEqualTo(2025 * 12 + 6);
    assertThat(Replay.months("2025").getAsDouble()).isEqualTo(2025 * 12 + 7);
    assertThat(Replay.months("")).isEmpty();
  }

  @Test
  void benchmarkRules_leaveLessWherePromptsAreLong() {
    Benchmark rules =
        MEASUREMENTS.benchmarks().stream()
            .filter(one -> one.model().equals("Llama-3.1-405B"))
            .findFirst()
            .get();
    double brief = rules.share(Measurement.Phase.SERVER, 0.1);
    double lengthy = rules.share(Measurement.Phase.SERVER, 1.0);
    assertThat(brief).isBetween(0.9, 1.0);
    // 6 s, 1 s of service: one of 100 waits longer than 5 s
    assertThat(lengthy * Math.exp(-2 * (1 - lengthy) * 5)).isCloseTo(0.01, within(1e-6));
    assertThat(rules.share(Measurement.Phase.INTERACTIVE, 1.0)).isLessThan(lengthy);
    assertThat(rules.share(Measurement.Phase.SERVER, 7)).isLessThan(0.01);
  }
}
