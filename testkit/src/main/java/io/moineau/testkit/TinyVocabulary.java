package io.moineau.testkit;

import io.moineau.format.GgufType;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A small vocabulary, learnt by byte-pair merging from {@link TinyText}, as GGUF holds it.
 *
 * <p>Merging as Sennrich et al. (arXiv 1508.07909): the commonest pair of neighbours within a word
 * becomes a token, until there are enough; of equals the pair that comes first in order of text.
 *
 * @param model {@code gpt2} (byte-level BPE) or {@code llama} (SentencePiece)
 * @param preTokenizer the name under {@code tokenizer.ggml.pre}
 * @param tokens text of each token; bytes of a byte-level token are the usual printable stand-ins
 * @param types as llama.cpp: 1 normal, 2 unknown, 3 control, 6 byte
 * @param merges pairs in order of rank, empty for SentencePiece
 * @param scores of each token, empty for byte-level BPE
 */
public record TinyVocabulary(
    String model,
    String preTokenizer,
    List<String> tokens,
    List<Integer> types,
    List<String> merges,
    List<Double> scores,
    int bosId,
    int eosId) {
  /** Special tokens of the byte-level vocabularies, the last ones. */
  public static final List<String> SPECIAL =
      List.of("<|begin|>", "<|end|>", "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>");

  /** Type of a token of text. */
  public static final int NORMAL = 1;

  /** Type of a special token. */
  public static final int CONTROL = 3;

  private static final int UNKNOWN = 2;
  private static final int BYTE = 6;
  private static final int SENTENCES = 400;

  /** Tokens in all. */
  public int size() {
    return tokens.size();
  }

  /** The number of a token, if there is one of this text. */
  public OptionalInt find(String token) {
    int id = tokens.indexOf(token);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * Whether a token is a whole word of {@link TinyText} with its space in front, or a full stop.
   */
  public boolean isWord(int id) {
    String token = tokens.get(id);
    boolean spaced = token.startsWith("\u0120") || token.startsWith("\u2581");
    return token.equals(".") || spaced && TinyText.words().contains(token.substring(1));
  }

  /**
   * A byte-level BPE vocabulary: 256 bytes, then merges, then {@link #SPECIAL}; fewer than asked
   * for where the text gives no more pairs.
   *
   * @param size at least 262
   */
  public static TinyVocabulary byteLevelBpe(long seed, int size, String preTokenizer) {
    List<String> tokens = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      tokens.add(Character.toString(standIn(b)));
    }
    Map<String, Integer> words = words(TinyText.sentences(seed, SENTENCES), "\u0120", false);
    List<String> merges = new ArrayList<>();
    learn(words, size - 256 - SPECIAL.size(), tokens, merges);
    List<Integer> types = new ArrayList<>(java.util.Collections.nCopies(tokens.size(), NORMAL));
    int bos = tokens.size();
    tokens.addAll(SPECIAL);
    types.addAll(java.util.Collections.nCopies(SPECIAL.size(), CONTROL));
    return new TinyVocabulary("gpt2", preTokenizer, tokens, types, merges, List.of(), bos, bos + 1);
  }

  /**
   * A SentencePiece vocabulary with byte fallback: unknown, begin, end, 256 bytes, merged pieces by
   * falling score, then single characters.
   *
   * @param size at least 320
   */
  public static TinyVocabulary sentencePiece(long seed, int size) {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    List<Integer> types = new ArrayList<>(List.of(UNKNOWN, CONTROL, CONTROL));
    for (int b = 0; b < 256; b++) {
      tokens.add(String.format("<0x%02X>", b));
      types.add(BYTE);
    }
    Map<String, Integer> words = words(TinyText.sentences(seed, SENTENCES), "\u2581", true);
    List<String> letters = new ArrayList<>();
    for (String word : words.keySet()) {
      word.codePoints()
          .mapToObj(Character::toString)
          .filter(letter -> !letters.contains(letter))
          .forEach(letters::add);
    }
    List<String> merges = new ArrayList<>();
    learn(words, size - tokens.size() - letters.size(), tokens, merges);
    tokens.addAll(letters);
    List<Double> scores = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      scores.add(id < 259 ? 0.0 : 259.0 - id);
    }
    types.addAll(java.util.Collections.nCopies(tokens.size() - types.size(), NORMAL));
    return new TinyVocabulary("llama", "default", tokens, types, List.of(), scores, 1, 2);
  }

  /** Adds the keys of {@code tokenizer.ggml}. */
  public void writeTo(GgufWriter writer, boolean addBos) {
    writer.metadata("tokenizer.ggml.model", GgufValue.string(model));
    writer.metadata("tokenizer.ggml.pre", GgufValue.string(preTokenizer));
    writer.metadata("tokenizer.ggml.tokens", GgufValue.strings(tokens));
    writer.metadata(
        "tokenizer.ggml.token_type",
        GgufValue.array(GgufType.INT32, types.stream().map(Integer::longValue).toList()));
    if (model.equals("gpt2")) {
      writer.metadata("tokenizer.ggml.merges", GgufValue.strings(merges));
      writer.metadata("tokenizer.ggml.padding_token_id", GgufValue.uint32(bosId + 2));
    } else {
      writer.metadata("tokenizer.ggml.scores", GgufValue.array(GgufType.FLOAT32, scores));
      writer.metadata("tokenizer.ggml.unknown_token_id", GgufValue.uint32(0));
    }
    writer.metadata("tokenizer.ggml.bos_token_id", GgufValue.uint32(bosId));
    writer.metadata("tokenizer.ggml.eos_token_id", GgufValue.uint32(eosId));
    writer.metadata("tokenizer.ggml.add_bos_token", GgufValue.bool(addBos));
  }

  /** The printable character that stands for a byte in byte-level vocabularies, as GPT-2 has it. */
  public static int standIn(int b) {
    boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae && b <= 0xff;
    if (printable) {
      return b;
    }
    int before = 0;
    for (int other = 0; other < b; other++) {
      before +=
          other >= '!' && other <= '~' || other >= 0xa1 && other <= 0xac || other >= 0xae ? 0 : 1;
    }
    return 0x100 + before;
  }

  /** Each word with its space in front and how often it is there, in order of the text. */
  private static Map<String, Integer> words(String text, String space, boolean first) {
    Map<String, Integer> words = new LinkedHashMap<>();
    boolean start = true;
    for (String piece : text.split(" ")) {
      String word = start && !first ? piece : space + piece;
      start = false;
      if (!first && word.endsWith(".")) {
        // A byte-level pre-tokenizer parts punctuation from words.
        words.merge(word.substring(0, word.length() - 1), 1, Integer::sum);
        words.merge(".", 1, Integer::sum);
      } else {
        words.merge(word, 1, Integer::sum);
      }
    }
    return words;
  }

  private static void learn(
      Map<String, Integer> words, int count, List<String> tokens, List<String> merges) {
    List<List<String>> split = new ArrayList<>();
    List<Integer> often = new ArrayList<>(words.values());
    for (String word : words.keySet()) {
      split.add(new ArrayList<>(word.codePoints().mapToObj(Character::toString).toList()));
    }
    while (count > 0) {
      Map<String, Integer> pairs = new LinkedHashMap<>();
      for (int w = 0; w < split.size(); w++) {
        List<String> word = split.get(w);
        for (int i = 0; i + 1 < word.size(); i++) {
          pairs.merge(word.get(i) + " " + word.get(i + 1), often.get(w), Integer::sum);
        }
      }
      String best = "";
      int most = 0;
      for (Map.Entry<String, Integer> pair : pairs.entrySet()) {
        if (pair.getValue() > most) {
          best = pair.getKey();
          most = pair.getValue();
        }
      }
      if (most == 0) {
        return;
      }
      String left = best.substring(0, best.indexOf(' '));
      String right = best.substring(best.indexOf(' ') + 1);
      split.forEach(word -> merge(word, left, right));
      merges.add(best);
      if (!tokens.contains(left + right)) {
        tokens.add(left + right);
        count--;
      }
    }
  }

  private static void merge(List<String> word, String left, String right) {
    for (int i = 0; i + 1 < word.size(); i++) {
      if (word.get(i).equals(left) && word.get(i + 1).equals(right)) {
        word.set(i, left + right);
        word.remove(i + 1);
      }
    }
  }

  /** The token ids by text. */
  public Map<String, Integer> byText() {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < tokens.size(); id++) {
      ids.putIfAbsent(tokens.get(id), id);
    }
    return ids;
  }
}
