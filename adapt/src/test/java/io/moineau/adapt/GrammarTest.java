package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {
  private static Grammar grammar(String text) {
    return new Grammar(Path.of("x.grammar"), text.lines().toList());
  }

  @Test
  void text_variable_isTheSameEachTime() {
    Grammar grammar =
        grammar(
            "a:\n  {^who:animal.1} and {who.1}, {who.2}; {end}.\nanimal:\n  cat/she\n  dog/he\n"
                + "end:\n  {^who.2} left\n");
    Set<String> texts = new HashSet<>();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 50; i++) {
      texts.add(grammar.text(random));
    }
    assertThat(texts)
        .containsExactlyInAnyOrder("Cat and cat, she; She left.", "Dog and dog, he; He left.");
  }

  @Test
  void text_sameSeed_isTheSameText() throws Exception {
    Path file =
        Path.of(System.getProperty("moineau.root", "..")).resolve("recipes/stories.grammar");
    Grammar stories = new Grammar(file, Files.readAllLines(file));
    SplittableRandom once = new SplittableRandom(9);
    SplittableRandom again = new SplittableRandom(9);
    Set<String> texts = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      String text = stories.text(once);
      assertThat(stories.text(again)).isEqualTo(text);
      assertThat(text).doesNotContain("{", "}", "/").matches("(?s)[A-Z].*[.!?\"]");
      texts.add(text);
    }
    assertThat(texts).hasSizeGreaterThan(1990);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  a line before a rule\n",
        "a:\n",
        "a:\n  x\na:\n  y\n",
        "a:\n  {b}\n",
        "a:\n  {x:b}\n",
        "a:\n  {b\n",
        "no rule\n",
        "a:\n  {a}\n",
        "a:\n  {x} {x:b}\nb:\n  1\n",
        "a:\n  {b.2}\nb:\n  1\n"
      })
  void grammar_withAMistake_isRefusedWithItsLine(String text) {
    assertThatThrownBy(() -> grammar(text).text(new SplittableRandom(1)))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("x.grammar line ");
  }

  @Test
  void lines_ofARule_areAllTaken() {
    Grammar grammar = grammar("# comment\na:\n  1\n\n  2\n  3\n");
    Set<String> seen = new HashSet<>();
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 100; i++) {
      seen.add(grammar.text(random));
    }
    assertThat(seen).isEqualTo(Set.copyOf(List.of("1", "2", "3")));
  }
}
