package io.moineau.plan.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The language of conditions: what it means, what it refuses, and that it is total. */
class ExpressionTest {
  private static final Map<String, Type> TYPES =
      new TreeMap<>(
          Map.of(
              "tpp", Type.NUMBER,
              "pd", Type.NUMBER,
              "to", Type.TEXT,
              "vendor", Type.TEXT,
              "datacentre", Type.TRUTH,
              "listed_party", Type.TRUTH));

  private static final Names NAMES =
      new Names() {
        @Override
        public Optional<Type> type(String variable) {
          return Optional.ofNullable(TYPES.get(variable));
        }

        @Override
        public Set<String> variables() {
          return TYPES.keySet();
        }

        @Override
        public Set<String> groups() {
          return Set.of("D:5");
        }
      };

  private record Given(Map<String, Value> values) implements Scope {
    @Override
    public Value value(String variable) {
      return values.getOrDefault(variable, new Value.Unknown(TYPES.get(variable)));
    }

    @Override
    public Truth member(String country, String group) {
      return country.equals("CN") ? Truth.YES : country.equals("AE") ? Truth.UNKNOWN : Truth.NO;
    }

    @Override
    public Truth listed(String paragraph) {
      return Truth.of("3A090.a".startsWith(paragraph));
    }
  }

  private static Value range(String low, String high) {
    return new Value.Range(new BigDecimal(low), new BigDecimal(high));
  }

  private static final Scope H20 =
      new Given(
          Map.of(
              "tpp",
              Value.number("2368"),
              "pd",
              range("2.909", "3.3"),
              "to",
              new Value.Text("CN"),
              "datacentre",
              Truth.YES));

  private static Truth value(String source) {
    return Expression.parse(source, NAMES).evaluate(H20);
  }

  @Test
  void comparisons_ofPointsAndRanges() {
    assertThat(value("tpp >= 2368")).isEqualTo(Truth.YES);
    assertThat(value("tpp > 2368")).isEqualTo(Truth.NO);
    assertThat(value("tpp < 2368.0001")).isEqualTo(Truth.YES);
    assertThat(value("1600 <= tpp < 4800")).isEqualTo(Truth.YES);
    assertThat(value("2400 <= tpp < 4800")).isEqualTo(Truth.NO);
    assertThat(value("pd >= 3.2")).isEqualTo(Truth.UNKNOWN);
    assertThat(value("pd >= 2.909")).isEqualTo(Truth.YES);
    assertThat(value("pd > 2.909")).isEqualTo(Truth.UNKNOWN);
    assertThat(value("pd < 2.909")).isEqualTo(Truth.NO);
    assertThat(value("pd == 4")).isEqualTo(Truth.NO);
    assertThat(value("pd == 3")).isEqualTo(Truth.UNKNOWN);
    assertThat(value("pd != 4")).isEqualTo(Truth.YES);
    assertThat(value("tpp == 2368.0")).isEqualTo(Truth.YES);
  }

  @Test
  void junctions_withUnknowns_decideWhereTheyCan() {
    assertThat(value("pd >= 3.2 and tpp < 100")).isEqualTo(Truth.NO);
    assertThat(value("pd >= 3.2 or tpp > 100")).isEqualTo(Truth.YES);
    assertThat(value("pd >= 3.2 and tpp > 100")).isEqualTo(Truth.UNKNOWN);
    assertThat(value("not (pd >= 3.2)")).isEqualTo(Truth.UNKNOWN);
    assertThat(value("tpp < 1 or tpp > 1 and tpp > 5000")).isEqualTo(Truth.NO);
    assertThat(value("not tpp < 1 and datacentre")).isEqualTo(Truth.YES);
  }

  @Test
  void sets_groupsAndLists() {
    assertThat(value("to in group(\"D:5\")")).isEqualTo(Truth.YES);
    assertThat(value("to in ['MO', 'CN']")).isEqualTo(Truth.YES);
    assertThat(value("to not in [\"MO\"]")).isEqualTo(Truth.YES);
    assertThat(value("vendor in [\"NVIDIA\"]")).isEqualTo(Truth.UNKNOWN);
    assertThat(value("vendor == to")).isEqualTo(Truth.UNKNOWN);
    assertThat(value("to != \"MO\"")).isEqualTo(Truth.YES);
    assertThat(value("listed(\"3A090\")")).isEqualTo(Truth.YES);
    assertThat(value("listed(\"3A090.b\")")).isEqualTo(Truth.NO);
    assertThat(value("known(tpp) and not known(vendor)")).isEqualTo(Truth.YES);
  }

  @Test
  void arithmetic_isExact() {
    assertThat(value("0.1 + 0.2 == 0.3")).isEqualTo(Truth.YES);
    assertThat(value("tpp - 368 == 2 * 1000")).isEqualTo(Truth.YES);
    assertThat(value("2 + 3 * 4 == 14")).isEqualTo(Truth.YES);
    assertThat(value("(pd - pd) * 1 < 0.4")).isEqualTo(Truth.YES);
  }

  @Test
  void text_hasTheValuesPutIn() {
    Expression both =
        Expression.parse("tpp >= 4800 or (pd >= 3.2 and to in group('D:5') and datacentre)", NAMES);
    assertThat(both.text(H20))
        .isEqualTo(
            "2368 >= 4800 or ((2.909 to 3.3) >= 3.2 and \"CN\" in group(\"D:5\")"
                + " and datacentre=true)");
  }

  @Test
  void parse_mistakes_sayWhereAndWhatIsAllowed() {
    String[][] mistakes = {
      {"tpp >= ", "value is missing", "character 8"},
      {"ttp >= 4800", "no such name: ttp", "tpp"},
      {"tpp >= \"CN\"", "this is a text", "a number"},
      {"tpp", "this is a number", "true or false"},
      {"tpp and datacentre", "this is a number", "character 1 "},
      {"to > 4", "this is a text", "a number"},
      {"to in group(\"D:9\")", "no such group", "D:5"},
      {"tpp in [\"CN\"]", "this is a number", "a text"},
      {"tpp = 4", "means nothing alone", "=="},
      {"tpp >= 48e9", "no number", "4800"},
      {"tpp >= 1.2.3", "no number", "4800"},
      {"(tpp >= 4", "')' is missing", "the end"},
      {"tpp >= 4)", "text after", "character 9"},
      {"to == \"CN", "not closed", "character 7"},
      {"tpp >= 4 ; 5", "means nothing", "character 10"},
      {"", "value is missing", "character 1 "},
      {"listed(tpp)", "a text is missing", "quotes"},
      {"known(4)", "no such name", "tpp"},
      {"datacentre < true", "true or false", "a number"},
      {"to not datacentre", "must go before", "in"},
      {"(".repeat(100) + "true" + ")".repeat(100), "too deeply nested", "64"},
      {"not ".repeat(100) + "true", "too deeply nested", "64"},
      {"true" + " or true".repeat(600), "too long", "4000"},
    };
    for (String[] mistake : mistakes) {
      assertThatThrownBy(() -> Expression.parse(mistake[0], NAMES))
          .as(mistake[0])
          .isInstanceOf(ExpressionException.class)
          .hasMessageContaining(mistake[1])
          .hasMessageContaining(mistake[2]);
    }
  }

  /**
   * Whatever is written, reading ends with a condition or an error, and evaluating with a value.
   */
  @Test
  void language_onRandomTexts_isTotal() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String[] words = {
      "tpp",
      "pd",
      "to",
      "vendor",
      "datacentre",
      "4800",
      "0.5",
      "\"CN\"",
      "true",
      "false",
      "and",
      "or",
      "not",
      "in",
      "group(\"D:5\")",
      "[\"CN\"]",
      "(",
      ")",
      "<",
      "<=",
      ">=",
      "==",
      "!=",
      "+",
      "-",
      "*",
      "known(tpp)",
      "listed(\"3A090\")",
      ",",
      "known",
      "listed",
      "[",
      "]",
      "'"
    };
    List<Scope> scopes = new ArrayList<>(List.of(H20, new Given(Map.of())));
    int read = 0;
    for (int i = 0; i < 8_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = 1 + random.nextInt(9);
      for (int j = 0; j < length; j++) {
        text.append(words[random.nextInt(words.length)]).append(' ');
      }
      try {
        Expression expression = Expression.parse(text.toString(), NAMES);
        read++;
        for (Scope scope : scopes) {
          assertThat(expression.evaluate(scope)).as("seed %d: %s", seed, text).isNotNull();
          assertThat(expression.text(scope)).isNotEmpty();
        }
      } catch (ExpressionException e) {
        assertThat(e.code()).isEqualTo("plan-bad-condition");
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + text, e);
      }
    }
    assertThat(read).as("seed %d", seed).isPositive();
  }

  /** What more is known never changes what was decided before. */
  @Test
  void evaluate_narrowerRanges_keepDecisions() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Expression rule =
        Expression.parse(
            "tpp >= 4800 or (tpp >= 1600 and pd >= 5.92) or not (2400 <= tpp < 4800)", NAMES);
    for (int i = 0; i < 2000; i++) {
      BigDecimal low = BigDecimal.valueOf(random.nextInt(10_000), 1);
      BigDecimal high = low.add(BigDecimal.valueOf(random.nextInt(40_000), 1));
      BigDecimal point = low.add(high).divide(BigDecimal.TWO);
      Value density = range("1", "9");
      Truth wide =
          rule.evaluate(new Given(Map.of("tpp", new Value.Range(low, high), "pd", density)));
      Truth narrow =
          rule.evaluate(new Given(Map.of("tpp", Value.number(point), "pd", Value.number("5.92"))));
      if (wide != Truth.UNKNOWN) {
        assertThat(narrow).as("seed %d: %s to %s", seed, low, high).isEqualTo(wide);
      }
    }
  }
}
