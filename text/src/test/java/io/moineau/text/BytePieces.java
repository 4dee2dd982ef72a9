package io.moineau.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** All bytes, some pieces of texts, and special tokens, one of which ends an answer. */
public class BytePieces implements Tokenizer {
  private final List<byte[]> tokens = new ArrayList<>();
  private final int firstSpecial;
  private final String end;

  /** The {@code end} is among the {@code specials}. */
  protected BytePieces(List<byte[]> pieces, List<String> specials, String end) {
    for (int i = 0; i < 256; i++) {
      tokens.add(new byte[] {(byte) i});
    }
    tokens.addAll(pieces);
    firstSpecial = tokens.size();
    specials.forEach(text -> tokens.add(bytes(text)));
    this.end = end;
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The token that ends an answer. */
  public int end() {
    return find(end).orElseThrow();
  }

  /** A special token, by its place among them. */
  public int special(int i) {
    return firstSpecial + i;
  }

  /** As single bytes. */
  public static int[] bytesOf(String text) {
    byte[] bytes = bytes(text);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes[i] & 0xFF;
    }
    return ids;
  }

  @Override
  public int vocabularySize() {
    return tokens.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    return bytesOf(text);
  }

  @Override
  public int[] encode(MarkedText text, boolean addSpecial) {
    return bytesOf(text.text());
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int id : ids) {
      if (!(skipSpecial && isSpecial(id))) {
        out.writeBytes(tokens.get(id));
      }
    }
    return out.toString(StandardCharsets.UTF_8);
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
