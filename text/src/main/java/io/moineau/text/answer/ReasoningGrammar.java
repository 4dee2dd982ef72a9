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
      return afterAnalysis(Grammar.sequence(header("final"), answer));
    }
    return first(answer, open);
  }

  /**
   * What the model writes for an answer whose own markers, such as those around calls, are in its
   * grammar.
   *
   * @param open whether the prompt has opened the reasoning
   */
  Grammar first(Grammar answer, boolean open) {
    if (harmony) {
      return afterAnalysis(answer);
    }
    if (open) {
      return Grammar.sequence(through(reasoning.close()), Parts.SPACE, answer);
    }
    if (!reasons) {
      return answer;
    }
    return Grammar.choice(
        List.of(
            answer,
            Grammar.sequence(
                marker(reasoning.open()), through(reasoning.close()), Parts.SPACE, answer)));
  }

  /** Anything up to a marker, and the marker. */
  private Grammar through(String marker) {
    return isSpecial(marker)
        ? Grammar.sequence(Parts.ANYTHING, Grammar.token(marker))
        : Grammar.until(marker);
  }

  /** The channels of gpt-oss: the prompt ends where the name of the first one begins. */
  private Grammar afterAnalysis(Grammar message) {
    Grammar analysis =
        Grammar.sequence(
            header("analysis"), through("<|end|>"), marker("<|start|>"), Grammar.text("assistant"));
    return Grammar.sequence(analysis.repeat(0, 1), message);
  }

  Grammar header(String channel) {
    return Grammar.sequence(marker("<|channel|>"), Grammar.text(channel), marker("<|message|>"));
  }

  /** A marker, as a token if it is a special one. */
  Grammar marker(String text) {
    return isSpecial(text) ? Grammar.token(text) : Grammar.text(text);
  }

  private boolean isSpecial(String text) {
    OptionalInt id = tokenizer.find(text);
    return id.isPresent() && tokenizer.isSpecial(id.getAsInt());
  }
}
