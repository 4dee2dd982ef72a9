package io.moineau.text.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.text.TokenConstraint;
import io.moineau.text.answer.ReasoningGrammar;
import org.junit.jupiter.api.Test;

class ReasoningGrammarTest {
  private static final Grammar ANSWER = Grammar.ofRegex("[0-9]+");

  private final ByteTokenizer tokenizer = new ByteTokenizer(1);

  @Test
  void before_templateThatReasons_mayReasonFirst() {
    ReasoningGrammar reasoning = ReasoningGrammar.of("... <think> ... </think>", tokenizer);
    Grammar grammar = reasoning.before(ANSWER, false);
    assertThat(grammar.accepts("42")).isTrue();
    assertThat(grammar.accepts("<think>\nhm 1 < 2\n</think>\n\n42")).isTrue();
    assertThat(grammar.accepts("<think>42")).isFalse();
    assertThat(grammar.accepts("hm</think>42")).isFalse();
  }

  @Test
  void before_promptThatOpensIt_mustClose() {
    ReasoningGrammar reasoning = ReasoningGrammar.of("<think>", tokenizer);
    assertThat(reasoning.isOpenAfter("<|assistant|><think>\n")).isTrue();
    Grammar grammar = reasoning.before(ANSWER, true);
    assertThat(grammar.accepts("hm</think>\n42")).isTrue();
    assertThat(grammar.accepts("42")).isFalse();
  }

  @Test
  void before_templateWithoutReasoning_answersAtOnce() {
    Grammar grammar = ReasoningGrammar.of("plain", tokenizer).before(ANSWER, false);
    assertThat(grammar.accepts("42")).isTrue();
    assertThat(grammar.accepts("<think></think>42")).isFalse();
  }

  @Test
  void before_harmony_finalChannelAfterAnalysis() {
    String template = "<|start|><|channel|><|message|><|end|><|call|>";
    Grammar grammar = ReasoningGrammar.of(template, tokenizer).before(ANSWER, false);
    // <|end|> is special in this vocabulary: in the text of a grammar it has to be the token.
    TokenConstraint constraint = grammar.constraint(GrammarVocabulary.of(tokenizer));
    for (int token : ByteTokenizer.bytesOf("<|channel|>analysis<|message|>hm")) {
      constraint.accept(token);
    }
    constraint.accept(tokenizer.end());
    for (int token : ByteTokenizer.bytesOf("<|start|>assistant<|channel|>final<|message|>4")) {
      assertThat(constraint.canEnd()).isFalse();
      constraint.accept(token);
    }
    assertThat(constraint.canEnd()).isTrue();
  }
}
