package io.moineau.text.answer;

import io.moineau.text.BytePieces;
import java.util.ArrayList;
import java.util.List;

/** All bytes, some texts, some special tokens, and one that ends an answer. */
final class ByteTokens extends BytePieces {
  private static final String END = "<eos>";

  ByteTokens(List<String> texts, List<String> specials) {
    super(texts.stream().map(BytePieces::bytes).toList(), withEnd(specials), END);
  }

  private static List<String> withEnd(List<String> specials) {
    List<String> all = new ArrayList<>(specials);
    all.add(END);
    return all;
  }
}
