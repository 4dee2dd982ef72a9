package io.moineau.text.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.text.TextException;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RegexGrammarTest {
  private static final List<String> PATTERNS =
      List.of(
          "a*b",
          "^a+$",
          "(?:ab|b)+?c?",
          "^(a|b)$|^c",
          "[a-c]{2,3}",
          "[^ab]c",
          "a{2}|b{3,}",
          "(?<name>a)b*",
          "((a|b)(c|a))*",
          "\\w\\d?\\s",
          "[\\d_-]+",
          "a.c",
          "\\x61\\u0062|\\.",
          "a{,2}|a{x}",
          "",
          "(|a)b",
          "[\\w.]*c",
          "^(?:^a|b)c$");

  @Test
  void ofRegex_asJavasMatcher_overRandomTexts() {
    long seed = 11;
    Random random = new Random(seed);
    for (String pattern : PATTERNS) {
      Grammar grammar = Grammar.ofRegex(pattern);
      Pattern expected =
          Pattern.compile(pattern.replace("{,2}", "\\{,2\\}").replace("{x}", "\\{x\\}"));
      for (int i = 0; i < 300; i++) {
        String text = text(random, "abc1_- .\nab");
        assertThat(grammar.accepts(text))
            .as("pattern=%s text=%s seed=%s", pattern, text, seed)
            .isEqualTo(expected.matcher(text).matches());
      }
    }
  }

  @Test
  void search_asJavasFind_overRandomTexts() {
    long seed = 12;
    Random random = new Random(seed);
    for (String pattern : PATTERNS) {
      Regex search = RegexParser.search(pattern);
      Pattern expected =
          Pattern.compile(pattern.replace("{,2}", "\\{,2\\}").replace("{x}", "\\{x\\}"));
      Grammar grammar =
          Grammar.ofJsonSchema(java.util.Map.of("type", "string", "pattern", pattern));
      for (int i = 0; i < 100; i++) {
        String text = text(random, "abc1_-.ab");
        boolean found = expected.matcher(text).find();
        assertThat(Languages.matches(search, text))
            .as("pattern=%s text=%s seed=%s", pattern, text, seed)
            .isEqualTo(found);
        assertThat(grammar.accepts("\"" + text + "\"")).isEqualTo(found);
      }
    }
  }

  private static String text(Random random, String alphabet) {
    StringBuilder out = new StringBuilder();
    for (int n = random.nextInt(7); n > 0; n--) {
      out.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return out.toString();
  }

  @Test
  void ofRegex_unicode_byCharacter() {
    assertThat(Grammar.ofRegex("\\p{Lu}\\p{Script=Greek}+").accepts("\u00c9\u03b1\u03b2")).isTrue();
    assertThat(Grammar.ofRegex("\\P{L}").accepts("a")).isFalse();
    assertThat(Grammar.ofRegex("[\\u{1F600}-\\u{1F64F}]").accepts("\uD83D\uDE01")).isTrue();
    assertThat(Grammar.ofRegex("\\uD83D\\uDE01").accepts("\uD83D\uDE01")).isTrue();
    assertThat(Grammar.ofRegex("[\\s\\S]*").accepts("a\n\u20ac\u00a0")).isTrue();
  }

  @Test
  void ofRegex_beyondRegularLanguages_refusedByName() {
    assertRefused("(?=a)", "look-around");
    assertRefused("(?<!a)b", "look-around");
    assertRefused("(a)\\1", "back reference");
    assertRefused("(?<x>a)\\k<x>", "back reference");
    assertRefused("\\bword\\b", "word boundary");
    assertRefused("a*+", "possessive");
    assertRefused("(?>a)", "atomic");
    assertRefused("(?i)a", "flag");
    assertRefused("a^b", "anchor");
    assertRefused("(a$)*", "anchor");
    assertRefused("[[:alpha:]]", "POSIX");
    assertRefused("(a", "not closed");
    assertRefused("a)", "without its");
    assertRefused("[a", "not closed");
    assertRefused("[b-a]", "backwards");
    assertRefused("*a", "quantifier");
    assertRefused("a{2,1}", "backwards");
    assertRefused("\\p{Nope}", "property");
    assertRefused("a\\", "\\ at the end");
    assertThatThrownBy(() -> Grammar.ofRegex("a{9999999}")).hasMessageContaining("too large");
  }

  private static void assertRefused(String pattern, String says) {
    assertThatThrownBy(() -> Grammar.ofRegex(pattern))
        .as(pattern)
        .isInstanceOfSatisfying(
            TextException.class, e -> assertThat(e.code()).isEqualTo("grammar-syntax"))
        .hasMessageContaining(says);
  }
}
