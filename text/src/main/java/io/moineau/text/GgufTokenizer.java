package io.moineau.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads the tokenizer in the metadata of a GGUF file ({@code tokenizer.ggml.*}). */
final class GgufTokenizer {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final String KEY = "tokenizer.ggml.";

  private final TokenizerMetadata metadata;
  private final List<String> tokens;
  private final int[] types;

  private GgufTokenizer(TokenizerMetadata metadata) {
    this.metadata = metadata;
    tokens =
        metadata
            .findStrings(KEY + "tokens")
            .orElseThrow(() -> bad(KEY + "tokens", "missing", "the vocabulary"));
    if (tokens.isEmpty()) {
      throw bad(KEY + "tokens", "empty", "the vocabulary");
    }
    types = new int[tokens.size()];
    Optional<long[]> given = metadata.findIntegers(KEY + "token_type");
    given.ifPresent(t -> sameLength(KEY + "token_type", t.length));
    for (int i = 0; i < types.length; i++) {
      types[i] = given.isPresent() ? (int) given.get()[i] : NORMAL;
    }
  }

  static Tokenizer parse(TokenizerMetadata metadata) {
    String model =
        metadata
            .findString(KEY + "model")
            .orElseThrow(() -> bad(KEY + "model", "missing", "gpt2, llama, t5"));
    GgufTokenizer reader = new GgufTokenizer(metadata);
    PipelineTokenizer.Parts parts =
        switch (model) {
          case "gpt2" -> reader.bpe();
          case "llama" -> reader.sentencePiece(false);
          case "t5" -> reader.sentencePiece(true);
          default -> throw bad(KEY + "model", model, "gpt2, llama, t5");
        };
    reader.special(parts, model);
    return new PipelineTokenizer(parts);
  }

  private PipelineTokenizer.Parts bpe() {
    PipelineTokenizer.Parts parts = new PipelineTokenizer.Parts();
    String pre = metadata.findString(KEY + "pre").orElse("default");
    PreTokenizers.Family family = PreTokenizers.named(pre);
    parts.name = pre;
    parts.vocabulary = new Vocabulary(tokens);
    List<String> merges = metadata.findStrings(KEY + "merges").orElse(List.of());
    parts.preTokenizer = family.cut();
    if (family.byteLevel()) {
      parts.spelling = PipelineTokenizer.Spelling.BYTE_LEVEL;
      parts.decoding = Decoding.byteLevel();
    } else {
      parts.spelling = PipelineTokenizer.Spelling.SENTENCE_PIECE;
      parts.decoding = Decoding.sentencePiece(false);
    }
    if (family.composes()) {
      parts.normalizer = TextNormalizer.form(Normalizer.Form.NFC);
    } else if (!family.byteLevel()) {
      parts.normalizer = TextNormalizer.replace(" ", "\u2581");
    }
    int unknown = -1;
    if (!family.byteLevel()) {
      unknown = id("unknown_token_id", -1).orElse(-1);
    }
    parts.model =
        new BpeModel(
            parts.vocabulary,
            parts.vocabulary.without(controls()),
            BpeModel.split(merges),
            new ByteFallback(parts.vocabulary, !family.byteLevel(), unknown, false),
            family.ignoreMerges(),
            "",
            "");
    return parts;
  }

  private Set<Integer> controls() {
    Set<Integer> controls = new HashSet<>();
    for (int i = 0; i < types.length; i++) {
      if (types[i] == CONTROL || types[i] == UNKNOWN) {
        controls.add(i);
      }
    }
    return controls;
  }

  private PipelineTokenizer.Parts sentencePiece(boolean unigram) {
    float[] scores =
        metadata
            .findFloats(KEY + "scores")
            .orElseThrow(() -> bad(KEY + "scores", "missing", "a score per token"));
    sameLength(KEY + "scores", scores.length);
    boolean hasBytes = tokens.contains("<0x00>");
    SentencePieceParts built = new SentencePieceParts(tokens, scores, types, unigram, hasBytes);
    built.unknownId = id("unknown_token_id", 0).orElse(-1);
    built.addSpacePrefix = metadata.findBoolean(KEY + "add_space_prefix").orElse(true);
    built.removeExtraSpaces = metadata.findBoolean(KEY + "remove_extra_whitespaces").orElse(false);
    if (unigram) {
      built.charsMap =
          metadata
              .findIntegers(KEY + "precompiled_charsmap")
              .map(GgufTokenizer::bytes)
              .orElse(new byte[0]);
    }
    return built.build();
  }

  private static byte[] bytes(long[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private void special(PipelineTokenizer.Parts parts, String model) {
    List<AddedTokens.Added> added = new ArrayList<>();
    Set<Integer> special = new HashSet<>();
    for (int i = 0; i < types.length; i++) {
      boolean control = types[i] == CONTROL || types[i] == UNKNOWN;
      if (control) {
        special.add(i);
      }
      if (control || types[i] == USER_DEFINED) {
        // Runs of spaces and line feeds are tokens of some vocabularies and control nothing.
        boolean controls = control || !AddedTokens.isBlank(tokens.get(i));
        added.add(new AddedTokens.Added(i, tokens.get(i), controls, false, false, false));
      }
    }
    parts.added = added;
    parts.special = special;
    boolean sentencePiece = !model.equals("gpt2");
    parts.bos = id("bos_token_id", sentencePiece ? 1 : -1);
    parts.eos = id("eos_token_id", sentencePiece ? (model.equals("t5") ? 1 : 2) : -1);
    boolean addBos =
        metadata
            .findBoolean(KEY + "add_bos_token")
            .orElse(model.equals("llama") || PreTokenizers.addsBos(parts.name));
    boolean addEos = metadata.findBoolean(KEY + "add_eos_token").orElse(model.equals("t5"));
    if (addBos && parts.bos.isPresent()) {
      parts.before = new int[] {parts.bos.getAsInt()};
    }
    if (addEos && parts.eos.isPresent()) {
      parts.after = new int[] {parts.eos.getAsInt()};
    }
    Set<Integer> ends = new LinkedHashSet<>();
    parts.eos.ifPresent(ends::add);
    id("eot_token_id", -1).ifPresent(ends::add);
    id("eom_token_id", -1).ifPresent(ends::add);
    ends.addAll(EndTokens.among(added));
    parts.endOfGeneration = List.copyOf(ends);
  }

  private OptionalInt id(String key, int otherwise) {
    long id = metadata.findInteger(KEY + key).orElse((long) otherwise);
    if (id == -1 || (id == otherwise && id >= tokens.size())) {
      return OptionalInt.empty();
    }
    if (id < 0 || id >= tokens.size()) {
      throw bad(KEY + key, Long.toString(id), "0 to " + (tokens.size() - 1));
    }
    return OptionalInt.of((int) id);
  }

  private void sameLength(String key, int length) {
    if (length != tokens.size()) {
      throw bad(key, length + " entries", tokens.size() + " entries, one a token");
    }
  }

  private static TextException bad(String key, String value, String allowed) {
    return new TextException(
        "tokenizer-bad-metadata",
        "a model file's tokenizer cannot be used",
        key + " is " + value,
        allowed,
        "convert the model again");
  }
}
