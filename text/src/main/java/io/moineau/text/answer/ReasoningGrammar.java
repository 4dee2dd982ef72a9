package io.moineau.text.answer;

import io.moineau.text.Tokenizer;
import io.moineau.text.grammar.Grammar;
import java.util.List;
import java.util.OptionalInt;

/**
 * What stands before an answer that a grammar holds: a model that reasons may do so first, in the
 * way of its family, as one that is kept from it answers worse.
 */
public final class ReasoningGrammar {
  /** Made when first needed: a start without a format does not pay for it. */
  private static final class Parts {
    static final Grammar ANYTHING = Grammar.ofGbnf("root ::= .*");
    static final Grammar SPACE = Grammar.ofGbnf("root ::= [ \\n]{0,4}");
  }

  private final boolean harmony;
  private final boolean reasons;
  private final Reasoning reasoning;
  private final Tokenizer tokenizer;

  private ReasoningGrammar(String template, Tokenizer tokenizer) {
    this.harmony = Family.of(template) == Family.HARMONY;
    this.reasoning = Reasoning.of(template);
    this.reasons = template.contains(reasoning.open()) || template.contains(reasoning.close());
    this.tokenizer = tokenizer;
  }

  /**
   * Of a model.
   *
   * @param templateSource its chat template; empty for none
   */
  public static ReasoningGrammar of(String templateSource, Tokenizer tokenizer) {
    return new ReasoningGrammar(templateSource, tokenizer);
  }

  /** Whether a rendered prompt has opened the reasoning, which must then be closed. */
  public boolean isOpenAfter(String prompt) {
    return !harmony && reasoning.isOpenAfter(prompt);
  }

  /**
   * The whole of what the model writes for an answer.
   *
   * @param open whether the prompt has opened the reasoning
   */
  public Grammar before(Grammar answer, boolean open) {
    if (harmony) {
      return harmony(answer);
    }
    if (open) {
      return Grammar.sequence(rest(), Parts.SPACE, answer);
    }
    if (!reasons) {
      return answer;
    }
    return Grammar.choice(
        List.of(answer, Grammar.sequence(marker(reasoning.open()), rest(), Parts.SPACE, answer)));
  }

  /** Reasoning to its end. */
  private Grammar rest() {
    String close = reasoning.close();
    return isSpecial(close)
        ? Grammar.sequence(Parts.ANYTHING, Grammar.token(close))
        : Grammar.until(close);
  }

  /** The channels of gpt-oss: the prompt ends where the name of the first one begins. */
  private Grammar harmony(Grammar answer) {
    Grammar analysis =
        Grammar.sequence(
            header("analysis"),
            Parts.ANYTHING,
            marker("<|end|>"),
            marker("<|start|>"),
            Grammar.text("assistant"));
    return Grammar.sequence(analysis.repeat(0, 1), header("final"), answer);
  }

  private Grammar header(String channel) {
    return Grammar.sequence(marker("<|channel|>"), Grammar.text(channel), marker("<|message|>"));
  }

  private Grammar marker(String text) {
    return isSpecial(text) ? Grammar.token(text) : Grammar.text(text);
  }

  private boolean isSpecial(String text) {
    OptionalInt id = tokenizer.find(text);
    return id.isPresent() && tokenizer.isSpecial(id.getAsInt());
  }
}
