package io.moineau.plan.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScaleTest {
  private static final Numbers NUMBERS = new Numbers(false);

  private static List<String> ticks(Axis axis, double low, double high) {
    return Scale.of(axis, low, high, NUMBERS).ticks().stream().map(Scale.Tick::text).toList();
  }

  @Test
  void ticks_linear_areRound() {
    assertThat(ticks(Axis.linear(""), 0.3, 9.7)).containsExactly("0", "2", "4", "6", "8", "10");
    assertThat(ticks(Axis.linear(""), 10_210, 10_480))
        .containsExactly(
            "10\u202f200",
            "10\u202f250",
            "10\u202f300",
            "10\u202f350",
            "10\u202f400",
            "10\u202f450",
            "10\u202f500");
    assertThat(ticks(Axis.fromZero(""), 1_200_000, 2_900_000))
        .containsExactly("0", "0.5M", "1.0M", "1.5M", "2.0M", "2.5M", "3.0M");
    assertThat(ticks(Axis.linear(""), -0.02, 0.013))
        .containsExactly("-0.02", "-0.01", "0", "0.01", "0.02");
  }

  @Test
  void ticks_logarithmic_fitTheSpan() {
    assertThat(ticks(Axis.log(""), 0.02, 30_000))
        .containsExactly("0.1", "1", "10", "100", "1000", "10\u202f000");
    assertThat(ticks(Axis.log(""), 3, 400))
        .containsExactly("2", "5", "10", "20", "50", "100", "200", "500");
    assertThat(ticks(Axis.log(""), 1e-30, 1e30)).hasSizeBetween(3, 9);
    assertThat(ticks(Axis.log("").between(1.1, 1.3), 1.1, 1.3)).hasSizeGreaterThanOrEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "12345, 12\u202f300",
    "0.012345, 0.0123",
    "0.00001234, 1.23e-5",
    "123456, 123k",
    "1.5e12, 1.5T",
    "999999, 1M",
    "-45.67, -45.7",
    "1e25, 1e25",
    "100, 100",
    "NaN, ?"
  })
  void text_anyNumber_hasThreeDigits(double value, String text) {
    assertThat(NUMBERS.text(value)).isEqualTo(text);
  }

  @Test
  void text_french_hasAComma() {
    assertThat(new Numbers(true).text(1234.5)).isEqualTo("1230");
    assertThat(new Numbers(true).text(12.34)).isEqualTo("12,3");
  }

  @Test
  void scale_anyData_holdsItWithRisingTicks() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      boolean log = random.nextBoolean();
      double a = Math.exp(random.nextGaussian() * (random.nextInt(20) + 1));
      double b = random.nextInt(9) == 0 ? a : a * Math.exp(random.nextGaussian() * 3);
      double sign = log || random.nextBoolean() ? 1 : -1;
      double low = Math.min(sign * a, sign * b);
      double high = Math.max(sign * a, sign * b);
      Axis axis = log ? Axis.log("") : random.nextBoolean() ? Axis.linear("") : Axis.fromZero("");
      Scale scale = Scale.of(axis, low, high, NUMBERS);
      String what = axis + " of " + low + " to " + high;
      assertThat(scale.holds(low) && scale.holds(high)).as(what).isTrue();
      assertThat(scale.part(low)).as(what).isLessThanOrEqualTo(scale.part(high));
      assertThat(scale.ticks()).as(what).hasSizeBetween(2, 12);
      assertThat(scale.ticks()).extracting(Scale.Tick::text).as(what).doesNotHaveDuplicates();
      for (int t = 1; t < scale.ticks().size(); t++) {
        assertThat(scale.part(scale.ticks().get(t).value()))
            .as(what)
            .isGreaterThan(scale.part(scale.ticks().get(t - 1).value()));
      }
    }
  }

  @Test
  void part_logarithmic_equalFactorsAreEqualLengths() {
    Scale scale = Scale.of(Axis.log(""), 1, 1000, NUMBERS);
    assertThat(scale.part(10)).isCloseTo(1 / 3.0, within(1e-9));
    assertThat(scale.part(100)).isCloseTo(2 / 3.0, within(1e-9));
    assertThat(scale.part(1e9)).isEqualTo(1);
    assertThat(scale.part(-1)).isEqualTo(0);
  }

  @Test
  void axis_impossibleEnds_areRefused() {
    assertThatThrownBy(() -> Axis.linear("").between(2, 1)).hasMessageContaining("from=2.0 to=1.0");
    assertThatThrownBy(() -> Axis.log("").between(0, 1)).hasMessageContaining("above zero");
    assertThatThrownBy(() -> new BarChart("t").axis(Axis.log("x"))).hasMessageContaining("linear");
  }
}
