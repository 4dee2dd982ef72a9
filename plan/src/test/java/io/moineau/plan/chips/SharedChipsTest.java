package io.moineau.plan.chips;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.plan.Shared;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The catalogue against the table that it was made from, where that is beside the project. */
class SharedChipsTest {
  private static final Catalogue CATALOGUE = Catalogue.standard();

  /** The table has whole numbers for performance and two digits for density. */
  private static final BigDecimal HALF = new BigDecimal("0.5");

  /** How far data sheets round one precision above another. */
  private static final BigDecimal ROUNDING = new BigDecimal("0.0012");

  private static final BigDecimal CENT = new BigDecimal("0.051");

  @Test
  void figures_ofEachRow_areThoseOfTheTable() throws IOException {
    int compared = 0;
    for (Map<String, String> row : Shared.csv("chips.csv")) {
      Chip chip = CATALOGUE.find(row.get("name")).orElseThrow();
      assertThat(chip.quality().name()).as(chip.name()).isEqualTo(row.get("quality"));
      assertThat(chip.country()).isEqualTo(row.get("vendor_country"));
      assertThat(chip.datacentre()).isEqualTo(row.get("datacenter_marketed").equals("yes"));
      for (Precision precision : Precision.values()) {
        String unit = precision == Precision.INT8 ? "_tops" : "_tflops";
        compared += same(chip, row, precision.key() + unit, chip.peak(precision));
      }
      compared += same(chip, row, "mem_gb", chip.figure(Chip.Field.MEMORY_GB));
      compared += same(chip, row, "mem_bw_gbs", chip.figure(Chip.Field.MEMORY_GBS));
      compared += same(chip, row, "interconnect_gbs_bidir", chip.figure(Chip.Field.LINK_GBS));
      compared += same(chip, row, "tdp_w", chip.figure(Chip.Field.TDP_W));
      compared += same(chip, row, "die_area_mm2", chip.figure(Chip.Field.DIE_MM2));
    }
    assertThat(compared).isGreaterThan(500);
  }

  private static int same(
      Chip chip, Map<String, String> row, String column, Optional<Figure> figure) {
    String cell = row.get(column);
    if (cell.isEmpty()) { // ours may have worked one out, and then says so
      assertThat(figure.isEmpty() || figure.get().derived())
          .as(chip.name() + " " + column)
          .isTrue();
      return 0;
    }
    assertThat(figure.isPresent()).as(chip.name() + " " + column).isTrue();
    BigDecimal number = new BigDecimal(cell);
    Figure ours = figure.orElseThrow();
    if (!ours.disputed()) {
      assertThat(ours.low()).as(chip.name() + " " + column).isEqualByComparingTo(number);
    }
    assertThat(number).as(chip.name() + " " + column).isBetween(ours.low(), ours.high());
    return 1;
  }

  /**
   * The table takes one precision and names it; the rule takes the highest. Where a data sheet
   * rounds another precision up (MI350X, H100 NVL), ours is higher by that rounding and no more.
   */
  @Test
  void performanceAndDensity_ofEachRow_areThoseOfTheTable() throws IOException {
    int compared = 0;
    for (Map<String, String> row : Shared.csv("chips.csv")) {
      Chip chip = CATALOGUE.find(row.get("name")).orElseThrow();
      Optional<Measure> tpp = chip.totalProcessingPerformance();
      assertThat(tpp.isPresent()).as(chip.name()).isEqualTo(!row.get("tpp").isEmpty());
      if (tpp.isPresent()) {
        String[] from = row.get("tpp_from").split(" ");
        Precision named = Precision.valueOf(from[0].toUpperCase(Locale.ROOT));
        Figure peak = chip.peak(named).orElseThrow();
        BigDecimal bits = new BigDecimal(from[2]);
        BigDecimal table = new BigDecimal(row.get("tpp"));
        assertThat(bits.intValue()).isEqualTo(named.bits());
        assertThat(table)
            .as(chip.name())
            .isBetween(
                peak.low().multiply(bits).subtract(HALF), peak.high().multiply(bits).add(HALF));
        between(chip, tpp.get(), table, HALF);
        compared++;
      }
      Optional<Measure> density = chip.performanceDensity();
      String cell = row.get("perf_density");
      assertThat(density.isPresent()).as(chip.name()).isEqualTo(!cell.isEmpty());
      if (density.isPresent()) {
        between(chip, density.get(), new BigDecimal(cell), CENT);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(80);
  }

  private static void between(Chip chip, Measure ours, BigDecimal table, BigDecimal error) {
    BigDecimal above = table.multiply(ROUNDING).max(error);
    if (ours.value().isPresent()) {
      assertThat(ours.value().get())
          .as(chip.name())
          .isBetween(table.subtract(error), table.add(above));
    }
    assertThat(table).as(chip.name()).isBetween(ours.low().subtract(above), ours.high().add(error));
  }
}
