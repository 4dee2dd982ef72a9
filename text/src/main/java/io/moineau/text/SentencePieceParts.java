package io.moineau.text;

import java.util.List;
import java.util.regex.Pattern;

/** Builds a tokenizer of SentencePiece's kind from its pieces, scores and settings. */
final class SentencePieceParts {
  private static final char MARK = '\u2581';

  private static final Pattern EXTRA_SPACES = Pattern.compile(" {2,}");

  private final List<String> pieces;
  private final float[] scores;
  private final int[] types;
  private final boolean unigram;
  private final boolean byteFallback;
  int unknownId;
  byte[] charsMap = new byte[0];
  boolean addSpacePrefix = true;
  boolean removeExtraSpaces;

  SentencePieceParts(
      List<String> pieces, float[] scores, int[] types, boolean unigram, boolean byteFallback) {
    this.pieces = pieces;
    this.scores = scores;
    this.types = types;
    this.unigram = unigram;
    this.byteFallback = byteFallback;
  }

  PipelineTokenizer.Parts build() {
    PipelineTokenizer.Parts parts = new PipelineTokenizer.Parts();
    parts.vocabulary = new Vocabulary(pieces);
    parts.spelling = PipelineTokenizer.Spelling.SENTENCE_PIECE;
    parts.stripsFirstSpace = addSpacePrefix;
    parts.decoding = Decoding.sentencePiece(addSpacePrefix);
    PrecompiledCharsMap chars = new PrecompiledCharsMap(charsMap, false);
    parts.normalizer = text -> normalize(chars, text);
    boolean[] usable = new boolean[types.length];
    for (int i = 0; i < usable.length; i++) {
      usable[i] = types[i] == 1 || types[i] == 4; // normal, user-defined
    }
    if (unknownId >= types.length) {
      throw new TextException(
          "tokenizer-bad-model",
          "a tokenizer's unknown token is not in its vocabulary",
          "unknown id " + unknownId,
          "0 to " + (types.length - 1),
          "use the tokenizer that was published with the model");
    }
    ByteFallback fallback = new ByteFallback(parts.vocabulary, byteFallback, unknownId, true);
    parts.model =
        unigram
            ? new UnigramModel(parts.vocabulary, scores, usable, fallback)
            : new ScoredBpeModel(parts.vocabulary, scores, usable, fallback);
    return parts;
  }

  private String normalize(PrecompiledCharsMap chars, String text) {
    String now = chars.apply(text);
    if (removeExtraSpaces) {
      now = EXTRA_SPACES.matcher(now).replaceAll(" ");
      // Only spaces: other white space is one by now, or the model's map keeps it on purpose.
      int start = now.startsWith(" ") ? 1 : 0;
      int end = now.length() > start && now.endsWith(" ") ? now.length() - 1 : now.length();
      now = now.substring(start, end);
    }
    if (addSpacePrefix && !now.isEmpty()) {
      now = " " + now;
    }
    return now.replace(' ', MARK);
  }
}
