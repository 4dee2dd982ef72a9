package io.moineau.text.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.text.TextException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GbnfTest {
  private record Golden(String grammar, List<String> accepted, List<String> rejected) {}

  private static final List<Golden> GOLDEN =
      List.of(
          new Golden("root ::= \"a\"", List.of("a"), List.of("", "b", "aa")),
          new Golden("root ::= \"a\" | \"bc\"", List.of("a", "bc"), List.of("b", "abc")),
          new Golden("root ::= \"a\" |", List.of("a", ""), List.of("aa")),
          new Golden("root ::= \"\"", List.of(""), List.of("a")),
          new Golden("root ::= \"a\"* \"b\"", List.of("b", "aaab"), List.of("aaa", "ba")),
          new Golden("root ::= \"a\"+", List.of("a", "aaa"), List.of("")),
          new Golden("root ::= (\"a\"+)+ \"b\"", List.of("ab", "aaab"), List.of("b")),
          new Golden("root ::= (\"a\"*)* \"b\"", List.of("ab", "b"), List.of("a")),
          new Golden("root ::= \"a\"? \"b\"?", List.of("", "a", "b", "ab"), List.of("ba")),
          new Golden("root ::= \"a\"{2}", List.of("aa"), List.of("a", "aaa")),
          new Golden("root ::= \"a\"{2,}", List.of("aa", "aaaaa"), List.of("a")),
          new Golden("root ::= \"a\"{1,3}", List.of("a", "aaa"), List.of("", "aaaa")),
          new Golden("root ::= \"a\"{,2} \"b\"", List.of("b", "aab"), List.of("aaab")),
          new Golden("root ::= \"a\"{0} \"b\"", List.of("b"), List.of("ab")),
          new Golden(
              "root ::= (\"a\" | \"bb\"){60,70}",
              List.of("a".repeat(60), "bb".repeat(70)),
              List.of("a".repeat(59), "a".repeat(71))),
          new Golden(
              "root ::= (\"a\"?){70} \"b\"",
              List.of("b", "a".repeat(70) + "b"),
              List.of("a".repeat(71) + "b")),
          new Golden("root ::= [a-c_]+", List.of("abc_"), List.of("d", "-")),
          new Golden("root ::= [^a-c]+", List.of("xyz\n\u00e9\uD83D\uDE00"), List.of("xa")),
          new Golden("root ::= [a-]", List.of("a", "-"), List.of("b")),
          new Golden("root ::= [\\]\\[\\\\]", List.of("]", "[", "\\"), List.of("a")),
          new Golden("root ::= .", List.of("a", "\n", "\u20ac", "\uD83D\uDE00"), List.of("", "ab")),
          new Golden(
              "root ::= \"\\x41\\u00e9\\U0001F600\\n\\t\\r\\\\\\\"\"",
              List.of("A\u00e9\uD83D\uDE00\n\t\r\\\""),
              List.of("A")),
          new Golden(
              "root ::= [\\u0400-\\u04FF]+", List.of("\u0410\u044f"), List.of("A", "\u0500")),
          new Golden(
              "# a comment\nroot ::= item # another\n  | item \",\" root\nitem ::= [0-9]+\n",
              List.of("1", "1,22,3"),
              List.of(",", "1,")),
          new Golden(
              "root ::= (\n  \"a\" # inside\n  | \"b\"\n)\n  \nother ::= \"c\"",
              List.of("a", "b"),
              List.of("c")),
          new Golden(
              "root ::= \"(\" root \")\" | \"x\"",
              List.of("x", "((x))", "(".repeat(300) + "x" + ")".repeat(300)),
              List.of("((x)", "(x))")),
          new Golden(
              "root ::= term (\"+\" term)*\nterm ::= \"n\" | \"(\" root \")\"",
              List.of("n", "n+n", "(n+(n))+n"),
              List.of("n+", "(n", "+n")),
          new Golden(
              "root ::= pair\r\npair ::= \"a\" pair \"b\" | \"\"\r\n",
              List.of("", "ab", "aaabbb"),
              List.of("aab", "abab")));

  @Test
  void accepts_goldenTable_agrees() {
    for (Golden golden : GOLDEN) {
      Grammar grammar = Grammar.ofGbnf(golden.grammar());
      for (String text : golden.accepted()) {
        assertThat(grammar.accepts(text)).as(golden.grammar() + " on " + text).isTrue();
      }
      for (String text : golden.rejected()) {
        assertThat(grammar.accepts(text)).as(golden.grammar() + " on " + text).isFalse();
      }
    }
  }

  @Test
  void ofGbnf_wrong_saysWhatAndWhere() {
    assertWrong("root ::= \"a", "grammar-syntax", "line 1, column 10");
    assertWrong("root ::= [a", "grammar-syntax", "class is not closed");
    assertWrong("root ::= [z-a]", "grammar-syntax", "backwards");
    assertWrong("root ::= (\"a\"", "grammar-syntax", "group is not closed");
    assertWrong("root ::= \"a\" )", "grammar-syntax", "column 14");
    assertWrong("root = \"a\"", "grammar-syntax", "no ::=");
    assertWrong("a ::= \"a\"", "grammar-syntax", "root");
    assertWrong("", "grammar-syntax", "root");
    assertWrong("root ::= \"x\"\n  | other", "grammar-syntax", "line 2, column 5");
    assertWrong("root ::= root \"a\" | \"a\"", "grammar-syntax", "begins with itself");
    assertWrong(
        "root ::= b \"a\" | \"a\"\nb ::= \"\" c\nc ::= root", "grammar-syntax", "root -> b");
    assertWrong("root ::= \"a\" root", "grammar-syntax", "no text that ends");
    assertWrong("root ::= \"a\"{200000}", "grammar-limit", "200000");
    assertWrong("root ::= \"a\"{3,2}", "grammar-syntax", "backwards");
    assertWrong("root ::= \"\\q\"", "grammar-syntax", "escape");
    assertWrong("root ::= \"\\uD800\"", "grammar-syntax", "no character");
    assertWrong("root ::= \"a\"\nroot ::= \"b\"", "grammar-syntax", "line 2, column 1");
    assertWrong("root ::= <[x]>", "grammar-syntax", "no token id");
    assertWrong("root ::= " + "(".repeat(300) + "\"a\"", "grammar-limit", "too deep");
    assertWrong("root ::= ((\"ab\"?){90000}){90000}", "grammar-limit", "too large");
  }

  private static void assertWrong(String grammar, String code, String says) {
    assertThatThrownBy(() -> Grammar.ofGbnf(grammar))
        .as(grammar)
        .isInstanceOfSatisfying(TextException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(says);
  }

  @Test
  void ofGbnf_withSchemas_refersToThem() {
    Grammar grammar =
        Grammar.ofGbnf(
            "root ::= \"<f>\" args-0 \"</f>\"",
            Map.of(
                "args-0",
                Map.of("type", "object", "properties", Map.of("a", Map.of("type", "integer")))));
    assertThat(grammar.accepts("<f>{\"a\": 1}</f>")).isTrue();
    assertThat(grammar.accepts("<f>{\"a\": x}</f>")).isFalse();
  }

  @Test
  void combinators_join() {
    Grammar grammar =
        Grammar.sequence(
            Grammar.until("</think>"),
            Grammar.choice(List.of(Grammar.text("yes"), Grammar.ofRegex("no+"))),
            Grammar.text("!").repeat(1, -1));
    assertThat(grammar.accepts("hm < </ </thinks </think>yes!")).isTrue();
    assertThat(grammar.accepts("</think>nooo!!")).isTrue();
    assertThat(grammar.accepts("yes!")).isFalse();
    assertThat(grammar.accepts("</think>x</think>yes!")).isFalse();
    assertThat(Grammar.until("aab").accepts("aaab")).isTrue();
    assertThat(Grammar.until("aab").accepts("aabaab")).isFalse();
  }
}
