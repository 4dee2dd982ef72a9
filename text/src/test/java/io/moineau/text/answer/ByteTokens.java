package io.moineau.text.answer;

import io.moineau.text.MarkedText;
import io.moineau.text.TokenDecoder;
import io.moineau.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** All bytes, some texts, some special tokens, and one that ends an answer. */
final class ByteTokens implements Tokenizer {
  private final List<byte[]> tokens = new ArrayList<>();
  private final int firstSpecial;

  ByteTokens(List<String> texts, List<String> specials) {
    for (int i = 0; i < 256; i++) {
      tokens.add(new byte[] {(byte) i});
    }
    texts.forEach(text -> tokens.add(text.getBytes(StandardCharsets.UTF_8)));
    firstSpecial = tokens.size();
    specials.forEach(text -> tokens.add(text.getBytes(StandardCharsets.UTF_8)));
    tokens.add("<eos>".getBytes(StandardCharsets.UTF_8));
  }

  int end() {
    return tokens.size() - 1;
  }

  @Override
  public int vocabularySize() {
    return tokens.size();
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
    return tokens.get(id);
  }

  @Override
  public String token(int id) {
    return new String(tokens.get(id), StandardCharsets.UTF_8);
  }

  @Override
  public OptionalInt find(String token) {
    for (int i = tokens.size() - 1; i >= 256; i--) {
      if (token(i).equals(token)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= firstSpecial;
  }

  @Override
  public OptionalInt bosId() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt eosId() {
    return OptionalInt.of(end());
  }

  @Override
  public int[] endOfGenerationIds() {
    return new int[] {end()};
  }

  @Override
  public String describe() {
    return "bytes";
  }
}
