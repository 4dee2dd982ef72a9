package io.moineau.text.answer;

import io.moineau.text.MarkedText;
import io.moineau.text.TokenDecoder;
import io.moineau.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;

/** A vocabulary in which certain markers are special tokens; it does nothing else. */
record MarkerTokens(List<String> specials) implements Tokenizer {
  @Override
  public int vocabularySize() {
    return specials.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int[] encode(MarkedText text, boolean addSpecial) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    throw new UnsupportedOperationException();
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecial) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] bytes(int id) {
    return token(id).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String token(int id) {
    return specials.get(id);
  }

  @Override
  public OptionalInt find(String token) {
    int at = specials.indexOf(token);
    return at < 0 ? OptionalInt.empty() : OptionalInt.of(at);
  }

  @Override
  public boolean isSpecial(int id) {
    return true;
  }

  @Override
  public OptionalInt bosId() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt eosId() {
    return OptionalInt.empty();
  }

  @Override
  public int[] endOfGenerationIds() {
    return new int[0];
  }

  @Override
  public String describe() {
    return "markers";
  }
}
