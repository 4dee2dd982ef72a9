package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void push_stopAcrossPieces_holdsBackAndEnds() {
    StopStrings stops = new StopStrings(List.of("<end>"));
    assertThat(stops.push("Hello <")).isEqualTo("Hello ");
    assertThat(stops.push("en")).isEmpty();
    assertThat(stops.met()).isEmpty();
    assertThat(stops.push("d> more")).isEmpty();
    assertThat(stops.isMet()).isTrue();
    assertThat(stops.push("x")).isEmpty();
    assertThat(stops.flush()).isEmpty();
  }

  @Test
  void push_beginningThatGoesOnOtherwise_isShownAfterAll() {
    StopStrings stops = new StopStrings(List.of("abcd", "bx"));
    assertThat(stops.push("ab")).isEmpty();
    assertThat(stops.push("c")).isEmpty();
    assertThat(stops.push("e")).isEqualTo("abce");
    assertThat(stops.push("yab")).isEqualTo("y");
    assertThat(stops.push("x")).isEqualTo("a");
    assertThat(stops.met()).isEqualTo("bx");
  }

  @Test
  void flush_endOfText_showsTheRest() {
    StopStrings stops = new StopStrings(List.of("\n\n"));
    assertThat(stops.push("line\n")).isEqualTo("line");
    assertThat(stops.flush()).isEqualTo("\n");
  }

  @Test
  void push_anySplit_equalsTheWholeCutAtTheFirstStop() {
    long seed = 3;
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 30; i++) {
        text.append((char) ('a' + random.nextInt(3)));
      }
      List<String> list = List.of("abca", "ccb", "aaaa");
      int cut = text.length();
      for (String stop : list) {
        int at = text.indexOf(stop);
        cut = at >= 0 ? Math.min(cut, at) : cut;
      }
      StopStrings stops = new StopStrings(list);
      StringBuilder out = new StringBuilder();
      for (int at = 0; at < text.length() && !stops.isMet(); ) {
        int next = Math.min(text.length(), at + 1 + random.nextInt(4));
        out.append(stops.push(text.substring(at, next)));
        at = next;
      }
      out.append(stops.flush());
      // Where several stops overlap, the one completed first ends the text; it need not begin
      // first.
      assertThat(out.toString())
          .as("seed %d round %d text %s", seed, round, text)
          .startsWith(text.substring(0, Math.min(cut, out.length())))
          .matches(shown -> list.stream().noneMatch(shown::contains));
      assertThat(text.toString()).startsWith(out.toString());
      assertThat(out.length()).isBetween(cut, cut + 3);
    }
  }
}
