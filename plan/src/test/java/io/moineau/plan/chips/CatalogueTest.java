package io.moineau.plan.chips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue of this module, and rows that users add to it. */
class CatalogueTest {
  private static final Catalogue CATALOGUE = Catalogue.standard();

  @TempDir Path folder;

  private Catalogue with(String text) throws IOException {
    Files.writeString(folder.resolve("mine.yaml"), text);
    return Catalogue.withFolder(folder);
  }

  private static final String HEAD =
      """
      moineau-catalogue: 1
      version: 2026-11-21
      sources:
        lab: {title: our measurement, date: 2026-11-01}
      chips:
      """;

  @Test
  void standard_hasAllRowsWithSources() {
    assertThat(CATALOGUE.chips()).hasSizeGreaterThanOrEqualTo(72);
    for (Chip chip : CATALOGUE.chips()) {
      assertThat(chip.sources()).as(chip.name()).isNotEmpty();
      for (Source source : chip.sources()) {
        assertThat(source.title()).as(chip.name()).isNotEmpty();
        assertThat(source.date()).as(source.id()).isNotEmpty();
      }
    }
  }

  @Test
  void performance_ofKnownChips_isThatOfTheRule() {
    check("H20", "2368", "2.909");
    check("A100", "4992", "6.044");
    check("H100", "15832", "19.45");
    check("L20", "1912", "3.14");
    check("MI325X", "20919.2", "20.57");
  }

  private static void check(String name, String performance, String density) {
    Chip chip = CATALOGUE.get(name);
    Measure tpp = chip.totalProcessingPerformance().orElseThrow();
    assertThat(tpp.value().orElseThrow()).as(name).isEqualByComparingTo(performance);
    assertThat(chip.performanceDensity().orElseThrow().value().orElseThrow().doubleValue())
        .as(name)
        .isCloseTo(Double.parseDouble(density), org.assertj.core.data.Offset.offset(0.005));
  }

  @Test
  void performance_ofDisputedChip_isARange() {
    Measure tpp = CATALOGUE.get("MLU590").totalProcessingPerformance().orElseThrow();
    assertThat(tpp.value()).isEmpty();
    assertThat(tpp.low()).isEqualByComparingTo("4096");
    assertThat(tpp.high()).isEqualByComparingTo("5520");
    Measure gaudi = CATALOGUE.get("Gaudi 3").totalProcessingPerformance().orElseThrow();
    assertThat(gaudi.text()).isEqualTo("29360 (26848 to 29360)");
  }

  @Test
  void performance_ofCpuAndSystem_isNotComputed() {
    assertThat(CATALOGUE.get("Xeon 6980P").totalProcessingPerformance()).isEmpty();
    assertThat(CATALOGUE.get("CloudMatrix 384").totalProcessingPerformance()).isEmpty();
    assertThat(CATALOGUE.get("MI308X").totalProcessingPerformance()).isEmpty();
  }

  @Test
  void density_withoutApplicableArea_isNotComputed() {
    Chip ascend = CATALOGUE.get("910A");
    assertThat(ascend.figure(Chip.Field.DIE_MM2)).isPresent();
    assertThat(ascend.performanceDensity()).isEmpty();
  }

  @Test
  void get_aliasesAndBeginnings_findTheChip() {
    assertThat(CATALOGUE.get("h20").name()).isEqualTo("H20 96GB");
    assertThat(CATALOGUE.get("910C").name()).startsWith("Ascend 910C");
    assertThat(CATALOGUE.get("geforce rtx4090").name()).isEqualTo("GeForce RTX 4090");
    assertThat(CATALOGUE.get("hang").name()).isEqualTo("Hanguang 800");
  }

  @Test
  void get_unknown_saysTheNearest() {
    assertThatThrownBy(() -> CATALOGUE.get("H2O"))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("'H2O'")
        .hasMessageContaining("H20 96GB");
    assertThatThrownBy(() -> CATALOGUE.get("Ascend 910B"))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("Ascend 910B1, Ascend 910B2, Ascend 910B3, Ascend 910B4");
    assertThatThrownBy(() -> CATALOGUE.get("")).isInstanceOf(PlanException.class);
  }

  @Test
  void names_areUnambiguous() {
    for (Chip chip : CATALOGUE.chips()) {
      assertThat(CATALOGUE.get(chip.name())).isSameAs(chip);
      for (String alias : chip.aliases()) {
        assertThat(CATALOGUE.get(alias)).as(alias).isSameAs(chip);
      }
    }
  }

  @Test
  void withFolder_newRow_isAdded() throws IOException {
    Catalogue mine =
        with(
            HEAD
                + """
                  - name: Sparrow 1
                    vendor: Us
                    country: FR
                    kind: npu
                    quality: B
                    peak: {int8: 600}
                    sources: [lab]
                """);
    assertThat(mine.chips()).hasSize(CATALOGUE.chips().size() + 1);
    assertThat(mine.get("sparrow1").totalProcessingPerformance().orElseThrow().low())
        .isEqualByComparingTo("4800");
  }

  @Test
  void withFolder_knownRow_keepsWhatIsNotGiven() throws IOException {
    Catalogue mine =
        with(
            HEAD
                + """
                  - name: H20 96GB
                    tdp_w: 412
                    price_usd: {low: 9000, high: 13000, note: offers}
                    sources: [lab]
                """);
    Chip chip = mine.get("H20");
    assertThat(chip.figure(Chip.Field.TDP_W).orElseThrow().text()).isEqualTo("412");
    assertThat(chip.figure(Chip.Field.TDP_W).orElseThrow().sources())
        .extracting(Source::id)
        .containsExactly("lab");
    assertThat(chip.figure(Chip.Field.PRICE_USD).orElseThrow().text()).isEqualTo("9000 to 13000");
    assertThat(chip.figure(Chip.Field.MEMORY_GB).orElseThrow().low()).isEqualByComparingTo("96");
    assertThat(chip.vendor()).isEqualTo("NVIDIA");
    assertThat(chip.origin()).contains("mine.yaml");
    assertThat(mine.chips()).hasSameSizeAs(CATALOGUE.chips());
  }

  @Test
  void withFolder_mistakes_nameFileAndLine() {
    List<String[]> mistakes =
        List.of(
            new String[] {"  - name: X\n    vendor: [a]\n", "line 6", "quality is missing"},
            new String[] {"  - name: X\n    quality: D\n", "line 7", "A, B, C"},
            new String[] {row("tdp_w: 1e9"), "line 12", "tdp_w is 1e9"},
            new String[] {row("tdp_w: -4"), "line 12", "-4"},
            new String[] {row("watts: 4"), "line 12", "watts is no key"},
            new String[] {row("tdp_w: {low: 5, high: 4}"), "line 12", "5 to 4"},
            new String[] {row("tdp_w: {note: none}"), "line 12", "no number"},
            new String[] {row("peak: {int7: 4}"), "line 12", "int7 is no key"},
            new String[] {row("sources: [nobody]"), "line 12", "nobody"},
            new String[] {row("country: XX"), "line 12", "ISO 3166"},
            new String[] {row("name: again"), "line 12", "given twice"},
            new String[] {row("kind: [unclosed"), "line", "no YAML"});
    for (String[] mistake : mistakes) {
      assertThatThrownBy(() -> with(HEAD + mistake[0]))
          .as(mistake[0])
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("mine.yaml")
          .hasMessageContaining(mistake[1])
          .hasMessageContaining(mistake[2]);
    }
  }

  private static String row(String last) {
    String key = last.substring(0, last.indexOf(':'));
    StringBuilder row = new StringBuilder("  - name: X\n");
    String[] lines = {"vendor: V", "country: US", "kind: gpu", "quality: A", "sources: [lab]"};
    for (String line : lines) {
      row.append("    ").append(line.startsWith(key + ":") ? "hq: here" : line).append('\n');
    }
    return row + "    " + last + "\n";
  }

  @Test
  void withFolder_missing_isSaid() {
    assertThatThrownBy(() -> Catalogue.withFolder(folder.resolve("none")))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("no such folder");
  }

  @Test
  void figure_outsideItsRange_isRefused() {
    assertThatThrownBy(() -> figure("3", "1", "2")).isInstanceOf(IllegalArgumentException.class);
    assertThat(figure("1.5", "1", "2").text()).isEqualTo("1.5 (1 to 2)");
  }

  private static Figure figure(String value, String low, String high) {
    return new Figure(
        java.util.Optional.of(new BigDecimal(value)),
        new BigDecimal(low),
        new BigDecimal(high),
        Quality.A,
        false,
        "",
        List.of());
  }
}
