package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
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
}
