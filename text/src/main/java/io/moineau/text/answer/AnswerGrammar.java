package io.moineau.text.answer;

import io.moineau.text.grammar.Grammar;
import java.util.List;

/**
 * What holds an answer to its form.
 *
 * @param grammar of the whole answer as it is generated, special tokens included; if there are
 *     triggers, of what follows one
 * @param triggers texts that begin the grammar; empty if it begins with the answer
 */
public record AnswerGrammar(Grammar grammar, List<String> triggers) {
  /** Copies the list. */
  public AnswerGrammar {
    triggers = List.copyOf(triggers);
  }
}
