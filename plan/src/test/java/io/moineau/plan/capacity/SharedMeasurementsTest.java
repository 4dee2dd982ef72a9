package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.plan.Shared;
import io.moineau.plan.chips.Source;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The measurements against the table that they were made from, where that is beside the project.
 */
class SharedMeasurementsTest {
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:[.,]\\d+)*");

  private static final Map<String, Measurement> ROWS =
      Measurements.standard().rows().stream()
          .filter(row -> row.use() != Measurement.Use.FIT)
          .collect(Collectors.toMap(Measurement::id, Function.identity()));

  @Test
  void rows_areThoseOfTheTable() throws IOException {
    List<Map<String, String>> table = Shared.csv("serving-benchmarks.csv");
    assertThat(table.stream().map(row -> row.get("id")).collect(Collectors.toSet()))
        .isEqualTo(ROWS.keySet());
    for (Map<String, String> row : table) {
      Measurement ours = ROWS.get(row.get("id"));
      assertThat(ours.use() == Measurement.Use.YES)
          .as(ours.id())
          .isEqualTo(row.get("use_for_check").startsWith("yes"));
      assertThat(ours.setup().named()).as(ours.id()).isEqualTo(row.get("model"));
      assertThat(ours.setup().machine()).as(ours.id()).isEqualTo(row.get("chip"));
      assertThat(row.get("date")).as(ours.id()).startsWith(ours.date());
      assertThat(ours.setup().precision()).as(ours.id()).isEqualTo(row.get("precision"));
      assertThat(ours.setup().layout()).as(ours.id()).isEqualTo(row.get("parallelism"));
      assertThat(ours.setup().engine()).as(ours.id()).startsWith(row.get("engine"));
      for (Source source : ours.sources()) {
        String site = source.url().replaceFirst("(https://[^/]*/[^/]*).*", "$1");
        assertThat(row.get("source")).as(ours.id()).contains(site);
      }
    }
  }

  @Test
  void figures_ofEachRow_areThoseOfTheTable() throws IOException {
    int compared = 0;
    for (Map<String, String> row : Shared.csv("serving-benchmarks.csv")) {
      Measurement ours = ROWS.get(row.get("id"));
      compared += same(row, "chips", ours.setup().chips(), 1);
      compared += same(row, "batch", ours.load().batch(), 1);
      compared += same(row, "tok_s_per_chip", ours.result().perChip(), 1);
      compared += same(row, "tok_s_total", ours.result().inAll(), 1);
      compared += same(row, "ttft_ms", ours.result().ttft(), 1e3);
      compared += same(row, "tpot_ms", ours.result().tpot(), 1e3);
      compared += same(row, "tok_s_per_user", ours.result().perUser(), 1);
      compared += same(row, "input_tokens", ours.load().inputTokens(), 1);
      compared += same(row, "output_or_kv_tokens", ours.load().outputTokens(), 1);
    }
    assertThat(compared).isGreaterThan(350);
  }

  /** A cell that is a number is the same number; other cells are checked by the test below. */
  private static int same(Map<String, String> row, String column, OptionalDouble ours, double by) {
    String cell = row.get(column);
    if (!cell.matches("\\d+(\\.\\d+)?")) {
      return 0;
    }
    assertThat(ours.isPresent()).as(row.get("id") + " " + column).isTrue();
    assertThat(ours.getAsDouble() * by)
        .as(row.get("id") + " " + column)
        .isCloseTo(Double.parseDouble(cell), org.assertj.core.data.Offset.offset(1e-6));
    return 1;
  }

  /** No number of the table is lost: each is somewhere in our row, in a field or in a sentence. */
  @Test
  void numbers_ofEachCell_areInTheRow() throws IOException {
    int compared = 0;
    for (Map<String, String> row : Shared.csv("serving-benchmarks.csv")) {
      Set<BigDecimal> ours = numbersOf(ROWS.get(row.get("id")));
      for (Map.Entry<String, String> cell : row.entrySet()) {
        if (!cell.getKey().equals("source") && !cell.getKey().equals("id")) {
          assertThat(ours)
              .as(row.get("id") + " " + cell.getKey() + ": " + cell.getValue())
              .containsAll(numbers(cell.getValue()));
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(2000);
  }

  private static Set<BigDecimal> numbersOf(Measurement row) {
    Set<BigDecimal> all = numbers(row.toString());
    Measurement.Load load = row.load();
    Measurement.Result result = row.result();
    for (OptionalDouble seconds :
        List.of(load.ttftLimit(), load.tpotLimit(), result.ttft(), result.tpot())) {
      seconds.ifPresent(value -> all.add(plain(String.format(Locale.ROOT, "%.4f", value * 1e3))));
    }
    return all;
  }

  private static Set<BigDecimal> numbers(String text) {
    Set<BigDecimal> numbers = new HashSet<>();
    Matcher matcher = NUMBER.matcher(text.replaceAll("(?<=\\d)E(?=\\d)", "x"));
    while (matcher.find()) {
      String number = matcher.group();
      if (number.matches("\\d{1,3}(,\\d{3})+(\\.\\d+)?")) {
        numbers.add(plain(number.replace(",", "")));
      } else {
        for (String part : number.split(",")) {
          if (part.matches("\\d+(\\.\\d+)?")) {
            numbers.add(plain(part));
          }
        }
      }
    }
    return numbers;
  }

  private static BigDecimal plain(String number) {
    BigDecimal stripped = new BigDecimal(number).stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }
}
