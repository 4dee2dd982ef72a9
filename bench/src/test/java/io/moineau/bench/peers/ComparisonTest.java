package io.moineau.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.moineau.bench.peers.Comparison.Figure;
import io.moineau.bench.peers.Comparison.Gap;
import io.moineau.bench.peers.Comparison.Limit;
import io.moineau.bench.peers.Comparison.Ratio;
import io.moineau.bench.peers.Comparison.Setting;
import io.moineau.bench.peers.Comparison.Unit;
import io.moineau.text.Json;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

/** Table, JSON and chart of figures that are written here. */
final class ComparisonTest {
  private static final MachineFacts MACHINE =
      new MachineFacts("Some <CPU> & more", 4, 32_000_000_000L, 2, 3, "avx2", 40, 400);

  private static Figure figure(
      String work, String program, Unit unit, int disturbed, Double... samples) {
    // 1 GB per token of 40 GB/s
    boolean share = work.equals("tg64");
    return new Figure(
        "tiny",
        work,
        program,
        unit,
        List.of(samples),
        disturbed * 3,
        disturbed,
        share ? Limit.MEMORY : Limit.NONE,
        share ? 1e9 : 0);
  }

  private static Comparison comparison() {
    Comparison comparison = new Comparison();
    comparison.add(figure("tg64", "moineau", Unit.TOKENS_PER_SECOND, 0, 30.0, 20.0, 40.0));
    comparison.add(figure("tg64", "llama.cpp", Unit.TOKENS_PER_SECOND, 1, 10.0, 20.0, 15.0));
    comparison.add(figure("load", "moineau", Unit.SECONDS, 0, 0.5));
    comparison.add(figure("load", "llama.cpp", Unit.SECONDS, 0, 2.0));
    comparison.add(new Setting("tiny", "llama.cpp", "build haswell"));
    comparison.add(new Gap("tiny", "jlama", "cannot read the file", false));
    return comparison;
  }

  @Test
  void table_twoPrograms_hasOneRowPerWorkWithRatios() {
    String table = ComparisonTable.of(comparison(), MACHINE);
    List<String> rows = table.lines().filter(line -> line.startsWith("| tiny")).toList();
    assertThat(rows).hasSize(2);
    assertThat(cells(rows.get(0)))
        .containsExactly(
            "tiny",
            "tg64",
            "tokens/s",
            "30.0",
            "75 % memory",
            "llama.cpp",
            "15.0*",
            "38 % memory",
            "**2.00***",
            "1.00 to 3.00");
    assertThat(cells(rows.get(1)))
        .containsExactly("tiny", "load", "s", "0.50", "", "llama.cpp", "2.00", "", "**4.00**", "");
    assertThat(table)
        .contains("limited to avx2")
        .contains("Medians of 3 rounds;")
        .contains("llama.cpp, tiny: build haswell")
        .contains("jlama, tiny: not measured: cannot read the file")
        .contains("3 repetitions were discarded")
        .contains("1 samples count although");
  }

  private static List<String> cells(String row) {
    return List.of(row.substring(1, row.length() - 1).split("\\|", -1)).stream()
        .map(String::strip)
        .toList();
  }

  @Test
  void table_withoutPeers_showsMoineauAlone() {
    Comparison comparison = new Comparison();
    comparison.add(figure("tg64", "moineau", Unit.TOKENS_PER_SECOND, 0, 7.0, 8.0));
    assertThat(ComparisonTable.of(comparison, MACHINE)).containsPattern("tg64 .*\\| 7\\.50 ");
  }

  @Test
  void ratio_lessIsBetter_isTheOtherWayRound() {
    Ratio ratio =
        Ratio.of(
            figure("load", "moineau", Unit.SECONDS, 0, 1.0, 2.0),
            figure("load", "llama.cpp", Unit.SECONDS, 0, 4.0, 4.0));
    assertThat(ratio.ratio()).isCloseTo(4 / 1.5, within(1e-9));
    assertThat(ratio.lowest()).isEqualTo(2);
    assertThat(ratio.highest()).isEqualTo(4);
  }

  @Test
  @SuppressWarnings("unchecked")
  void json_holdsEverySampleAndRatio() {
    String text = ComparisonJson.of(comparison(), MACHINE, Instant.parse("2026-11-21T08:00:00Z"));
    Map<String, Object> json = (Map<String, Object>) Json.parse(text);
    assertThat(json).containsEntry("time", "2026-11-21T08:00:00Z");
    assertThat((Map<String, Object>) json.get("machine"))
        .containsEntry("cpu", "Some <CPU> & more")
        .containsEntry("threads", 2L)
        .containsEntry("limited_to", "avx2");
    List<Map<String, Object>> figures = (List<Map<String, Object>>) json.get("figures");
    assertThat(figures).hasSize(4);
    assertThat(figures.get(0)).doesNotContainKey("moineau_ratio");
    assertThat(figures.get(1))
        .containsEntry("program", "llama.cpp")
        .containsEntry("samples", List.of(10.0, 20.0, 15.0))
        .containsEntry("median", 15.0)
        .containsEntry("disturbed", 1L)
        .containsEntry("share_of_limit", 0.375)
        .containsEntry("moineau_ratio", 2.0);
    assertThat((List<Map<String, Object>>) json.get("not_measured"))
        .singleElement()
        .satisfies(gap -> assertThat(gap).containsEntry("failed", false));
  }

  @Test
  void chart_isXmlWithOneBarPerFigure() throws Exception {
    String svg = ComparisonChart.of(comparison(), MACHINE);
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(1 + 4);
    assertThat(svg).contains("Some &lt;CPU&gt; &amp; more").contains("15.0* tokens/s, llama.cpp");
  }

  @Test
  void failed_onlyGapsThatShouldNotBe() {
    Comparison comparison = comparison();
    assertThat(comparison.failed()).isFalse();
    comparison.add(new Gap("tiny", "llama.cpp", "ended with exit code 134", true));
    assertThat(comparison.failed()).isTrue();
    assertThat(ComparisonTable.of(comparison, MACHINE)).contains("FAILED: ended with exit code");
  }
}
