package io.moineau.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreTokenizersTest {
  private static List<String> pieces(String family, String text) {
    List<PreTokenizer> steps = new ArrayList<>();
    for (String regex : PreTokenizers.named(family).regexes()) {
      steps.add(PreTokenizer.split(PieceFinder.of(regex), PreTokenizer.Behavior.ISOLATED, false));
    }
    return PreTokenizer.sequence(steps).apply(List.of(text), true);
  }

  @Test
  void llama3_takesDigitsByThree_andShortFormsInAnyCase() {
    assertThat(pieces("llama-bpe", "I'LL pay 12345  now\n\n x"))
        .containsExactly("I", "'LL", " pay", " ", "123", "45", " ", " now", "\n\n", " x");
  }

  @Test
  void qwen2_takesDigitsOneByOne() {
    assertThat(pieces("qwen2", "a 42!\n")).containsExactly("a", " ", "4", "2", "!\n");
  }

  @Test
  void deepseekV3_cutsOutDigitsAndHan() {
    assertThat(pieces("deepseek-v3", "abc1234\u6F22\u5B57 d."))
        .containsExactly("abc", "123", "4", "\u6F22\u5B57", " d", ".");
  }

  @Test
  void gpt4o_cutsBeforeCapitals() {
    assertThat(pieces("gpt-4o", "HelloWorld it's")).containsExactly("Hello", "World", " it's");
  }

  @Test
  void superbpe_groupsDigitsFromTheRight() {
    assertThat(pieces("superbpe", "a1234567b12"))
        .containsExactly("a", "1", "234", "567", "b", "12");
    assertThat(pieces("superbpe", "123456")).containsExactly("123", "456");
  }

  @Test
  void tinyAya_groupsDigitsFromTheRight_whereAWordEnds() {
    assertThat(pieces("tiny_aya", "1234567 12")).containsExactly("1", "234", "567", " ", "12");
    // No border of a word after these digits: the second expression takes three from the left.
    assertThat(pieces("tiny_aya", "1234x")).containsExactly("123", "4", "x");
  }

  @Test
  void afmoe_groupsDigitsFromTheRight() {
    assertThat(pieces("afmoe", "n 12345")).containsExactly("n", " ", "12", "345");
  }

  @Test
  void exaoneMoe_keepsWordsTogether() {
    assertThat(pieces("exaone-moe", "one two e\u0301, 7"))
        .containsExactly("one two e\u0301", ",", " ", "7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-bpe",
        "qwen2",
        "deepseek-v3",
        "gpt-4o",
        "gpt-2",
        "tekken",
        "superbpe",
        "tiny_aya",
        "exaone-moe",
        "kimi-k2",
        "falcon",
        "default",
        "afmoe",
        "deepseek-llm"
      })
  void longRuns_ofOneCharacter_needNeitherStackNorTime(String family) {
    for (String one : List.of("a", " ", "7", "\n", "A", "\u6F22", "\u0301", "!", "a ", " \n")) {
      String text = one.repeat(200_000);
      List<String> pieces =
          Assertions.assertTimeoutPreemptively(
              Duration.ofSeconds(20), () -> pieces(family, text), family + " on " + one);
      assertThat(String.join("", pieces)).isEqualTo(text);
    }
  }

  @Test
  void unknownName_isRefusedWithTheNames() {
    assertThatThrownBy(() -> PreTokenizers.named("no-such-family"))
        .isInstanceOf(TextException.class)
        .hasMessageContaining("llama-bpe");
  }

  @Test
  void regexThatBacktracksForYears_isStoppedByName() {
    PieceFinder finder = PieceFinder.of("a*a*a*a*a*a*a*b");
    assertThatThrownBy(() -> finder.find("a".repeat(300), new IntList()))
        .isInstanceOfSatisfying(
            TextException.class, e -> assertThat(e.code()).isEqualTo("tokenizer-regex-too-slow"));
  }

  @Test
  void regexThatNeedsMuchStack_isStoppedByName() {
    PieceFinder finder = PieceFinder.of("(?:a|b)+");
    assertThatThrownBy(() -> finder.find("ab".repeat(5_000_000), new IntList()))
        .isInstanceOfSatisfying(
            TextException.class, e -> assertThat(e.code()).isEqualTo("tokenizer-regex-too-deep"));
  }

  @Test
  void dollar_standsAtLineFeedsOnly() {
    IntList bounds = new IntList();
    PieceFinder.of("x$").find("x\nx\rx\u2028x", bounds);
    assertThat(bounds.toArray()).containsExactly(0, 1, 6, 7);
  }
}
