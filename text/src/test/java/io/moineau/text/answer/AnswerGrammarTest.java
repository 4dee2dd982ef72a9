package io.moineau.text.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.TokenConstraint;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import io.moineau.text.answer.AnswerParserTest.Whole;
import io.moineau.text.grammar.Grammar;
import io.moineau.text.grammar.GrammarVocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Grammars of calls and what the parsers make of texts that keep to them. */
class AnswerGrammarTest {
  private static final List<Tool> TOOLS =
      List.of(new Tool("book", "", schema(), true), new Tool("now", "", Map.of(), true));

  private static Map<String, Object> schema() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("unit", Map.of("type", "string", "enum", List.of("m", "km")));
    properties.put("count", Map.of("type", "integer", "minimum", 0, "maximum", 99));
    properties.put("fast", Map.of("type", "boolean"));
    properties.put("note", Map.of("type", "string", "maxLength", 12));
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", properties);
    schema.put("required", List.of("unit", "count"));
    return schema;
  }

  private static AnswerFormat format(String template) {
    return AnswerFormat.of(template, new ByteTokens(List.of(), List.of()));
  }

  private static Grammar required(String template, boolean parallel) {
    AnswerGrammar made = format(template).toolGrammar(TOOLS, true, parallel).orElseThrow();
    assertThat(made.triggers()).isEmpty();
    return made.grammar();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<tool_call>",
        "<tool_call><function=x><parameter=y>",
        "<seed:tool_call>",
        "<minimax:tool_call>",
        "<tool_call><arg_key>",
        "｜DSML｜",
        "<｜tool▁calls▁begin｜>```json",
        "<｜tool▁calls▁begin｜>",
        "<|tool_calls_section_begin|>",
        "[TOOL_CALLS]",
        "[TOOL_CALLS][ARGS]",
        "<|start_header_id|> \"parameters\": ",
        "<|tool_call|>",
        "<tool_calls>",
        "<TOOLCALL>",
        "<|START_ACTION|>",
        "<|tools_prefix|>",
        " functools[",
        "<function=",
        "<|action_start|><|plugin|>",
        "<|function_call|>",
        "<function_call>",
        "<|channel|><|message|>",
        ""
      })
  void required_whatTheFamilyWrites_isInTheGrammar_andRandomTextsOfItAreCalls(String template) {
    AnswerFormat format = format(template);
    ToolCall book =
        new ToolCall(
            "", "book", "{\"unit\": \"km\", \"count\": 7, \"fast\": true, \"note\": \"a\"}");
    ToolCall now = new ToolCall("", "now", "{}");
    Grammar one = required(template, false);
    assertThat(one.accepts(format.write(List.of(book)))).as(format.write(List.of(book))).isTrue();
    assertThat(one.accepts(format.write(List.of(now)))).isTrue();
    assertThat(one.accepts("Hello.")).isFalse();
    assertThat(one.accepts(format.write(List.of(new ToolCall("", "other", "{}"))))).isFalse();
    assertThat(one.accepts(format.write(List.of(new ToolCall("", "book", "{\"unit\": \"cm\"}")))))
        .isFalse();
    if (CallForm.of(Family.of(template)).parallel()) {
      String both = format.write(List.of(book, now));
      assertThat(one.accepts(both)).isFalse();
      assertThat(required(template, true).accepts(both)).as(both).isTrue();
    }
    Set<String> markers = AnswerFormat.markers(Family.of(template), Reasoning.of(template));
    List<String> texts =
        List.of(
            "</parameter>",
            "</arg_value>",
            "</\uFF5CDSML\uFF5Cparameter>",
            "\"",
            "</think>",
            "<|end|>");
    for (int seed = 0; seed < 6; seed++) {
      boolean special = seed % 2 == 1;
      ByteTokens tokens = new ByteTokens(texts, special ? List.copyOf(markers) : List.of());
      String text = random(template, tokens, new Random(seed));
      AnswerParser parser = AnswerFormat.of(template, tokens).parser(TOOLS, "");
      List<AnswerPart> parts = new ArrayList<>(parser.push(text));
      parts.addAll(parser.flush());
      Whole whole = Whole.of(parts);
      assertThat(whole.content()).as("seed " + seed + ": " + text).isEmpty();
      assertThat(whole.calls()).as("seed " + seed + ": " + text).isNotEmpty();
      for (int i = 0; i < whole.calls().size(); i += 2) {
        Map<?, ?> arguments = (Map<?, ?>) Json.parse(whole.calls().get(i + 1));
        if (whole.calls().get(i).equals("book")) {
          assertThat(arguments.get("unit")).isIn("m", "km");
          assertThat((Long) arguments.get("count")).isBetween(0L, 99L);
        } else {
          assertThat(whole.calls().get(i)).isEqualTo("now");
          assertThat(arguments).isEmpty();
        }
      }
    }
  }

  /** A text of random tokens, as far as the grammar allows them. */
  private static String random(String template, ByteTokens tokens, Random random) {
    AnswerGrammar made =
        AnswerFormat.of(template, tokens).toolGrammar(TOOLS, true, true).orElseThrow();
    TokenConstraint constraint = made.grammar().constraint(GrammarVocabulary.of(tokens));
    long[] mask = new long[(tokens.vocabularySize() + 63) / 64];
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int step = 0; step < 4000; step++) {
      constraint.allowed(mask);
      List<Integer> allowed = new ArrayList<>();
      for (int token = 0; token < tokens.vocabularySize(); token++) {
        if ((mask[token / 64] >>> (token % 64) & 1) != 0) {
          allowed.add(token);
        }
      }
      assertThat(allowed).as("after " + text).isNotEmpty();
      // The last ones are markers and the end, so that texts do end.
      int token =
          random.nextInt(3) == 0 ? allowed.getLast() : allowed.get(random.nextInt(allowed.size()));
      if (token == tokens.end()) {
        assertThat(constraint.canEnd()).isTrue();
        return text.toString(StandardCharsets.UTF_8);
      }
      constraint.accept(token);
      text.writeBytes(tokens.bytes(token));
    }
    throw new AssertionError("no end: " + text);
  }

  @Test
  void auto_strictTools_areHeldOnceACallBegins() {
    AnswerGrammar made = format("<tool_call>").toolGrammar(TOOLS, false, true).orElseThrow();
    assertThat(made.triggers()).containsExactly("<tool_call>");
    assertThat(made.grammar().accepts("\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"))
        .isTrue();
    assertThat(
            made.grammar()
                .accepts("\n{\"name\": \"now\", \"arguments\": {\"a\": 1}}\n</tool_call>"))
        .isFalse();
    List<Tool> lenient = List.of(new Tool("now", "", Map.of(), false));
    assertThat(format("<tool_call>").toolGrammar(lenient, false, true)).isEmpty();
    assertThat(format("").toolGrammar(lenient, false, true)).isPresent();
  }

  @Test
  void auto_llama_isACallOrTextThatLooksLikeNone() {
    Grammar grammar =
        format("<|start_header_id|> \"parameters\": ")
            .toolGrammar(TOOLS, false, true)
            .orElseThrow()
            .grammar();
    assertThat(grammar.accepts("{\"name\": \"now\", \"parameters\": {}}")).isTrue();
    assertThat(grammar.accepts("It is {noon}.")).isTrue();
    assertThat(grammar.accepts("{\"name\": \"later\", \"parameters\": {}}")).isFalse();
  }

  @Test
  void format_besideTools_isOneOrTheOther_afterReasoning() {
    AnswerFormat format = format("<tool_call><think>");
    Optional<Grammar> answer = Optional.of(Grammar.ofRegex("[0-9]+"));
    Grammar grammar = format.grammar(TOOLS, false, true, answer, "").orElseThrow().grammar();
    String call = format.write(List.of(new ToolCall("", "now", "{}")));
    assertThat(grammar.accepts("42")).isTrue();
    assertThat(grammar.accepts(call)).isTrue();
    assertThat(grammar.accepts("<think>\nHm.\n</think>\n\n" + call)).isTrue();
    assertThat(grammar.accepts("Hm.")).isFalse();
    Grammar open = format.grammar(TOOLS, true, true, answer, "<think>\n").orElseThrow().grammar();
    assertThat(open.accepts("Hm.</think>" + call)).isTrue();
    assertThat(open.accepts(call)).isFalse();
  }

  @Test
  void schema_thatCannotBeForced_isRefusedWhereItIsStrict() {
    Map<String, Object> schema =
        Map.of("type", "object", "properties", Map.of("a", Map.of("not", Map.of("type", "null"))));
    AnswerFormat format = format("<tool_call>");
    assertThatThrownBy(
            () -> format.toolGrammar(List.of(new Tool("f", "", schema, true)), true, true))
        .isInstanceOf(TextException.class)
        .hasMessageContaining("not");
    Grammar any =
        format
            .toolGrammar(List.of(new Tool("f", "", schema, false)), true, true)
            .orElseThrow()
            .grammar();
    assertThat(any.accepts(format.write(List.of(new ToolCall("", "f", "{\"a\": [1]}"))))).isTrue();
  }
}
