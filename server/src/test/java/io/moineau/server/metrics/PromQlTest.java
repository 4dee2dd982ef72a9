package io.moineau.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of PromQL refuses what Prometheus refuses. */
class PromQlTest {
  @Test
  void parse_tellsSelectorsAndLabels() {
    PromQl query =
        PromQl.parse(
            "sum by (le, job) (rate(a_total{x=~\"1|2\", y!=\"}\"}[5m])) / on (job) group_left ()"
                + " (b > 0) > 0.5 or c");
    assertThat(query.selectors())
        .containsExactly(
            new PromQl.Selector("a_total", Set.of("x", "y")),
            new PromQl.Selector("b", Set.of()),
            new PromQl.Selector("c", Set.of()));
    assertThat(query.grouped()).containsExactlyInAnyOrder("le", "job");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sum(",
        "sum(a))",
        "rate(a)",
        "rate(a[5])",
        "sum(a[5m])",
        "a[5m]",
        "a +",
        "a b",
        "0.5",
        "1 or a",
        "a{x}",
        "a{x=1}",
        "a{x=\"1\" y=\"2\"}",
        "histogram_quantile(a, b)",
        "histogram_quantile(0.5)",
        "unknown(a)",
        "sum by job (a)",
        "a{x=\"1}"
      })
  void parse_refuses(String text) {
    assertThatThrownBy(() -> PromQl.parse(text)).isInstanceOf(AssertionError.class);
  }
}
