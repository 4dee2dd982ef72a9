package io.moineau;

import io.moineau.engine.EngineException;
import io.moineau.text.MarkedText;
import io.moineau.text.Span;
import io.moineau.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Refuses texts that are far too long for the context before all of them is tokenized, which takes
 * seconds for megabytes.
 *
 * <p>Only the beginning is tokenized then. A beginning with more than twice the tokens of the
 * context shows that the whole does not fit: what follows can change the last few tokens of it, not
 * halve their number. One with fewer shows nothing, and all is tokenized.
 */
final class LongPrompts {
  /** Texts of fewer characters for each token of the context are tokenized as they are. */
  private static final int SHORT = 32;

  /** Characters of the beginning for each token of the context. */
  private static final int BEGINNING = 16;

  private LongPrompts() {}

  /**
   * Looks at the beginning of a long text.
   *
   * @throws EngineException {@code prompt-too-long}
   */
  static void refuse(Tokenizer tokenizer, MarkedText text, int contextLength) {
    if (text.text().length() <= (long) SHORT * contextLength) {
      return;
    }
    int tokens = tokenizer.encode(beginning(text, BEGINNING * contextLength), false).length;
    if (tokens > 2 * contextLength) {
      throw new EngineException(
          "prompt-too-long",
          "the prompt does not fit into the context",
          "the first "
              + BEGINNING * contextLength
              + " of its "
              + text.text().length()
              + " characters have "
              + tokens
              + " tokens, the context "
              + contextLength,
          "at most " + (contextLength - 1) + " tokens, so that one can be generated",
          "shorten the prompt, or open the model with a larger context length");
    }
  }

  private static MarkedText beginning(MarkedText text, int length) {
    int end = Character.isHighSurrogate(text.text().charAt(length - 1)) ? length - 1 : length;
    List<Span> untrusted = new ArrayList<>();
    for (Span span : text.untrusted()) {
      if (span.start() < end) {
        untrusted.add(new Span(span.start(), Math.min(end, span.end())));
      }
    }
    return new MarkedText(text.text().substring(0, end), untrusted);
  }
}
