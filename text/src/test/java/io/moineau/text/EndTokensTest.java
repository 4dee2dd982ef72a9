package io.moineau.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndTokensTest {
  private static List<AddedTokens.Added> tokens(String... names) {
    List<AddedTokens.Added> added = new ArrayList<>();
    for (String name : names) {
      added.add(new AddedTokens.Added(added.size(), name, true, false, false, false));
    }
    return added;
  }

  @Test
  void among_namesThatEndAnAnswer_inTheirOrder() {
    assertThat(EndTokens.among(tokens("<|x|>", "<|end|>", "<|im_end|>"))).containsExactly(1, 2);
  }

  @Test
  void among_channels_endOfAMessageIsNotTheEndOfTheAnswer() {
    assertThat(EndTokens.among(tokens("<|return|>", "<|end|>", "<|call|>"))).containsExactly(0, 2);
  }
}
