package io.moineau.text;

import java.util.List;

/**
 * A prompt with the parts of it that came from users and tools marked, so that no text of theirs is
 * ever read as a special token.
 *
 * @param text the whole text
 * @param untrusted the parts from outside, in order, not empty and not overlapping
 */
public record MarkedText(String text, List<Span> untrusted) {
  /** Checks that the spans lie in the text and in order. */
  public MarkedText {
    untrusted = List.copyOf(untrusted);
    int last = 0;
    for (Span span : untrusted) {
      if (span.start() < last || span.end() > text.length()) {
        throw new TextException(
            "text-bad-span",
            "a span outside the text or out of order",
            span + " in a text of " + text.length(),
            "spans in order, inside the text",
            "");
      }
      last = span.end();
    }
  }

  /** A text in which everything is trusted. */
  public static MarkedText trusted(String text) {
    return new MarkedText(text, List.of());
  }

  /** A text in which nothing is trusted. */
  public static MarkedText untrusted(String text) {
    return new MarkedText(text, text.isEmpty() ? List.of() : List.of(new Span(0, text.length())));
  }
}
