package io.moineau.text.grammar;

import io.moineau.text.TextException;

/** The errors of this package. */
final class GrammarErrors {
  private GrammarErrors() {}

  static TextException syntax(String what, String where, String allowed, String action) {
    return new TextException("grammar-syntax", what, where, allowed, action);
  }

  static TextException limit(String what, String where, String allowed) {
    return new TextException("grammar-limit", what, where, allowed, "ask for something simpler");
  }

  /**
   * A schema that cannot be kept to.
   *
   * @param pointer JSON pointer of the keyword's place, "" for the whole schema
   */
  static TextException schema(String what, String pointer, String allowed, String action) {
    return new TextException("schema-unsupported", what, "at #" + pointer, allowed, action);
  }
}
