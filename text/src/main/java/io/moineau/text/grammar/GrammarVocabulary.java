package io.moineau.text.grammar;

import io.moineau.text.Tokenizer;
import io.moineau.text.grammar.Expr.TokenName;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * What masks need of a vocabulary; made once for a model, for all grammars and threads.
 *
 * <p>Special tokens are no text: the text of one in a grammar is spelled with ordinary tokens, and
 * only a grammar that names a token gets it. Tokens that end an answer come where a text may end.
 */
public final class GrammarVocabulary {
  /**
   * Tokens longer than this are looked at apart where repetitions are counted: see {@link
   * MaskTable}.
   */
  static final int LONG_TOKEN = 32;

  private final Tokenizer tokenizer;
  private final int size;
  private final TokenTrie all;
  private final TokenTrie longer;
  private final int[] special; // without those that end an answer
  private final int[] ends;
  private final BitSet isText = new BitSet();
  private final BitSet isEnd = new BitSet();

  private GrammarVocabulary(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.size = tokenizer.vocabularySize();
    this.ends = tokenizer.endOfGenerationIds();
    for (int id : ends) {
      isEnd.set(id);
    }
    List<TokenTrie.Entry> texts = new ArrayList<>(size);
    List<TokenTrie.Entry> longTexts = new ArrayList<>();
    int[] found = new int[size];
    int numSpecial = 0;
    for (int id = 0; id < size; id++) {
      if (isEnd.get(id)) {
        continue;
      }
      if (tokenizer.isSpecial(id)) {
        found[numSpecial++] = id;
        continue;
      }
      byte[] bytes = tokenizer.bytes(id);
      if (bytes.length > 0) {
        isText.set(id);
        TokenTrie.Entry entry = new TokenTrie.Entry(id, bytes);
        texts.add(entry);
        if (bytes.length > LONG_TOKEN) {
          longTexts.add(entry);
        }
      }
    }
    this.special = java.util.Arrays.copyOf(found, numSpecial);
    this.all = TokenTrie.of(texts);
    this.longer = TokenTrie.of(longTexts);
  }

  /** Of a tokenizer; takes some tenths of a second for 150,000 tokens. */
  public static GrammarVocabulary of(Tokenizer tokenizer) {
    return new GrammarVocabulary(tokenizer);
  }

  /** Ids are below this. */
  public int size() {
    return size;
  }

  TokenTrie all() {
    return all;
  }

  TokenTrie longer() {
    return longer;
  }

  int[] special() {
    return special;
  }

  int[] ends() {
    return ends;
  }

  boolean isText(int token) {
    return isText.get(token);
  }

  boolean isEnd(int token) {
    return isEnd.get(token);
  }

  byte[] bytes(int token) {
    return tokenizer.bytes(token);
  }

  /**
   * The id of a token that a grammar names.
   *
   * @throws io.moineau.text.TextException {@code grammar-unknown-token}
   */
  int find(TokenName name) {
    if (name.id() >= 0) {
      if (name.id() < size) {
        return name.id();
      }
      throw unknown("<[" + name.id() + "]>");
    }
    OptionalInt id = tokenizer.find(name.text());
    if (id.isEmpty()) {
      throw unknown(name.text());
    }
    return id.getAsInt();
  }

  private io.moineau.text.TextException unknown(String token) {
    return new io.moineau.text.TextException(
        "grammar-unknown-token",
        "a grammar names a token that the model does not have",
        "token " + token,
        "tokens of this vocabulary, ids below " + size,
        "write it as text, in quotes");
  }
}
