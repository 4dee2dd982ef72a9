package io.moineau.text;

import org.jspecify.annotations.Nullable;

/**
 * WordPiece: the longest token that begins a word, then the longest that goes on; or whole words
 * only.
 */
final class WordPieceModel implements TokenModel {
  private final Vocabulary vocabulary;
  private final int unknownId;
  private final @Nullable String prefix; // of a token that goes on; null for whole words only
  private final int longestWord;

  WordPieceModel(Vocabulary vocabulary, int unknownId, @Nullable String prefix, int longestWord) {
    this.vocabulary = vocabulary;
    this.unknownId = unknownId;
    this.prefix = prefix;
    this.longestWord = longestWord;
  }

  @Override
  public void encode(String piece, IntList out) {
    IntList word = new IntList();
    int from = 0;
    boolean known = piece.codePointCount(0, piece.length()) <= longestWord;
    while (known && from < piece.length()) {
      int id = -1;
      int end = piece.length();
      for (; end > from; end--) {
        String part = piece.substring(from, end);
        id = vocabulary.id(from > 0 && prefix != null ? prefix + part : part);
        if (id >= 0 || prefix == null) {
          break;
        }
      }
      known = id >= 0;
      word.add(id);
      from = end;
    }
    if (known) {
      out.addAll(word.toArray());
    } else if (unknownId >= 0) {
      out.add(unknownId);
    }
  }

  @Override
  public String describe() {
    return prefix == null ? "WordLevel" : "WordPiece";
  }
}
