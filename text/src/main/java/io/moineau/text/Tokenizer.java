package io.moineau.text;

import java.util.OptionalInt;

/** Text to token ids and back. Safe for several threads. */
public interface Tokenizer {
  /** Ids are below this. */
  int vocabularySize();

  /**
   * Ids of a text.
   *
   * @param addSpecial whether the tokens that the model begins or ends with are added
   * @param parseSpecial whether special tokens written in the text are recognised
   */
  int[] encode(String text, boolean addSpecial, boolean parseSpecial);

  /** Ids of a text; special tokens are recognised in its trusted parts only. */
  int[] encode(MarkedText text, boolean addSpecial);

  /**
   * Text of ids; bytes that are no character come as U+FFFD.
   *
   * @throws TextException {@code token-out-of-range} if an id is not in the vocabulary
   */
  String decode(int[] ids, boolean skipSpecial);

  /** A decoder for a stream of tokens. */
  TokenDecoder decoder(boolean skipSpecial);

  /**
   * The bytes that a token stands for, in the middle of a text; special ones as they are written.
   */
  byte[] bytes(int id);

  /** A token as the vocabulary has it. */
  String token(int id);

  /** The id of a token as the vocabulary has it. */
  OptionalInt find(String token);

  /** Whether a token controls the model and is no text. */
  boolean isSpecial(int id);

  /** The token that begins a text. */
  OptionalInt bosId();

  /** The token that ends a text. */
  OptionalInt eosId();

  /** Every token that ends an answer. */
  int[] endOfGenerationIds();

  /** Kind and size, for people. */
  String describe();
}
