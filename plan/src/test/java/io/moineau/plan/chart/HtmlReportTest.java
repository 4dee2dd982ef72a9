package io.moineau.plan.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HtmlReportTest {
  private static final String HOSTILE = "<img src=x onerror=alert(1)>\"'&</pre></title><script>";

  @Test
  void html_hostileTexts_areTextsOnly() {
    String html =
        new HtmlReport(HOSTILE)
            .language(HOSTILE)
            .section(HOSTILE)
            .subsection(HOSTILE)
            .paragraph(HOSTILE)
            .note(HOSTILE)
            .list(List.of(HOSTILE))
            .preformatted(HOSTILE)
            .table(HOSTILE, List.of(HOSTILE, "n"), List.of(List.of(HOSTILE, "1")))
            .chart(new BarChart(HOSTILE).bar(HOSTILE, HOSTILE, 1))
            .html();
    assertThat(html.toLowerCase(Locale.ROOT)).doesNotContain("<img").doesNotContain("<script");
    assertThat(html).contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;&lt;/pre&gt;");
  }

  @Test
  void html_file_needsNothingFromOutside() {
    String html = new HtmlReport("t").section("s").chart(new LineChart("c")).html();
    assertThat(html)
        .startsWith("<!DOCTYPE html>\n<html lang=\"en\">")
        .contains("default-src &#39;none&#39;")
        .contains("@media print")
        .contains("prefers-color-scheme: dark")
        .doesNotContain("src=")
        .doesNotContain("href=")
        .doesNotContain("url(")
        .doesNotContain("@import");
    assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("//");
  }

  @Test
  void table_numbers_areSetToTheRight() {
    String html =
        new HtmlReport("t")
            .table(
                List.of("chip", "share", "range", "mixed", "nothing"),
                List.of(
                    List.of("H20", "62.5 %", "20.0 to 60.0 %", "12", ""),
                    List.of("910C", "-", "5", "two", "-")))
            .html();
    assertThat(html)
        .contains("<td class=\"number\">62.5 %</td>", "<td class=\"number\">20.0 to 60.0 %</td>")
        .contains("<td>H20</td>", "<td>12</td>", "<td>-</td>");
  }

  @Test
  void table_rowOfOtherLength_isRefused() {
    assertThatThrownBy(
            () -> new HtmlReport("t").table(List.of("a", "b"), List.of(List.of("only one"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 != 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text",
        "<svg ><script>x</script></svg>",
        "<svg onload=\"x\"></svg>",
        "<svg ><a xlink:href=\"x\"></a></svg>",
        "<svg ><style>x</style></svg>",
        "<svg ><foreignObject/></svg>",
        "<svg ><image/></svg>",
        "<svg ><!-- --></svg>"
      })
  void chart_thatDoesSomething_isRefused(String svg) {
    assertThatThrownBy(() -> new HtmlReport("t").chart(svg))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void chart_whoseTextsOnlyLookSo_isTaken() {
    String svg = new BarChart("href=\"x\" onload=y <script>").bar("<style>", "", 1).svg();
    assertThat(new HtmlReport("t").chart(svg).html()).contains(svg);
  }
}
