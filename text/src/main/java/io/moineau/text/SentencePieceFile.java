package io.moineau.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads SentencePiece's {@code tokenizer.model}: a protocol buffer of pieces, trainer and
 * normalizer settings ({@code sentencepiece_model.proto}).
 */
final class SentencePieceFile {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNUSED = 5;

  private final String file;
  private final List<String> pieces = new ArrayList<>();
  private final List<Float> scores = new ArrayList<>();
  private final List<Integer> types = new ArrayList<>();
  private int modelType = 1;
  private boolean byteFallback;
  private int unkId;
  private int bosId = 1;
  private int eosId = 2;
  private byte[] charsMap = new byte[0];
  private boolean addDummyPrefix = true;
  private boolean removeExtraWhitespaces = true;

  private SentencePieceFile(String file) {
    this.file = file;
  }

  static Tokenizer parse(byte[] bytes, String file) {
    SentencePieceFile model = new SentencePieceFile(file);
    model.read(new Reader(bytes, 0, bytes.length, file));
    return model.tokenizer();
  }

  private void read(Reader reader) {
    while (reader.more()) {
      int field = reader.field();
      switch (field) {
        case 1 -> piece(reader.message());
        case 2 -> trainer(reader.message());
        case 3 -> normalizer(reader.message());
        default -> reader.skip();
      }
    }
    if (pieces.isEmpty()) {
      throw bad("there are no pieces", "a SentencePiece model");
    }
  }

  private void piece(Reader reader) {
    String piece = "";
    float score = 0;
    int type = NORMAL;
    while (reader.more()) {
      switch (reader.field()) {
        case 1 -> piece = reader.string();
        case 2 -> score = reader.float32();
        case 3 -> type = (int) reader.varint();
        default -> reader.skip();
      }
    }
    pieces.add(piece);
    scores.add(score);
    types.add(type);
  }

  private void trainer(Reader reader) {
    while (reader.more()) {
      switch (reader.field()) {
        case 3 -> modelType = (int) reader.varint();
        case 35 -> byteFallback = reader.varint() != 0;
        case 40 -> unkId = (int) reader.varint();
        case 41 -> bosId = (int) reader.varint();
        case 42 -> eosId = (int) reader.varint();
        default -> reader.skip();
      }
    }
  }

  private void normalizer(Reader reader) {
    while (reader.more()) {
      switch (reader.field()) {
        case 2 -> charsMap = reader.bytes();
        case 3 -> addDummyPrefix = reader.varint() != 0;
        case 4 -> removeExtraWhitespaces = reader.varint() != 0;
        default -> reader.skip();
      }
    }
  }

  private Tokenizer tokenizer() {
    if (modelType != 1 && modelType != 2) {
      throw bad("model_type is " + modelType, "1 (unigram), 2 (BPE)");
    }
    float[] score = new float[pieces.size()];
    int[] type = new int[pieces.size()];
    for (int i = 0; i < score.length; i++) {
      score[i] = scores.get(i);
      type[i] = types.get(i);
    }
    SentencePieceParts parts =
        new SentencePieceParts(pieces, score, type, modelType == 1, byteFallback);
    parts.unknownId = unkId;
    parts.charsMap = charsMap;
    parts.addSpacePrefix = addDummyPrefix;
    parts.removeExtraSpaces = removeExtraWhitespaces;
    // What a user may write is text; only pieces that the trainer was told of are found as written.
    PipelineTokenizer.Parts built = parts.build();
    List<AddedTokens.Added> userDefined = new ArrayList<>();
    Set<Integer> special = new HashSet<>();
    for (int i = 0; i < type.length; i++) {
      if (type[i] == USER_DEFINED) {
        userDefined.add(new AddedTokens.Added(i, pieces.get(i), false, false, false, false));
      } else if (type[i] == CONTROL || type[i] == UNKNOWN || type[i] == UNUSED) {
        special.add(i);
      }
    }
    built.addedAfterNormalizing = userDefined;
    built.special = special;
    if (bosId >= 0 && bosId < type.length) {
      built.bos = java.util.OptionalInt.of(bosId);
      built.before = new int[] {bosId};
    }
    if (eosId >= 0 && eosId < type.length) {
      built.eos = java.util.OptionalInt.of(eosId);
      built.endOfGeneration = List.of(eosId);
    }
    return new PipelineTokenizer(built);
  }

  private TextException bad(String what, String allowed) {
    return new TextException(
        "tokenizer-bad-model",
        "a SentencePiece file cannot be used",
        what + " in " + file,
        allowed,
        "use the tokenizer.model that was published with the model");
  }

  /** A protocol buffer, read field by field and never past its end. */
  private static final class Reader {
    private final byte[] bytes;
    private int at;
    private final int end;
    private final String file;
    private int wireType;

    Reader(byte[] bytes, int at, int end, String file) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
      this.file = file;
    }

    boolean more() {
      return at < end;
    }

    int field() {
      long tag = varint();
      wireType = (int) tag & 7;
      return (int) (tag >>> 3);
    }

    long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        need(1);
        byte b = bytes[at++];
        value |= (long) (b & 0x7F) << shift;
        if (b >= 0) {
          return value;
        }
      }
      throw damaged();
    }

    float float32() {
      need(4);
      int bits =
          (bytes[at] & 0xFF)
              | (bytes[at + 1] & 0xFF) << 8
              | (bytes[at + 2] & 0xFF) << 16
              | (bytes[at + 3] & 0xFF) << 24;
      at += 4;
      return Float.intBitsToFloat(bits);
    }

    private int length() {
      long length = varint();
      if (length < 0 || length > end - at) {
        throw damaged();
      }
      return (int) length;
    }

    Reader message() {
      int length = length();
      Reader inner = new Reader(bytes, at, at + length, file);
      at += length;
      return inner;
    }

    byte[] bytes() {
      int length = length();
      at += length;
      return java.util.Arrays.copyOfRange(bytes, at - length, at);
    }

    String string() {
      return new String(bytes(), StandardCharsets.UTF_8);
    }

    void skip() {
      switch (wireType) {
        case 0 -> varint();
        case 1 -> {
          need(8);
          at += 8;
        }
        case 2 -> {
          int length = length(); // moves on itself
          at += length;
        }
        case 5 -> {
          need(4);
          at += 4;
        }
        default -> throw damaged();
      }
    }

    private void need(int count) {
      if (end - at < count) {
        throw damaged();
      }
    }

    private TextException damaged() {
      return new TextException(
          "tokenizer-bad-model",
          "a SentencePiece file is damaged",
          "byte " + at + " of " + file,
          "a protocol buffer of SentencePiece",
          "use the tokenizer.model that was published with the model");
    }
  }
}
