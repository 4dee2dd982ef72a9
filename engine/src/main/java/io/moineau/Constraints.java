package io.moineau;

import io.moineau.engine.EngineException;
import io.moineau.text.Json;
import io.moineau.text.TokenConstraint;
import io.moineau.text.Tokenizer;
import io.moineau.text.Tool;
import io.moineau.text.answer.AnswerFormat;
import io.moineau.text.answer.AnswerGrammar;
import io.moineau.text.grammar.Grammar;
import io.moineau.text.grammar.GrammarVocabulary;
import java.util.Iterator;
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
  private static final long MOST_BYTES = 128L << 20; // a sixteenth of the launcher's heap

  private final Tokenizer tokenizer;
  private final long mostBytes;
  private final Map<Object, Object> kept = new LinkedHashMap<>(MOST_KEPT, 0.75f, true);
  private @Nullable GrammarVocabulary vocabulary;

  /** What a format is known by: equal maps may have their properties in another order. */
  private record Format(Class<?> kind, String text) {}

  /** What the grammar of a chat's answer follows from. */
  private record Wanted(
      List<String> tools,
      boolean required,
      boolean parallel,
      Optional<Grammar> said,
      boolean open) {}

  Constraints(Tokenizer tokenizer) {
    this(tokenizer, MOST_BYTES);
  }

  /** With another bound of what masks hold together. */
  Constraints(Tokenizer tokenizer, long mostBytes) {
    this.tokenizer = tokenizer;
    this.mostBytes = mostBytes;
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

  /** A grammar that is made if none is kept under a key, whose class tells what it is of. */
  @SuppressWarnings("unchecked")
  private <T> T kept(Object key, Supplier<T> make) {
    synchronized (kept) {
      Object known = kept.get(key);
      if (known != null) {
        return (T) known;
      }
    }
    T made = make.get();
    synchronized (kept) {
      Object other = kept.putIfAbsent(key, made);
      forgetOldest();
      return other == null ? made : (T) other;
    }
  }

  /** Those in use stay with the answers that use them. */
  private void forgetOldest() {
    long bytes = kept.values().stream().mapToLong(Constraints::maskBytes).sum();
    Iterator<Object> oldest = kept.values().iterator();
    while (kept.size() > MOST_KEPT || (bytes > mostBytes && kept.size() > 1)) {
      bytes -= maskBytes(oldest.next());
      oldest.remove();
    }
  }

  private static long maskBytes(Object made) {
    return switch (made) {
      case Grammar grammar -> grammar.maskBytes();
      case Optional<?> answer when answer.orElse(null) instanceof AnswerGrammar form ->
          form.grammar().maskBytes();
      default -> 0; // any text will do
    };
  }

  /** How many are kept. */
  int numKept() {
    synchronized (kept) {
      return kept.size();
    }
  }

  /**
   * What holds an answer to the format, the tools and the choice among them that a chat asks for,
   * after such reasoning as the model writes; empty where any text will do.
   *
   * @param prompt as rendered: it may open the reasoning
   * @throws io.moineau.text.TextException as {@link #grammar}, also for a strict tool's schema
   * @throws EngineException {@code tool-unknown} if a tool must be called that is not there
   */
  Optional<TokenConstraint> answer(ChatRequest request, AnswerFormat format, String prompt) {
    List<Tool> tools = callable(request);
    ToolChoice.Kind choice = request.toolChoice().kind();
    boolean required = choice == ToolChoice.Kind.REQUIRED || choice == ToolChoice.Kind.NAMED;
    boolean parallel = request.parallelToolCalls() && choice != ToolChoice.Kind.NAMED;
    Optional<Grammar> said = grammar(request.responseFormat());
    boolean open = format.isReasoningOpenAfter(prompt);
    List<String> texts =
        tools.stream()
            .map(tool -> tool.name() + tool.strict() + Json.write(tool.parameters()))
            .toList();
    Optional<AnswerGrammar> made =
        kept(
            new Wanted(texts, required, parallel, said, open),
            () -> format.grammar(tools, required, parallel, said, prompt));
    return made.map(answer ->
        answer.triggers().isEmpty()
            ? constraint(answer.grammar())
            : lazy(answer.grammar(), answer.triggers()));
  }

  /** The tools that may be called: all, or the one that must be. */
  private static List<Tool> callable(ChatRequest request) {
    List<Tool> tools = PromptContext.offered(request);
    ToolChoice choice = request.toolChoice();
    boolean all = choice.kind() == ToolChoice.Kind.AUTO || choice.kind() == ToolChoice.Kind.NONE;
    if (all || (choice.kind() == ToolChoice.Kind.REQUIRED && !tools.isEmpty())) {
      return tools;
    }
    List<Tool> named =
        tools.stream().filter(tool -> tool.name().equals(choice.name())).limit(1).toList();
    if (named.isEmpty()) {
      throw new EngineException(
          "tool-unknown",
          "a tool must be called that the request does not have",
          choice.name().isEmpty() ? "no tools" : "tool \"" + choice.name() + "\"",
          String.join(", ", tools.stream().map(Tool::name).toList()),
          "name one of the request's tools");
    }
    return named;
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
