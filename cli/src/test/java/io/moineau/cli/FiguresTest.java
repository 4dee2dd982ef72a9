package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FiguresTest {
  @Test
  void bytes_anySize_hasAUnit() {
    assertThat(Figures.bytes(0)).isEqualTo("0 B");
    assertThat(Figures.bytes(1023)).isEqualTo("1023 B");
    assertThat(Figures.bytes(1536)).isEqualTo("1.5 KiB");
    assertThat(Figures.bytes(9L << 30)).isEqualTo("9.0 GiB");
    assertThat(Figures.bytes(Long.MAX_VALUE)).endsWith(" PiB");
  }

  @Test
  void count_parameters_isShort() {
    assertThat(Figures.count(260)).isEqualTo("260");
    assertThat(Figures.count(260_000)).isEqualTo("260K");
    assertThat(Figures.count(15_700_000_000L)).isEqualTo("15.7B");
    assertThat(Figures.count(1_040_000_000_000L)).isEqualTo("1T");
  }

  @Test
  void duration_anyLength_isReadable() {
    assertThat(Figures.duration(0.25)).isEqualTo("250 ms");
    assertThat(Figures.duration(12.34)).isEqualTo("12.3 s");
    assertThat(Figures.duration(245)).isEqualTo("4 min 05 s");
    assertThat(Figures.duration(3 * 3600 + 720)).isEqualTo("3 h 12 min");
  }

  @Test
  void lines_table_alignsColumns() {
    assertThat(new TextTable("name", ">n").row("a", 1).row("long", 100).lines(""))
        .containsExactly("name    n", "a       1", "long  100");
  }
}
