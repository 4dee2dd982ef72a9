package io.moineau.bench.peers;

import io.moineau.testkit.TinyVocabulary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A byte-level BPE vocabulary of any size from a seed, with the special tokens of Llama 3: the size
 * is what costs time and memory, so the words need not be anybody's.
 *
 * <p>256 bytes come first, then merges of two earlier tokens of letters, then the special tokens,
 * which llama3.java expects from 128,000 on.
 */
final class RandomVocabulary {
  /** Special tokens, the last ones: as many as Llama 3 has. */
  private static final int SPECIAL = 256;

  private static final int LONGEST = 14;
  private static final String SPACE = "\u0120";
  private static final String LETTERS = "etaoinshrdlucmfwypvbgkjqxz";
  private static final List<String> NAMED =
      List.of(
          "<|begin_of_text|>",
          "<|end_of_text|>",
          "<|reserved_special_token_0|>",
          "<|reserved_special_token_1|>",
          "<|finetune_right_pad_id|>",
          "<|reserved_special_token_2|>",
          "<|start_header_id|>",
          "<|end_header_id|>",
          "<|eom_id|>",
          "<|eot_id|>",
          "<|python_tag|>");

  private RandomVocabulary() {}

  /**
   * Makes one.
   *
   * @param size tokens in all, at least 600
   */
  static TinyVocabulary of(long seed, int size) {
    List<String> tokens = new ArrayList<>(size);
    for (int b = 0; b < 256; b++) {
      tokens.add(Character.toString(TinyVocabulary.standIn(b)));
    }
    List<String> merges = merge(new Random(seed), size - SPECIAL - tokens.size());
    for (String merge : merges) {
      tokens.add(merge.replace(" ", ""));
    }
    int bos = tokens.size();
    List<Integer> types = new ArrayList<>(Collections.nCopies(bos, TinyVocabulary.NORMAL));
    tokens.addAll(NAMED);
    for (int i = 3; tokens.size() < size; i++) {
      tokens.add("<|reserved_special_token_" + i + "|>");
    }
    types.addAll(Collections.nCopies(SPECIAL, TinyVocabulary.CONTROL));
    int eos = bos + NAMED.indexOf("<|eot_id|>");
    return new TinyVocabulary("gpt2", "llama-bpe", tokens, types, merges, List.of(), bos, eos);
  }

  /** Pairs of tokens that exist by then, so that every token can be reached. */
  private static List<String> merge(Random random, int count) {
    List<String> starts = new ArrayList<>(List.of(SPACE));
    List<String> ends = new ArrayList<>();
    for (char letter : LETTERS.toCharArray()) {
      starts.add(Character.toString(letter));
      ends.add(Character.toString(letter));
    }
    Set<String> known = new HashSet<>(starts);
    List<String> merges = new ArrayList<>(count);
    while (merges.size() < count) {
      String left = early(starts, random);
      String right = early(ends, random);
      String token = left + right;
      if (token.length() <= LONGEST && known.add(token)) {
        merges.add(left + " " + right);
        starts.add(token);
        if (!token.startsWith(SPACE)) {
          ends.add(token);
        }
      }
    }
    return merges;
  }

  /** Early tokens more often than late ones, as in a vocabulary that was learnt. */
  private static String early(List<String> tokens, Random random) {
    double u = random.nextDouble();
    return tokens.get((int) (u * u * tokens.size()));
  }
}
