package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayoutTextTest {
  /** Degrees that go together, at random. */
  private static Parallel parallel(Random random) {
    int tensor = 1 << random.nextInt(5);
    int data = 1 << random.nextInt(5);
    int pipeline = 1 + random.nextInt(4);
    boolean across = random.nextBoolean();
    int expert = across ? tensor << random.nextInt(1 + Integer.numberOfTrailingZeros(data)) : 1;
    return new Parallel(tensor, pipeline, expert, data);
  }

  @Test
  void parse_textOfALayout_isThatLayout() {
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      Parallel decode = parallel(random);
      Layout layout =
          random.nextBoolean() ? Layout.together(decode) : Layout.apart(parallel(random), decode);
      assertThat(LayoutText.parse(layout.text(), layout.chips()))
          .as("seed %s: %s", seed, layout.text())
          .isEqualTo(layout);
    }
  }

  @Test
  void parse_dataGroups_followFromTheChips() {
    assertThat(LayoutText.parse("tp8 ep16", 16))
        .isEqualTo(Layout.together(new Parallel(8, 1, 16, 2)));
    assertThat(LayoutText.parse("EP16", 16)).isEqualTo(Layout.together(new Parallel(1, 1, 16, 16)));
  }

  @Test
  void parse_whatIsNoLayout_isRefused() {
    for (String text :
        List.of(
            "",
            "8",
            "TP",
            "TP8 by DP2",
            "TP8 TP2",
            "XP4",
            "TP0",
            "TP3",
            "TP8, EP5",
            "TP99999999",
            "TP8 apart",
            "TP8 apart (8 + 9)",
            "TP8 apart (8 + 8; prefill)",
            "TP-8")) {
      assertThatThrownBy(() -> LayoutText.parse(text, 16))
          .as(text)
          .isInstanceOf(PlanException.class);
    }
  }
}
