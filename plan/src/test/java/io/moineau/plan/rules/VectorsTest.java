package io.moineau.plan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.plan.Shared;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Measure;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The threshold vectors: our own file, and the table that the rules were taken from. */
class VectorsTest {
  private static final Rules RULES = Rules.standard();
  private static final Catalogue CHIPS = Catalogue.standard();
  private static final LocalDate TODAY = LocalDate.parse("2026-07-23");

  private static Facts facts(String chip) {
    return Facts.of(CHIPS.get(chip)).with("to", "CN").with("end_user_hq", "CN");
  }

  private static boolean met(String rule, Facts facts) {
    Assessment assessment = RULES.check(facts, TODAY);
    return assessment.answers().stream()
        .flatMap(answer -> answer.rules().stream())
        .filter(one -> one.rule().id().equals(rule))
        .anyMatch(Weighed::counts);
  }

  /** The rule of 2022 at work: on a day when it was in force. */
  private static boolean listed2022(Facts facts) {
    return RULES.check(facts, LocalDate.parse("2023-06-01")).paragraphs().contains("3A090.2022");
  }

  /** The figures that Intel told its buyers, for any vendor's chip. */
  private static boolean figures(Facts facts) {
    return met("us-2025-04-intel", facts.with("vendor", "Intel"));
  }

  private static boolean window(Facts facts) {
    return met("us-2026-01-review", facts);
  }

  private static int duty(Facts facts) {
    return met("us-2026-01-duty-1", facts) ? 1 : met("us-2026-01-duty-2", facts) ? 2 : 0;
  }

  @Test
  void ourVectors_holdForEachChip() throws IOException {
    String text;
    try (var in = VectorsTest.class.getResourceAsStream("/io/moineau/plan/vectors.yaml")) {
      text = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
    List<YamlSection> vectors = YamlFile.parse(text, "vectors.yaml").sections("vectors");
    assertThat(vectors).hasSizeGreaterThan(15);
    for (YamlSection vector : vectors) {
      String name = vector.text("chip");
      Chip chip = CHIPS.get(name);
      Facts facts = facts(name);
      close(name, vector.text("tpp"), chip.totalProcessingPerformance(), "0.5");
      close(name, vector.text("pd"), chip.performanceDensity(), "0.006");
      assertThat(RULES.check(facts, TODAY).paragraphs())
          .as(name)
          .isEqualTo(vector.texts("paragraphs"));
      same(name, "rule-2022", vector, listed2022(facts) ? "yes" : "no");
      same(name, "window", vector, window(facts) ? "yes" : "no");
      same(name, "duty", vector, Integer.toString(duty(facts)));
      same(name, "figures", vector, figures(facts) ? "yes" : "no");
    }
  }

  private static void same(String chip, String key, YamlSection vector, String actual) {
    String expected = vector.text(key);
    if (!expected.equals("-")) {
      assertThat(actual).as(chip + " " + key).isEqualTo(expected);
    }
  }

  private static void close(String chip, String expected, Optional<Measure> measure, String error) {
    if (expected.equals("-")) {
      assertThat(measure).as(chip).isEmpty();
    } else {
      assertThat(
              measure.orElseThrow().value().orElseThrow().subtract(new BigDecimal(expected)).abs())
          .as(chip)
          .isLessThanOrEqualTo(new BigDecimal(error));
    }
  }

  private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)?");

  /** Each row of the table in section 6 of the source, cell by cell. */
  @Test
  void sharedVectors_holdCellByCell() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(Shared.file("rules.md"))) {
      inside = line.startsWith("## 6.") || inside && !line.startsWith("## ");
      if (inside && line.startsWith("|") && !line.contains("---") && !line.contains("| TPP |")) {
        List<String> cells = new ArrayList<>();
        for (String cell : line.substring(1).split("\\|")) {
          cells.add(cell.replace("*", "").strip());
        }
        rows.add(cells);
      }
    }
    assertThat(rows).hasSize(12);
    for (List<String> row : rows) {
      String name = row.getFirst();
      Facts facts = facts(name.equals("V100 SXM2") ? "V100" : name);
      Map<String, Object> known = facts.json();
      Chip chip = CHIPS.get(facts.text("chip").orElseThrow());
      number(name, row.get(1), chip.totalProcessingPerformance(), 1);
      number(name, row.get(2), chip.performanceDensity(), 0.06);
      assertThat(known.get("datacentre"))
          .as(name)
          .isEqualTo(row.get(3).equals("y") ? "true" : "false");
      if (!row.get(4).equals("-")) {
        assertThat(listed2022(facts)).as(name + " 2022").isEqualTo(row.get(4).startsWith("yes"));
      }
      List<String> paragraphs = RULES.check(facts, TODAY).paragraphs();
      if (row.get(5).startsWith("no")) {
        assertThat(paragraphs).as(name).isEmpty();
      } else {
        String paragraph = "3A090." + row.get(5).split("[, ]")[0];
        assertThat(paragraphs).as(name).contains(paragraph);
      }
      if (!row.get(6).equals("-")) {
        assertThat(window(facts)).as(name + " window").isEqualTo(row.get(6).startsWith("yes"));
      }
      int band = row.get(7).startsWith("band") ? Integer.parseInt(row.get(7).substring(5)) : 0;
      assertThat(duty(facts)).as(name + " duty").isEqualTo(band);
      assertThat(figures(facts)).as(name + " figures").isEqualTo(row.get(8).startsWith("hit"));
    }
  }

  private static void number(String chip, String cell, Optional<Measure> ours, double error) {
    Matcher number = NUMBER.matcher(cell);
    if (number.find()) {
      assertThat(ours.orElseThrow().value().orElseThrow().doubleValue())
          .as(chip)
          .isCloseTo(
              Double.parseDouble(number.group()), org.assertj.core.data.Offset.offset(error));
    }
  }
}
