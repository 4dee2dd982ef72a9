package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published measurements. */
class MeasurementsTest {
  private static final Measurements MEASUREMENTS = Measurements.standard();

  @TempDir Path folder;

  @Test
  void standard_hasRowsWithSourcesAndOwnIds() {
    Set<String> ids = new HashSet<>();
    assertThat(MEASUREMENTS.rows()).hasSizeGreaterThanOrEqualTo(144);
    for (Measurement row : MEASUREMENTS.rows()) {
      assertThat(ids.add(row.id())).as(row.id()).isTrue();
      assertThat(row.sources()).as(row.id()).isNotEmpty();
      for (Source source : row.sources()) {
        assertThat(source.title()).isNotEmpty();
        assertThat(source.url()).isNotEmpty();
      }
    }
  }

  @Test
  void scoredRows_haveAModelThatIsKnown() {
    for (Measurement row : MEASUREMENTS.scored()) {
      assertThat(Models.get(row.setup().model()).name()).as(row.id()).isNotEmpty();
    }
  }

  @Test
  void rate_perChipTimesChips_isTheRateInAll() {
    int compared = 0;
    for (Measurement row : MEASUREMENTS.rows()) {
      Measurement.Result result = row.result();
      boolean all =
          result.perChip().isPresent()
              && result.inAll().isPresent()
              && row.setup().chips().isPresent();
      if (all) {
        double product = result.perChip().getAsDouble() * row.setup().chips().getAsDouble();
        double error = 0.05 * row.setup().chips().getAsDouble() + 1; // of rates with one digit
        assertThat(product)
            .as(row.id())
            .isCloseTo(result.inAll().getAsDouble(), org.assertj.core.data.Offset.offset(error));
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(60);
  }

  @Test
  void json_ofARow_hasWhatIsKnownOnly() {
    Measurement row =
        MEASUREMENTS.rows().stream().filter(one -> one.id().equals("B007")).findFirst().get();
    Map<String, Object> json = row.json();
    assertThat(json).containsEntry("per_chip", 1943.0).containsEntry("context", 4096.0);
    assertThat(json)
        .containsEntry("accepted", 1.7)
        .containsEntry("batch_unit", "requests per chip");
    assertThat(json).doesNotContainKeys("ttft_s", "in_all", "why");
    assertThat(row.title())
        .isEqualTo("DeepSeek-R1 671B on 160 x Ascend 910C, decode, INT8, CloudMatrix-Infer");
  }

  @Test
  void read_ofARowWithAWrongPhase_namesTheLineAndTheWords() throws IOException {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(
        file,
        """
        moineau-measurements: 1
        version: 2026-11-21
        sources:
          lab: {title: ours, url: "https://example.org"}
        measurements:
          - id: X1
            model: Qwen3-8B
            chip: L20
            phase: decoding
            origin: measured
            use: yes
            sources: [lab]
        """);
    assertThatThrownBy(() -> Measurements.read(file))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("mine.yaml")
        .hasMessageContaining("9")
        .hasMessageContaining("decoding")
        .hasMessageContaining("decode;");
  }

  private static Question question(String model, String chip, int count, int in, int out) {
    return Question.of(Models.get(model), Device.of(Catalogue.standard().get(chip)), count)
        .weights(WeightType.of("fp8"))
        .workload(new Workload(in, out))
        .build();
  }

  @Test
  void nearest_ofARowsOwnSetup_isThatRow() {
    List<Near> near = MEASUREMENTS.nearest(question("Llama-3.1-8B", "Gaudi 3", 1, 2048, 128), 3);
    assertThat(near).hasSize(3);
    assertThat(near.getFirst().measurement().id()).isEqualTo("B175");
    assertThat(near.getFirst().distance()).isZero();
    assertThat(near.getFirst().differences()).isEmpty();
    assertThat(near.getFirst().ratio().getAsDouble()).isBetween(0.5, 2.0);
    assertThat(near.get(1).distance()).isPositive();
    assertThat(near.get(1).differences()).isNotEmpty();
  }

  @Test
  void nearest_saysWhatDiffers() {
    Near near = MEASUREMENTS.nearest(question("r1", "H200 SXM", 16, 800, 3700), 1).getFirst();
    assertThat(near.measurement().setup().model()).isEqualTo("DeepSeek-R1");
    assertThat(near.measurement().id()).isEqualTo("B134");
    assertThat(near.differences()).containsExactly("8 chips, not 16");
    assertThat(near.json()).containsKeys("measurement", "distance", "differences", "title");
  }

  @Test
  void nearest_toACpu_isACpu() {
    List<Near> near =
        MEASUREMENTS.nearest(question("qwen3-30b-a3b", "EPYC 9355", 1, 4096, 2048), 6);
    assertThat(near)
        .allSatisfy(
            one -> assertThat(one.measurement().setup().machine()).matches(".*(Xeon|EPYC).*"));
  }
}
