package io.moineau.engine.speculation;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.engine.sampling.TokenList;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NgramIndexTest {
  private static int[] draft(TokenList tokens, int most) {
    int[] draft = new int[most];
    return Arrays.copyOf(draft, new NgramIndex(tokens).draft(draft, most));
  }

  @Test
  void draft_newestPairStoodBefore_givesWhatFollowed() {
    assertThat(draft(new TokenList(5, 1, 2, 7, 8, 9, 1, 2), 3)).containsExactly(7, 8, 9);
  }

  @Test
  void draft_severalPlaces_takesTheLongestMatchAndOfEqualsTheNewest() {
    // 4 1 2 stood at the beginning; 1 2 alone twice since.
    assertThat(draft(new TokenList(4, 1, 2, 10, 3, 1, 2, 11, 5, 1, 2, 12, 4, 1, 2), 1))
        .containsExactly(10);
    assertThat(draft(new TokenList(3, 1, 2, 10, 3, 1, 2, 11, 4, 1, 2), 1)).containsExactly(11);
  }

  @Test
  void draft_reachesTheEnd_goesOnWithItself() {
    assertThat(draft(new TokenList(9, 1, 2, 3, 1, 2), 8)).containsExactly(3, 1, 2, 3, 1, 2, 3, 1);
    assertThat(draft(new TokenList(6, 6, 6), 4)).containsExactly(6, 6, 6, 6);
  }

  @Test
  void draft_nothingRepeats_givesNothing() {
    assertThat(draft(new TokenList(1, 2, 3, 4, 5, 6), 4)).isEmpty();
    assertThat(draft(new TokenList(1), 4)).isEmpty();
    assertThat(draft(new TokenList(1, 1), 4)).isEmpty();
    assertThat(draft(new TokenList(1, 2, 1, 2), 0)).isEmpty();
  }

  @Test
  void draft_growingText_findsWhatAScanFinds() {
    long seed = 7;
    Random random = new Random(seed);
    for (int kinds : new int[] {3, 30}) {
      TokenList tokens = new TokenList();
      NgramIndex index = new NgramIndex(tokens);
      int[] draft = new int[4];
      for (int n = 0; n < 1500; n++) {
        tokens.add(random.nextInt(kinds));
        if (n % 3 == 0) {
          continue; // several tokens join between two drafts, too
        }
        int found = index.draft(draft, 4);
        int longest = longest(tokens);
        assertThat(found > 0).as("seed %d at %d", seed, n).isEqualTo(longest >= 2);
        // A chain is followed for a while only, so that of many places the longest may be missed.
        assertThat(index.same()).isLessThanOrEqualTo(longest);
        if (kinds == 30) {
          assertThat(index.same()).isEqualTo(longest >= 2 ? longest : 0);
        }
        if (found > 0) {
          assertThat(stoodBefore(tokens, index.same(), draft[0])).isTrue();
        }
      }
    }
  }

  private static int longest(TokenList tokens) {
    int end = tokens.size() - 1;
    int longest = 0;
    for (int place = 0; place < end; place++) {
      int n = 0;
      while (n < NgramIndex.MOST_SAME
          && n <= place
          && tokens.get(place - n) == tokens.get(end - n)) {
        n++;
      }
      longest = Math.max(longest, n);
    }
    return longest;
  }

  private static boolean stoodBefore(TokenList tokens, int same, int next) {
    int end = tokens.size() - 1;
    for (int place = same - 1; place < end; place++) {
      int n = 0;
      while (n < same && tokens.get(place - n) == tokens.get(end - n)) {
        n++;
      }
      if (n == same && tokens.get(place + 1) == next) {
        return true;
      }
    }
    return false;
  }
}
