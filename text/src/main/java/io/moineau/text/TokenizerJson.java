package io.moineau.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads Hugging Face's {@code tokenizer.json}. */
final class TokenizerJson {
  /** No vocabulary comes near; an id above would make a table of that size. */
  private static final long HIGHEST_ID = 1 << 23;

  private static final int LONGEST_REPLACEMENT = 32;

  private final String file;
  private final PipelineTokenizer.Parts parts = new PipelineTokenizer.Parts();

  private TokenizerJson(String file) {
    this.file = file;
  }

  static Tokenizer parse(@Nullable Object json, String file) {
    return new TokenizerJson(file).tokenizer(json);
  }

  private Tokenizer tokenizer(@Nullable Object json) {
    Map<?, ?> root = map(json, "the file");
    Map<?, ?> model = map(root.get("model"), "model");
    List<?> addedTokens = list(root.get("added_tokens"));
    Map<?, ?> vocab = model.get("vocab") instanceof Map<?, ?> m ? m : Map.of();
    List<?> scored = model.get("vocab") instanceof List<?> l ? l : List.of();
    parts.vocabulary = vocabulary(vocab, scored, addedTokens);
    parts.normalizer = normalizer(root.get("normalizer"));
    added(addedTokens);
    parts.preTokenizer = preTokenizer(root.get("pre_tokenizer"));
    parts.model = model(model, scored);
    postProcessor(root.get("post_processor"));
    if (root.get("decoder") != null) {
      parts.decoding = decoder(root.get("decoder"));
    }
    endTokens();
    return new PipelineTokenizer(parts);
  }

  private Vocabulary vocabulary(Map<?, ?> vocab, List<?> scored, List<?> addedTokens) {
    TreeMap<Integer, String> byId = new TreeMap<>();
    vocab.forEach((token, id) -> {
      String other = byId.putIfAbsent(id(id, "model.vocab"), (String) token);
      if (other != null) {
        throw bad(
            "model.vocab",
            "id " + id + " for \"" + other + "\" and \"" + token + "\"",
            "one token an id");
      }
    });
    for (int i = 0; i < scored.size(); i++) {
      byId.put(i, string(list(scored.get(i)).get(0), "model.vocab"));
    }
    for (Object one : addedTokens) {
      Map<?, ?> token = map(one, "added_tokens");
      byId.putIfAbsent(
          id(token.get("id"), "added_tokens"), string(token.get("content"), "added_tokens"));
    }
    if (byId.isEmpty()) {
      throw bad("model.vocab", "nothing", "a vocabulary");
    }
    List<String> tokens = new ArrayList<>();
    byId.forEach((id, token) -> {
      while (tokens.size() < id) {
        tokens.add("");
      }
      tokens.add(token);
    });
    return new Vocabulary(tokens);
  }

  private void added(List<?> addedTokens) {
    List<AddedTokens.Added> raw = new ArrayList<>();
    List<AddedTokens.Added> normalized = new ArrayList<>();
    Set<Integer> special = new HashSet<>();
    for (Object one : addedTokens) {
      Map<?, ?> token = map(one, "added_tokens");
      boolean isSpecial = flag(token, "special", false);
      boolean isNormalized = flag(token, "normalized", !isSpecial);
      String content = string(token.get("content"), "added_tokens");
      AddedTokens.Added added =
          new AddedTokens.Added(
              id(token.get("id"), "added_tokens"),
              content,
              // Tokens such as <tool_call> are not "special", and yet no user may write one.
              isSpecial || (!isNormalized && !AddedTokens.isBlank(content)),
              flag(token, "single_word", false),
              flag(token, "lstrip", false),
              flag(token, "rstrip", false));
      (isNormalized ? normalized : raw).add(added);
      if (isSpecial) {
        special.add(added.id());
      }
    }
    parts.added = raw;
    parts.addedAfterNormalizing = normalized;
    parts.normalizesAdded = true;
    parts.special = special;
  }

  private TokenModel model(Map<?, ?> model, List<?> scored) {
    String type = model.get("type") instanceof String s ? s : scored.isEmpty() ? "BPE" : "Unigram";
    Vocabulary vocabulary = parts.vocabulary;
    // What a user wrote must not become a special token by way of the model either.
    Vocabulary words = vocabulary.without(parts.special);
    boolean byteFallback = flag(model, "byte_fallback", false);
    switch (type) {
      case "BPE" -> {
        int unknown = model.get("unk_token") instanceof String s ? vocabulary.id(s) : -1;
        ByteFallback fallback =
            new ByteFallback(vocabulary, byteFallback, unknown, flag(model, "fuse_unk", false));
        return new BpeModel(
            vocabulary,
            words,
            merges(list(model.get("merges"))),
            fallback,
            flag(model, "ignore_merges", false),
            text(model, "continuing_subword_prefix", ""),
            text(model, "end_of_word_suffix", ""));
      }
      case "Unigram" -> {
        float[] scores = new float[vocabulary.size()];
        boolean[] usable = new boolean[vocabulary.size()];
        for (int i = 0; i < scored.size(); i++) {
          scores[i] = ((Number) list(scored.get(i)).get(1)).floatValue();
          usable[i] = !parts.special.contains(i);
        }
        int unknown = model.get("unk_id") == null ? -1 : known(model.get("unk_id"), "model.unk_id");
        return new UnigramModel(
            vocabulary, scores, usable, new ByteFallback(vocabulary, byteFallback, unknown, true));
      }
      case "WordPiece" -> {
        return new WordPieceModel(
            words,
            vocabulary.id(text(model, "unk_token", "[UNK]")),
            text(model, "continuing_subword_prefix", "##"),
            model.get("max_input_chars_per_word") instanceof Number n ? n.intValue() : 100);
      }
      case "WordLevel" -> {
        return new WordPieceModel(
            words, vocabulary.id(text(model, "unk_token", "<unk>")), null, 1 << 20);
      }
      default -> throw bad("model.type", type, "BPE, Unigram, WordPiece, WordLevel");
    }
  }

  private List<String[]> merges(List<?> merges) {
    List<String[]> pairs = new ArrayList<>(merges.size());
    List<String> lines = new ArrayList<>();
    for (Object merge : merges) {
      if (merge instanceof String line) {
        lines.add(line);
      } else {
        List<?> pair = list(merge);
        if (pair.size() != 2) {
          throw bad("model.merges", pair.toString(), "pairs of tokens");
        }
        pairs.add(
            new String[] {
              string(pair.get(0), "model.merges"), string(pair.get(1), "model.merges")
            });
      }
    }
    pairs.addAll(BpeModel.split(lines));
    return pairs;
  }

  private TextNormalizer normalizer(@Nullable Object json) {
    if (json == null) {
      return TextNormalizer.none();
    }
    Map<?, ?> one = map(json, "normalizer");
    String type = string(one.get("type"), "normalizer.type");
    return switch (type) {
      case "Sequence" ->
          TextNormalizer.sequence(
              list(one.get("normalizers")).stream().map(this::normalizer).toList());
      case "NFC" -> TextNormalizer.form(Normalizer.Form.NFC);
      case "NFD" -> TextNormalizer.form(Normalizer.Form.NFD);
      case "NFKC" -> TextNormalizer.form(Normalizer.Form.NFKC);
      case "NFKD" -> TextNormalizer.form(Normalizer.Form.NFKD);
      case "Lowercase" -> TextNormalizer.lowercase();
      case "Strip" ->
          TextNormalizer.strip(flag(one, "strip_left", true), flag(one, "strip_right", true));
      case "StripAccents" -> TextNormalizer.stripAccents();
      case "Prepend" -> TextNormalizer.prepend(replacement(text(one, "prepend", "")));
      case "Nmt" -> TextNormalizer.nmt();
      case "ByteLevel" -> TextNormalizer.byteLevel();
      case "Replace" -> {
        Map<?, ?> pattern = map(one.get("pattern"), "normalizer.pattern");
        String with = replacement(text(one, "content", ""));
        yield pattern.get("String") instanceof String s
            ? TextNormalizer.replace(s, with)
            : TextNormalizer.replace(regex(pattern), with);
      }
      case "Precompiled" ->
          new PrecompiledCharsMap(
              java.util.Base64.getDecoder().decode(text(one, "precompiled_charsmap", "")), true);
      case "BertNormalizer" -> {
        boolean lowercase = flag(one, "lowercase", true);
        yield TextNormalizer.bert(
            flag(one, "clean_text", true),
            flag(one, "handle_chinese_chars", true),
            flag(one, "strip_accents", lowercase),
            lowercase);
      }
      default ->
          throw bad(
              "normalizer.type",
              type,
              "NFC, NFD, NFKC, NFKD, Nmt, Lowercase, Strip, StripAccents, Prepend, Replace,"
                  + " Precompiled, ByteLevel, BertNormalizer, Sequence");
    };
  }

  private PreTokenizer preTokenizer(@Nullable Object json) {
    if (json == null) {
      return PreTokenizer.none();
    }
    Map<?, ?> one = map(json, "pre_tokenizer");
    String type = string(one.get("type"), "pre_tokenizer.type");
    PreTokenizer.Behavior isolated = PreTokenizer.Behavior.ISOLATED;
    PreTokenizer.Behavior removed = PreTokenizer.Behavior.REMOVED;
    return switch (type) {
      case "Sequence" ->
          PreTokenizer.sequence(
              list(one.get("pretokenizers")).stream().map(this::preTokenizer).toList());
      case "ByteLevel" -> {
        parts.spelling = PipelineTokenizer.Spelling.BYTE_LEVEL;
        yield PreTokenizer.byteLevel(
            flag(one, "add_prefix_space", true), flag(one, "use_regex", true));
      }
      case "Split" ->
          PreTokenizer.split(
              finder(map(one.get("pattern"), "pre_tokenizer.pattern")),
              behavior(text(one, "behavior", "Isolated")),
              flag(one, "invert", false));
      case "Digits" ->
          PreTokenizer.split(
              Pattern.compile("\\p{N}"),
              flag(one, "individual_digits", false) ? isolated : PreTokenizer.Behavior.CONTIGUOUS,
              false);
      case "Punctuation" ->
          PreTokenizer.split(
              Pattern.compile("[\\p{P}!-/:-@\\[-`{-~]"),
              behavior(text(one, "behavior", "Isolated")),
              false);
      case "Whitespace" -> PreTokenizer.split(Regexes.compile("\\w+|[^\\w\\s]+"), removed, true);
      case "WhitespaceSplit" -> PreTokenizer.split(Regexes.compile("\\s"), removed, false);
      case "BertPreTokenizer" ->
          PreTokenizer.sequence(
              List.of(
                  PreTokenizer.split(Regexes.compile("\\s"), removed, false),
                  PreTokenizer.split(Pattern.compile("[\\p{P}!-/:-@\\[-`{-~]"), isolated, false)));
      case "CharDelimiterSplit" ->
          PreTokenizer.split(
              Pattern.compile(Pattern.quote(text(one, "delimiter", " "))), removed, false);
      case "Metaspace" -> {
        parts.spelling = PipelineTokenizer.Spelling.SENTENCE_PIECE;
        yield PreTokenizer.metaspace(
            text(one, "replacement", "\u2581"), scheme(one), flag(one, "split", true));
      }
      default ->
          throw bad(
              "pre_tokenizer.type",
              type,
              "ByteLevel, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, Metaspace,"
                  + " BertPreTokenizer, CharDelimiterSplit, Sequence");
    };
  }

  private static String scheme(Map<?, ?> metaspace) {
    String otherwise = flag(metaspace, "add_prefix_space", true) ? "always" : "never";
    return text(metaspace, "prepend_scheme", otherwise);
  }

  private PreTokenizer.Behavior behavior(String name) {
    return switch (name) {
      case "Removed" -> PreTokenizer.Behavior.REMOVED;
      case "Isolated" -> PreTokenizer.Behavior.ISOLATED;
      case "MergedWithPrevious" -> PreTokenizer.Behavior.MERGED_WITH_PREVIOUS;
      case "MergedWithNext" -> PreTokenizer.Behavior.MERGED_WITH_NEXT;
      case "Contiguous" -> PreTokenizer.Behavior.CONTIGUOUS;
      default ->
          throw bad(
              "behavior",
              name,
              "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
    };
  }

  private PieceFinder finder(Map<?, ?> json) {
    return json.get("String") instanceof String s
        ? PieceFinder.of(Pattern.compile(Pattern.quote(s)))
        : PieceFinder.of(string(json.get("Regex"), "pattern"));
  }

  /** What is put in place of text: short, or a text could be made to grow without bound. */
  private String replacement(String content) {
    if (content.length() > LONGEST_REPLACEMENT) {
      throw bad(
          "normalizer.content", content.length() + " characters", "at most " + LONGEST_REPLACEMENT);
    }
    return content;
  }

  private Pattern pattern(Map<?, ?> json) {
    return json.get("String") instanceof String s ? Pattern.compile(Pattern.quote(s)) : regex(json);
  }

  private Pattern regex(Map<?, ?> json) {
    return Regexes.compile(string(json.get("Regex"), "pattern"));
  }

  private void postProcessor(@Nullable Object json) {
    if (json == null) {
      return;
    }
    Map<?, ?> one = map(json, "post_processor");
    switch (string(one.get("type"), "post_processor.type")) {
      case "Sequence" -> list(one.get("processors")).forEach(this::postProcessor);
      case "TemplateProcessing" -> template(one);
      case "RobertaProcessing", "BertProcessing" -> {
        parts.before = new int[] {known(list(one.get("cls")).get(1), "post_processor.cls")};
        parts.after = new int[] {known(list(one.get("sep")).get(1), "post_processor.sep")};
      }
      default -> {} // ByteLevel changes offsets only
    }
  }

  private void template(Map<?, ?> one) {
    IntList before = new IntList();
    IntList after = new IntList();
    IntList now = before;
    Map<?, ?> tokens = map(one.get("special_tokens"), "post_processor.special_tokens");
    for (Object item : list(one.get("single"))) {
      Map<?, ?> part = map(item, "post_processor.single");
      if (part.get("Sequence") != null) {
        now = after;
      } else {
        Map<?, ?> special = map(part.get("SpecialToken"), "post_processor.single");
        Map<?, ?> token =
            map(
                tokens.get(string(special.get("id"), "post_processor.single")),
                "post_processor.special_tokens");
        for (Object id : list(token.get("ids"))) {
          now.add(known(id, "post_processor.special_tokens"));
        }
      }
    }
    parts.before = before.toArray();
    parts.after = after.toArray();
  }

  private Decoding decoder(@Nullable Object json) {
    Map<?, ?> one = map(json, "decoder");
    String type = string(one.get("type"), "decoder.type");
    return switch (type) {
      case "Sequence" ->
          Decoding.sequence(list(one.get("decoders")).stream().map(this::decoder).toList());
      case "ByteLevel" -> {
        parts.spelling = PipelineTokenizer.Spelling.BYTE_LEVEL;
        yield Decoding.byteLevel();
      }
      case "ByteFallback" -> {
        parts.spelling = PipelineTokenizer.Spelling.SENTENCE_PIECE;
        yield Decoding.byteFallback();
      }
      case "Fuse" -> Decoding.fuse();
      case "Strip" -> {
        int start = one.get("start") instanceof Number n ? n.intValue() : 0;
        int stop = one.get("stop") instanceof Number n ? n.intValue() : 0;
        parts.stripsFirstSpace |= start > 0;
        yield Decoding.strip(text(one, "content", " "), start, stop);
      }
      case "Replace" ->
          Decoding.replace(
              pattern(map(one.get("pattern"), "decoder.pattern")), text(one, "content", ""));
      case "Metaspace" -> {
        boolean prefixed = !scheme(one).equals("never");
        parts.stripsFirstSpace |= prefixed;
        yield Decoding.metaspace(text(one, "replacement", "\u2581"), prefixed);
      }
      case "BPEDecoder" -> Decoding.wordSuffix(text(one, "suffix", "</w>"));
      case "WordPiece" -> Decoding.wordPiece(text(one, "prefix", "##"), flag(one, "cleanup", true));
      default ->
          throw bad(
              "decoder.type",
              type,
              "ByteLevel, ByteFallback, Fuse, Strip, Replace, Metaspace, WordPiece,"
                  + " BPEDecoder, Sequence");
    };
  }

  private void endTokens() {
    if (parts.before.length > 0) {
      parts.bos = java.util.OptionalInt.of(parts.before[0]);
    }
    List<Integer> ends = List.copyOf(EndTokens.among(parts.added));
    parts.endOfGeneration = ends;
    if (!ends.isEmpty()) {
      parts.eos = java.util.OptionalInt.of(ends.get(0));
    }
  }

  /** An id that the vocabulary has. */
  private int known(@Nullable Object json, String where) {
    int id = id(json, where);
    if (id >= parts.vocabulary.size()) {
      throw bad(where, Integer.toString(id), "ids of 0 to " + (parts.vocabulary.size() - 1));
    }
    return id;
  }

  private int id(@Nullable Object json, String where) {
    if (!(json instanceof Long id) || id < 0 || id > HIGHEST_ID) {
      throw bad(where, String.valueOf(json), "ids of 0 to " + HIGHEST_ID);
    }
    return id.intValue();
  }

  private Map<?, ?> map(@Nullable Object json, String where) {
    if (json instanceof Map<?, ?> map) {
      return map;
    }
    throw bad(where, kind(json), "an object");
  }

  private List<?> list(@Nullable Object json) {
    if (json == null) {
      return List.of();
    }
    if (json instanceof List<?> list) {
      return list;
    }
    throw bad("a list", kind(json), "a list");
  }

  private String string(@Nullable Object json, String where) {
    if (json instanceof String text) {
      return text;
    }
    throw bad(where, kind(json), "a text");
  }

  private static String kind(@Nullable Object json) {
    return json == null ? "nothing" : json.getClass().getSimpleName();
  }

  private static String text(Map<?, ?> json, String key, String otherwise) {
    return json.get(key) instanceof String text ? text : otherwise;
  }

  private static boolean flag(Map<?, ?> json, String key, boolean otherwise) {
    return json.get(key) instanceof Boolean flag ? flag : otherwise;
  }

  private TextException bad(String where, String value, String allowed) {
    return new TextException(
        "tokenizer-bad-json",
        "a tokenizer file cannot be used",
        where + " is " + value + " in " + file,
        allowed,
        "use the tokenizer.json that was published with the model");
  }
}
