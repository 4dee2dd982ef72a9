package io.moineau.plan.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.chart.SvgFile.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

/**
 * What holds for each chart: a well-formed picture that can do nothing, in which texts have room.
 */
final class ChartTest {
  private static final String HOSTILE =
      "</text><script>alert(1)</script> & \"quotes\" 'single' ]]> \u202etxt \u0000\u0008 \ud800 é 中文 "
          + "onload=x";

  static Stream<Chart<?>> ordinary() {
    return IntStream.of(1, 2, 5, 11, 50)
        .boxed()
        .flatMap(n ->
            Stream.of(280, 360, 720, 1400)
                .flatMap(width ->
                    Stream.of(lines(n), scatter(n), roofline(n), bars(n), stacked(n))
                        .map(chart -> chart.width(width))));
  }

  static Stream<Chart<?>> odd() {
    double[] values = {
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      0,
      -0.0,
      -5,
      1e-320,
      1e300,
      Double.MAX_VALUE,
      Double.MIN_VALUE,
      3,
      3,
      1e9
    };
    List<Point> points = new ArrayList<>();
    for (double x : values) {
      for (double y : values) {
        points.add(new Point(x, y, y - 1, y * 2, HOSTILE));
      }
    }
    BarChart bars = new BarChart(HOSTILE).line(Double.NaN, HOSTILE).line(50, HOSTILE);
    BarChart stack = new BarChart(HOSTILE).stacked();
    RooflineChart roofline = new RooflineChart(HOSTILE).roof(HOSTILE, 0, 0).roof("r", 1e15, 1e12);
    for (int i = 0; i < values.length; i++) {
      bars.bar(HOSTILE + i, HOSTILE, values[i] - 1, values[i], values[i] + 1);
      stack.bar("all", HOSTILE + i, values[i]);
      roofline.operator("s", HOSTILE, values[i], values[values.length - 1 - i], 1);
    }
    return Stream.of(
        new LineChart(""),
        new ScatterChart(" ").x(Axis.log("x")).y(Axis.log("y")),
        new RooflineChart("empty"),
        new BarChart("empty").stacked(),
        new LineChart("one").line("a", List.of(Point.of(3, 4))),
        new LineChart("one, log").x(Axis.log("")).y(Axis.log("")).line("", List.of(Point.of(3, 4))),
        new LineChart(HOSTILE)
            .x(Axis.linear(HOSTILE))
            .y(Axis.log(HOSTILE))
            .line(HOSTILE, points)
            .horizontal(Double.NaN, HOSTILE)
            .vertical(-3, HOSTILE)
            .description(HOSTILE),
        new ScatterChart(HOSTILE)
            .x(Axis.log("x"))
            .y(Axis.linear("y"))
            .points(HOSTILE, points)
            .ratio(Double.NaN, HOSTILE, 1, 2),
        new ScatterChart("huge").points("", List.of(Point.of(-1e59, 1e59), Point.of(1e59, -1e59))),
        roofline,
        bars,
        stack);
  }

  private static String name(int i) {
    return switch (i % 4) {
      case 0 -> "DeepSeek-R1 on " + i + " chips of a kind with a rather long name, weights in FP8";
      case 1 -> "H20";
      case 2 -> "Ascend 910C, " + i;
      default -> "MW" + i;
    };
  }

  private static List<Point> points(int seed, int many) {
    Random random = new Random(seed);
    return IntStream.range(0, many)
        .mapToObj(i -> {
          double y = Math.exp(random.nextGaussian() * 3);
          return new Point(
              Math.exp(random.nextGaussian() * 2), y, y * 0.7, y * 1.4, i < 4 ? name(i) : "");
        })
        .toList();
  }

  private static Chart<?> lines(int n) {
    LineChart chart =
        new LineChart("Throughput against latency of a system whose name takes two lines to write")
            .x(Axis.log("seconds per token"))
            .y(Axis.fromZero("tokens/s in all, under this very workload and with these limits"))
            .vertical(0.05, "limit: 50 ms")
            .vertical(0.06, "another limit: 60 ms")
            .horizontal(3, "what is asked")
            .horizontal(3.1, "what is asked a little later");
    IntStream.range(0, n).forEach(i -> chart.line(name(i), points(i, 20)));
    return chart;
  }

  private static Chart<?> scatter(int n) {
    ScatterChart chart =
        new ScatterChart("Estimate and measurement")
            .x(Axis.log("measured"))
            .y(Axis.log("estimated"))
            .ratio(1, "equal", 1e-3, 1e3)
            .language("fr");
    IntStream.range(0, n).forEach(i -> chart.points(name(i), points(i, 10)));
    return chart;
  }

  private static Chart<?> roofline(int n) {
    RooflineChart chart = new RooflineChart("Roofline").roof("H20, FP8", 296e12, 4e12);
    IntStream.range(0, n).forEach(i -> chart.operator("decode", name(i), 1e12 * i, 1e10, 0.1));
    return chart.operator("prefill", "attention", 5e14, 1e11, 3);
  }

  private static Chart<?> bars(int n) {
    BarChart chart =
        new BarChart("Shares")
            .axis(Axis.fromZero("per cent").between(Double.NaN, 100))
            .line(50, "more than half")
            .line(51, "and a bit more than that");
    for (int i = 0; i < n; i++) {
      chart.bar(name(i), "chips", i % 100).bar(name(i), "value", 10, 37.512, 62.5);
      chart.bar("all", name(i), i);
    }
    return chart;
  }

  private static Chart<?> stacked(int n) {
    BarChart chart = new BarChart("Time per operator").stacked().axis(Axis.fromZero("ms"));
    for (int i = 0; i < n; i++) {
      chart.bar("prefill", name(i), 1.7 * i + 0.01).bar("decode " + name(i), name(i), 3);
    }
    return chart;
  }

  @ParameterizedTest
  @MethodSource({"ordinary", "odd"})
  void svg_anyChart_isWellFormedAndDoesNothing(Chart<?> chart) {
    String text = chart.svg();
    SvgFile svg = new SvgFile(text);
    assertThat(svg.elementNames()).isSubsetOf("svg", "title", "desc", "g", "path", "rect", "text");
    assertThat(svg.attributeNames())
        .doesNotContain("style", "id", "href", "onload", "xlink:href")
        .allMatch(name -> !name.startsWith("on"));
    assertThat(svg.root().getAttribute("role")).isEqualTo("img");
    assertThat(svg.root().getFirstChild().getNextSibling().getNodeName()).isEqualTo("title");
    assertThat(text).doesNotContain("NaN", "Infinity", "\u202e").doesNotContain("<script");
    for (Element path : svg.all("path")) {
      assertThat(path.getAttribute("d")).matches("M[-0-9. MmLlHhVvAaZ]+");
    }
    assertThat(chart.svg()).as("drawn a second time").isEqualTo(text);
  }

  @ParameterizedTest
  @MethodSource("ordinary")
  void svg_anyNumberOfSeries_textsStayInsideAndApart(Chart<?> chart) {
    SvgFile svg = new SvgFile(chart.svg());
    List<Written> written = svg.written();
    assertThat(written).isNotEmpty();
    for (int i = 0; i < written.size(); i++) {
      Written one = written.get(i);
      assertThat(one.left()).as(one.text()).isGreaterThanOrEqualTo(0);
      assertThat(one.right()).as(one.text()).isLessThanOrEqualTo(svg.width() + 0.5);
      assertThat(one.bottom()).as(one.text()).isLessThanOrEqualTo(svg.height());
      for (int j = i + 1; j < written.size(); j++) {
        assertThat(one.overlaps(written.get(j)))
            .as("'" + one + "' over '" + written.get(j) + "'")
            .isFalse();
      }
    }
  }

  @Test
  void svg_fiftySeries_eachHasItsOwnSign() {
    SvgFile svg = new SvgFile(lines(50).svg());
    List<String> signs =
        svg.all("path").stream()
            .filter(e -> ((Element) e.getParentNode()).getAttribute("class").equals("series"))
            .filter(e -> e.getAttribute("stroke-width").equals("2"))
            .map(e -> e.getAttribute("stroke") + " " + e.getAttribute("stroke-dasharray"))
            .toList();
    assertThat(signs).hasSize(50).doesNotHaveDuplicates();
  }

  @Test
  void svg_pointWithoutNumber_isAGapAndCounted() {
    List<Point> points =
        List.of(
            Point.of(1, 1),
            Point.of(2, 2),
            Point.of(3, Double.NaN),
            Point.of(4, 2),
            Point.of(5, 3));
    SvgFile svg = new SvgFile(new LineChart("gap").line("a", points).svg());
    assertThat(svg.ofClass("series").getFirst().getElementsByTagName("path").getLength())
        .as("two lines and four signs")
        .isEqualTo(6);
    assertThat(svg.texts()).contains("1 not drawn: outside the axes or not known");
  }

  @Test
  void svg_noData_saysSo() {
    assertThat(new SvgFile(new LineChart("t").svg()).texts()).contains("no data");
    assertThat(new SvgFile(new BarChart("t").language("fr-FR").svg()).texts())
        .contains("pas de données");
    assertThat(new SvgFile(new BarChart("t").bar("a", "", Double.NaN).svg()).texts())
        .contains("not known");
  }

  @Test
  void svg_ranges_areDrawnAndTold() {
    List<Point> points = List.of(new Point(1, 10, 5, 20, ""), new Point(2, 20, 10, 40, ""));
    SvgFile line = new SvgFile(new LineChart("t").x(Axis.linear("x")).line("a", points).svg());
    assertThat(line.ofClass("band")).hasSize(1);
    assertThat(line.all("title")).anyMatch(t -> t.getTextContent().contains("10 (5 – 20)"));
    SvgFile dots = new SvgFile(new ScatterChart("t").points("a", points).svg());
    assertThat(dots.ofClass("range")).hasSize(2);
    SvgFile bars = new SvgFile(new BarChart("t").bar("a", "", 20, 30, 60.04).svg());
    assertThat(bars.ofClass("range")).hasSize(1);
    assertThat(bars.texts()).contains("30 (20 – 60)");
  }

  @Test
  void svg_bars_areAsLongAsTheirValues() {
    SvgFile svg = new SvgFile(new BarChart("t").bar("a", "", 20).bar("b", "", 40).svg());
    List<Double> widths =
        svg.all("rect").stream().map(r -> Double.parseDouble(r.getAttribute("width"))).toList();
    assertThat(widths).hasSize(2);
    assertThat(widths.get(1) / widths.get(0)).isBetween(1.99, 2.01);
  }

  @Test
  void svg_roofline_bendsAtTheRidge() {
    SvgFile svg =
        new SvgFile(
            new RooflineChart("t").roof("chip", 1e15, 1e12).operator("d", "o", 1, 1, 1).svg());
    Element roof =
        svg.all("path").stream()
            .filter(e -> e.getAttribute("stroke-width").equals("2"))
            .findFirst()
            .orElseThrow();
    String[] at = roof.getAttribute("d").substring(1).split(" ");
    assertThat(at).hasSize(6);
    assertThat(at[3]).as("flat beyond the ridge").isEqualTo(at[5]);
    assertThat(Double.parseDouble(at[1]))
        .as("lower on the left")
        .isGreaterThan(Double.parseDouble(at[3]));
  }

  @Test
  void svg_longTitle_isNotLost() {
    String title = "word ".repeat(60).strip();
    SvgFile svg = new SvgFile(new LineChart(title).svg());
    assertThat(svg.root().getAttribute("aria-label")).isEqualTo(title);
    assertThat(svg.texts().get(1)).endsWith("…");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 279, 2001})
  void width_outside_isRefused(int width) {
    assertThatThrownBy(() -> new BarChart("t").width(width))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width=" + width);
  }

  @Test
  void palette_eachColour_standsOutOnLightAndDark() {
    for (String colour : Palette.COLOURS) {
      double light = luminance(colour);
      assertThat(1.05 / (light + 0.05)).as(colour + " on white").isGreaterThanOrEqualTo(3);
      assertThat((light + 0.05) / (luminance("#22201d") + 0.05))
          .as(colour + " on the page's raised dark")
          .isGreaterThanOrEqualTo(3);
    }
  }

  private static double luminance(String colour) {
    double[] parts = new double[3];
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      parts[i] = c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  }
}
