package io.moineau.bench.fuzz;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import io.moineau.testkit.TinyModels;
import io.moineau.testkit.TinyVocabulary;
import io.moineau.text.Json;
import io.moineau.text.Tokenizer;
import io.moineau.text.TokenizerMetadata;
import io.moineau.text.Tokenizers;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Small sound tokenizers in each of the three forms. */
final class TokenizerSamples {
  private static final int SIZE = 330;

  private TokenizerSamples() {}

  /**
   * Vocabularies in GGUF: mutated like any GGUF file, so that the metadata are odd but readable.
   */
  static FuzzTarget gguf() {
    List<FuzzTarget.Sample> samples = new ArrayList<>();
    for (byte[] bytes :
        List.of(
            GgufTarget.small(TinyModels.llama(3)).toBytes(),
            GgufTarget.small(TinyModels.llamaSentencePiece(3)).toBytes())) {
      samples.add(
          new FuzzTarget.Sample(bytes, GgufFields.meanings(bytes), FuzzTarget.Damage.FIELDS));
    }
    return new TokenizerTarget("tokenizer-gguf", samples, TokenizerSamples::fromGguf);
  }

  private static Tokenizer fromGguf(byte[] bytes) {
    try (GgufFile file = GgufFile.parse(MemorySegment.ofArray(bytes), "mutant.gguf")) {
      return Tokenizers.fromGguf(new View(file.metadata()));
    }
  }

  /** {@code tokenizer.json}: byte-level BPE, BPE with byte fallback, unigram, and a word list. */
  static FuzzTarget json() {
    List<FuzzTarget.Sample> samples = new ArrayList<>();
    for (Map<String, Object> root : List.of(byteLevel(), byteFallback(), unigram(), wordPiece())) {
      byte[] bytes = Json.write(root).getBytes(StandardCharsets.UTF_8);
      samples.add(new FuzzTarget.Sample(bytes, List.of(), FuzzTarget.Damage.JSON));
    }
    return new TokenizerTarget(
        "tokenizer-json",
        samples,
        TokenizerTarget.fromFile("tokenizer.json", Tokenizers::fromTokenizerJson));
  }

  /** {@code tokenizer.model}, both kinds. */
  static FuzzTarget sentencePiece() {
    return new TokenizerTarget(
        "tokenizer-model",
        List.of(
            new FuzzTarget.Sample(proto(1), List.of()), new FuzzTarget.Sample(proto(2), List.of())),
        TokenizerTarget.fromFile("tokenizer.model", Tokenizers::fromSentencePiece));
  }

  private static Map<String, Object> byteLevel() {
    TinyVocabulary words = TinyVocabulary.byteLevelBpe(1, SIZE, "gpt-2");
    Map<String, Object> root = root(words.bosId());
    root.put("normalizer", map("type", "NFC"));
    Map<String, Object> split = map("type", "Split", "behavior", "Isolated", "invert", false);
    split.put("pattern", map("Regex", "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+"));
    Map<String, Object> bytes = map("type", "ByteLevel", "add_prefix_space", false);
    bytes.put("use_regex", true);
    root.put("pre_tokenizer", map("type", "Sequence", "pretokenizers", List.of(split, bytes)));
    root.put("decoder", map("type", "ByteLevel"));
    root.put("model", bpe(words, List.copyOf(words.merges()), false));
    return root;
  }

  private static Map<String, Object> byteFallback() {
    TinyVocabulary words = TinyVocabulary.sentencePiece(1, SIZE);
    Map<String, Object> root = root(1);
    root.put(
        "normalizer",
        map(
            "type",
            "Sequence",
            "normalizers",
            List.of(
                map("type", "Prepend", "prepend", "\u2581"),
                map("type", "Replace", "pattern", map("String", " "), "content", "\u2581"))));
    List<Object> merges = List.of(List.of("\u2581", "t"), List.of("h", "e"));
    root.put("decoder", map("type", "Sequence", "decoders", List.of(map("type", "ByteFallback"))));
    root.put("model", bpe(words, merges, true));
    return root;
  }

  private static Map<String, Object> bpe(
      TinyVocabulary words, List<Object> merges, boolean byteFallback) {
    Map<String, Object> model = map("type", "BPE", "byte_fallback", byteFallback);
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    words.byText().entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> vocabulary.put(entry.getKey(), (long) entry.getValue()));
    model.put("vocab", vocabulary);
    model.put("merges", merges);
    return model;
  }

  private static Map<String, Object> unigram() {
    TinyVocabulary words = TinyVocabulary.sentencePiece(1, SIZE);
    Map<String, Object> root = root(1);
    root.put("pre_tokenizer", map("type", "Metaspace", "replacement", "\u2581"));
    root.put("decoder", map("type", "Metaspace", "replacement", "\u2581"));
    List<Object> pieces = new ArrayList<>();
    for (int id = 0; id < words.size(); id++) {
      pieces.add(List.of(words.tokens().get(id), words.scores().get(id) - 1));
    }
    root.put("model", map("type", "Unigram", "unk_id", 0L, "vocab", pieces));
    return root;
  }

  private static Map<String, Object> wordPiece() {
    Map<String, Object> root = root(0);
    root.put("normalizer", map("type", "BertNormalizer", "lowercase", true));
    root.put("pre_tokenizer", map("type", "BertPreTokenizer"));
    root.put("decoder", map("type", "WordPiece", "prefix", "##"));
    Map<String, Object> vocabulary = map("[UNK]", 0L, "the", 1L, "spar", 2L, "##row", 3L);
    Map<String, Object> model = map("type", "WordPiece", "unk_token", "[UNK]");
    model.put("continuing_subword_prefix", "##");
    model.put("vocab", vocabulary);
    root.put("model", model);
    return root;
  }

  private static Map<String, Object> root(long specialId) {
    Map<String, Object> root = map("version", "1.0");
    Map<String, Object> added = map("id", specialId, "content", "<|end|>", "special", true);
    added.put("single_word", false);
    added.put("lstrip", false);
    added.put("rstrip", true);
    added.put("normalized", false);
    root.put("added_tokens", List.of(added));
    return root;
  }

  private static Map<String, Object> map(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  /** A protocol buffer as {@code sentencepiece_model.proto} has it; type 1 unigram, 2 BPE. */
  private static byte[] proto(int modelType) {
    TinyVocabulary words = TinyVocabulary.sentencePiece(2, SIZE);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int id = 0; id < words.size(); id++) {
      ByteArrayOutputStream piece = new ByteArrayOutputStream();
      message(piece, 1, words.tokens().get(id).getBytes(StandardCharsets.UTF_8));
      piece.write(2 << 3 | 5);
      float score = (float) (words.scores().get(id) - 1);
      piece.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(score).array());
      piece.write(3 << 3);
      piece.write(words.types().get(id));
      message(out, 1, piece.toByteArray());
    }
    message(out, 2, new byte[] {3 << 3, (byte) modelType, (byte) (35 << 3 & 0x7f | 0x80), 2, 1});
    message(out, 3, new byte[] {3 << 3, 1, 4 << 3, 1, 5 << 3, 1});
    return out.toByteArray();
  }

  private static void message(ByteArrayOutputStream out, int field, byte[] bytes) {
    out.write(field << 3 | 2);
    int length = bytes.length;
    while (length > 0x7f) {
      out.write(length & 0x7f | 0x80);
      length >>= 7;
    }
    out.write(length);
    out.writeBytes(bytes);
  }

  /** Metadata of a file as a tokenizer asks for them. */
  private record View(GgufMetadata metadata) implements TokenizerMetadata {
    @Override
    public Optional<String> findString(String key) {
      return metadata.findString(key);
    }

    @Override
    public Optional<Long> findInteger(String key) {
      return metadata.findInteger(key);
    }

    @Override
    public Optional<Boolean> findBoolean(String key) {
      return metadata.findBoolean(key);
    }

    @Override
    public Optional<List<String>> findStrings(String key) {
      return metadata.findStrings(key);
    }

    @Override
    public Optional<long[]> findIntegers(String key) {
      return metadata.findIntegers(key);
    }

    @Override
    public Optional<float[]> findFloats(String key) {
      return metadata.findFloats(key);
    }
  }
}
