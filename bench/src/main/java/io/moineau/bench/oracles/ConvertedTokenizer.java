package io.moineau.bench.oracles;

import io.moineau.text.Json;
import io.moineau.text.Tokenizer;
import io.moineau.text.TokenizerMetadata;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The metadata that a GGUF file would have for a tokenizer.json: tokens, types, merges or scores,
 * and the name of the pre-tokenizer, as the conversion script of llama.cpp writes them.
 *
 * <p>The script knows the name by the hash of an encoded text; here it is told by the expressions.
 */
final class ConvertedTokenizer implements TokenizerMetadata {
  private static final String KEY = "tokenizer.ggml.";
  private static final float WORST_SCORE = -1e9f;
  private static final long NORMAL = 1;
  private static final long UNKNOWN = 2;
  private static final long CONTROL = 3;
  private static final long USER_DEFINED = 4;
  private static final long UNUSED = 5;
  private static final long BYTE = 6;

  private final Map<String, Object> values = new HashMap<>();

  private ConvertedTokenizer() {}

  /**
   * What a file would hold, or nothing if its kind or name cannot be told.
   *
   * @param json the parsed tokenizer.json
   * @param tokenizer the same, opened
   */
  static Optional<ConvertedTokenizer> of(Map<?, ?> json, Tokenizer tokenizer) {
    Map<?, ?> model = (Map<?, ?>) json.get("model");
    boolean fallback = Boolean.TRUE.equals(model.get("byte_fallback"));
    Optional<String> pre = fallback ? Optional.of("default") : pre(json);
    if (!"BPE".equals(model.get("type")) || pre.isEmpty()) {
      return Optional.empty();
    }
    ConvertedTokenizer made = new ConvertedTokenizer();
    made.vocabulary(json, model, tokenizer.vocabularySize(), fallback);
    if (!fallback) {
      made.values.put(
          KEY + "merges",
          ((List<?>) model.get("merges"))
              .stream()
                  .map(m -> m instanceof List<?> p ? p.get(0) + " " + p.get(1) : (String) m)
                  .toList());
    }
    made.values.put(KEY + "model", fallback ? "llama" : "gpt2");
    made.values.put(KEY + "pre", pre.get());
    made.specials(tokenizer);
    return Optional.of(made);
  }

  /** The name in {@code tokenizer.ggml.pre}. */
  private static Optional<String> pre(Map<?, ?> json) {
    String steps = Json.write(json.get("pre_tokenizer")).replace("\\\\", "\\");
    boolean composes = Json.write(json.get("normalizer")).contains("\"NFC\"");
    boolean ignoresMerges =
        Boolean.TRUE.equals(((Map<?, ?>) json.get("model")).get("ignore_merges"));
    if (steps.contains("\\p{N}{1,3}") && steps.contains("\u4E00-\u9FA5")) {
      return Optional.of("deepseek-v3");
    }
    if (steps.contains("[\\p{Lu}\\p{Lt}")) {
      boolean english = steps.contains("(?i:'s");
      return Optional.of(english ? "gpt-4o" : "tekken");
    }
    if (steps.contains("(?i:'s|'t") && steps.contains("\\p{N}{1,3}")) {
      return Optional.of(ignoresMerges ? "llama-bpe" : "dbrx");
    }
    if (steps.contains("(?i:'s|'t") && steps.contains("|\\p{N}|")) {
      return Optional.of(composes ? "qwen2" : "hunyuan");
    }
    if (steps.contains("Regex") || steps.contains("\"add_prefix_space\":true")) {
      return Optional.empty();
    }
    if (steps.contains("\"individual_digits\":true")) {
      return Optional.of("starcoder");
    }
    boolean plain = steps.contains("\"ByteLevel\"") && !steps.contains("Sequence");
    return plain ? Optional.of(composes ? "olmo" : "gpt-2") : Optional.empty();
  }

  private void vocabulary(Map<?, ?> json, Map<?, ?> model, int size, boolean fallback) {
    String[] tokens = new String[size];
    long[] types = new long[size];
    float[] scores = new float[size];
    Arrays.fill(types, UNUSED);
    for (int i = 0; i < size; i++) {
      tokens[i] = "[PAD" + i + "]";
      scores[i] = WORST_SCORE;
    }
    ((Map<?, ?>) model.get("vocab"))
        .forEach((token, id) -> {
          int at = ((Number) id).intValue();
          String text = (String) token;
          tokens[at] = text;
          types[at] = fallback && text.matches("<0x[0-9A-F]{2}>") ? BYTE : NORMAL;
        });
    for (Object one : (List<?>) json.get("added_tokens")) {
      Map<?, ?> added = (Map<?, ?>) one;
      int at = ((Number) added.get("id")).intValue();
      tokens[at] = (String) added.get("content");
      types[at] = Boolean.TRUE.equals(added.get("special")) ? CONTROL : USER_DEFINED;
      if (fallback && tokens[at].equals(model.get("unk_token"))) {
        types[at] = UNKNOWN;
        values.put(KEY + "unknown_token_id", (long) at);
      }
    }
    if (fallback) {
      scores((List<?>) model.get("merges"), tokens, scores);
    }
    values.put(KEY + "tokens", List.of(tokens));
    values.put(KEY + "token_type", types);
    if (fallback) {
      values.put(KEY + "scores", scores);
    }
  }

  /**
   * SentencePiece's scores are in the order of the merges, not of the ids: pieces that are white
   * space only have the worst of all.
   */
  private static void scores(List<?> merges, String[] tokens, float[] scores) {
    Map<String, Integer> ids = new HashMap<>();
    for (int i = 0; i < tokens.length; i++) {
      ids.put(tokens[i], i);
    }
    for (int rank = merges.size() - 1; rank >= 0; rank--) { // the first merge to a token counts
      Object merge = merges.get(rank);
      String merged =
          merge instanceof List<?> pair
              ? (String) pair.get(0) + pair.get(1)
              : ((String) merge).replace(" ", "");
      scores[ids.get(merged)] = -rank;
    }
  }

  private void specials(Tokenizer tokenizer) {
    int[] plain = tokenizer.encode("a", false, true);
    int[] whole = tokenizer.encode("a", true, true);
    boolean begins = whole.length > plain.length && whole[0] != plain[0];
    boolean ends = whole.length - (begins ? 1 : 0) > plain.length;
    values.put(KEY + "add_bos_token", begins);
    values.put(KEY + "add_eos_token", ends);
    if (begins) {
      values.put(KEY + "bos_token_id", (long) whole[0]);
    }
    if (ends) {
      values.put(KEY + "eos_token_id", (long) whole[whole.length - 1]);
    }
  }

  private <T> Optional<T> find(String key, Class<T> type) {
    return Optional.ofNullable(values.get(key)).map(type::cast);
  }

  @Override
  public Optional<String> findString(String key) {
    return find(key, String.class);
  }

  @Override
  public Optional<Long> findInteger(String key) {
    return find(key, Long.class);
  }

  @Override
  public Optional<Boolean> findBoolean(String key) {
    return find(key, Boolean.class);
  }

  @Override
  @SuppressWarnings("unchecked")
  public Optional<List<String>> findStrings(String key) {
    return find(key, List.class).map(list -> (List<String>) list);
  }

  @Override
  public Optional<long[]> findIntegers(String key) {
    return find(key, long[].class);
  }

  @Override
  public Optional<float[]> findFloats(String key) {
    return find(key, float[].class);
  }
}
