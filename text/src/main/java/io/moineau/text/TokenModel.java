package io.moineau.text;

/** Splits a piece of prepared text into tokens: BPE, unigram and the like. */
interface TokenModel {
  void encode(String piece, IntList out);

  String describe();
}
