package io.moineau;

import io.moineau.text.Json;
import io.moineau.text.TokenConstraint;
import io.moineau.text.Tokenizer;
import io.moineau.text.answer.ReasoningGrammar;
import io.moineau.text.grammar.Grammar;
import io.moineau.text.grammar.GrammarVocabulary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Grammars for the answers of one model. Compiled on the thread of whoever asks, and kept, as
 * clients send the same schema again and again: its masks are then there already.
 */
final class Constraints {
  private static final int MOST_KEPT = 32;

  private final Tokenizer tokenizer;
  private final Map<Object, Grammar> kept = new LinkedHashMap<>(MOST_KEPT, 0.75f, true);
  private @Nullable GrammarVocabulary vocabulary;

  /** What a format is known by: equal maps may have their properties in another order. */
  private record Format(Class<?> kind, String text) {}

  /** A grammar behind reasoning that was opened or not. */
  private record Reasoned(Grammar answer, boolean open) {}

  Constraints(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * The grammar of a format; empty where any text will do.
   *
   * @throws io.moineau.text.TextException {@code grammar-syntax}, {@code grammar-limit}, {@code
   *     schema-unsupported}
   */
  Optional<Grammar> grammar(ResponseFormat format) {
    return switch (format) {
      case ResponseFormat.Text t -> Optional.empty();
      case ResponseFormat.JsonObject o -> Optional.of(kept(o, "", Grammar::ofJsonObject));
      case ResponseFormat.JsonSchema s ->
          Optional.of(kept(s, Json.write(s.schema()), () -> Grammar.ofJsonSchema(s.schema())));
      case ResponseFormat.Gbnf g ->
          Optional.of(kept(g, g.grammar(), () -> Grammar.ofGbnf(g.grammar())));
      case ResponseFormat.Regex r ->
          Optional.of(kept(r, r.pattern(), () -> Grammar.ofRegex(r.pattern())));
    };
  }

  private Grammar kept(ResponseFormat format, String text, Supplier<Grammar> make) {
    return kept(new Format(format.getClass(), text), make);
  }

  /** A grammar that is made if none is kept under a key. */
  Grammar kept(Object key, Supplier<Grammar> make) {
    synchronized (kept) {
      Grammar known = kept.get(key);
      if (known != null) {
        return known;
      }
    }
    Grammar made = make.get();
    synchronized (kept) {
      Grammar other = kept.putIfAbsent(key, made);
      if (kept.size() > MOST_KEPT) {
        kept.remove(kept.keySet().iterator().next());
      }
      return other == null ? made : other;
    }
  }

  /**
   * What holds an answer to a format, after such reasoning as the model writes; empty where any
   * text will do.
   *
   * @param prompt as rendered: it may open the reasoning
   * @throws io.moineau.text.TextException as {@link #grammar}
   */
  Optional<TokenConstraint> answer(
      ResponseFormat format, ReasoningGrammar reasoning, String prompt) {
    return grammar(format)
        .map(answer -> {
          boolean open = reasoning.isOpenAfter(prompt);
          return constraint(kept(new Reasoned(answer, open), () -> reasoning.before(answer, open)));
        });
  }

  /** A text that begins with the grammar. */
  TokenConstraint constraint(Grammar grammar) {
    return grammar.constraint(vocabulary());
  }

  /** A text that is free up to one of the triggers. */
  TokenConstraint lazy(Grammar grammar, List<String> triggers) {
    return grammar.lazyConstraint(vocabulary(), triggers);
  }

  private synchronized GrammarVocabulary vocabulary() {
    if (vocabulary == null) {
      vocabulary = GrammarVocabulary.of(tokenizer);
    }
    return vocabulary;
  }
}
