package io.moineau.adapt.vocabulary;

import io.moineau.adapt.AdaptException;
import io.moineau.text.Tokenizers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Learns a byte-level BPE vocabulary: the commonest pair of neighbours becomes a token, again and
 * again (Sennrich et al., arXiv 1508.07909).
 *
 * <p>Each different piece of text is kept once with its count. Counts of pairs, and in which pieces
 * they are, are brought up to date where a merge changes them; the commonest is taken from a heap
 * whose entries are checked against the true count when they come up. Of equals the pair of lower
 * tokens is taken, so the same text always gives the same vocabulary.
 */
public final class BpeTrainer {
  /** Ends a document; stands before a text as well. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  /** Begins a turn of a chat. */
  public static final String TURN_START = "<|im_start|>";

  /** Ends a turn of a chat. */
  public static final String TURN_END = "<|im_end|>";

  private static final List<String> SPECIAL = List.of(END_OF_TEXT, TURN_START, TURN_END);
  private static final int BYTES = 256;

  /** Pieces in each of a text: longer ones are cut, as a text without spaces is one piece. */
  private static final int LONGEST_PIECE = 200;

  private final String family;
  private final Function<String, List<String>> cut;
  private final Map<String, Long> counts = new HashMap<>();

  /**
   * A trainer that has read nothing.
   *
   * @param family how text is cut before it is merged, as in {@code tokenizer.ggml.pre}
   */
  public BpeTrainer(String family) {
    this.family = family;
    cut = Tokenizers.pieces(family);
  }

  /** Reads a text. */
  public void add(String text) {
    for (String piece : cut.apply(text)) {
      String part = piece.length() > LONGEST_PIECE ? piece.substring(0, LONGEST_PIECE) : piece;
      counts.merge(part, 1L, Long::sum);
    }
  }

  /**
   * Learns the vocabulary: bytes, merges, then the special tokens.
   *
   * @param size tokens in all
   * @throws AdaptException {@code train-bad-vocabulary} if the size is too small, or the text gives
   *     too few pairs
   */
  public LearnedVocabulary learn(int size) {
    int wanted = size - BYTES - SPECIAL.size();
    if (wanted < 0) {
      throw new AdaptException(
          "train-bad-vocabulary",
          "a vocabulary is too small for bytes and special tokens",
          "size=" + size,
          "at least " + (BYTES + SPECIAL.size()),
          "choose a larger vocabulary");
    }
    Merging merging = new Merging(new TreeMap<>(counts));
    List<String> merges = new ArrayList<>();
    while (merging.tokens.size() < BYTES + wanted) {
      String merge = merging.next();
      if (merge.isEmpty()) {
        throw new AdaptException(
            "train-bad-vocabulary",
            "the text has too few different words for the vocabulary",
            "size=" + size,
            "at most " + (merging.tokens.size() + SPECIAL.size()),
            "give more text, or choose a smaller vocabulary");
      }
      merges.add(merge);
    }
    List<String> tokens = new ArrayList<>(merging.tokens);
    tokens.addAll(SPECIAL);
    return new LearnedVocabulary(family, List.copyOf(tokens), merges, SPECIAL.size());
  }

  private record Candidate(long count, int left, int right) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int order = Long.compare(other.count, count);
      order = order != 0 ? order : Integer.compare(left, other.left);
      return order != 0 ? order : Integer.compare(right, other.right);
    }
  }

  /** How often a pair is there, and in which pieces it was met. */
  private static final class Pair {
    private long count;
    private int[] pieces = new int[4];
    private int size;

    void add(int piece) {
      if (size > 0 && pieces[size - 1] == piece) {
        return;
      }
      if (size == pieces.length) {
        pieces = Arrays.copyOf(pieces, 2 * size);
      }
      pieces[size++] = piece;
    }
  }

  private static final class Merging {
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final int[][] pieces; // tokens of each piece
    private final int[] lengths;
    private final long[] often;
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> heap = new PriorityQueue<>();

    Merging(Map<String, Long> counts) {
      for (int b = 0; b < BYTES; b++) {
        token(spell(b));
      }
      pieces = new int[counts.size()][];
      lengths = new int[pieces.length];
      often = new long[pieces.length];
      int i = 0;
      for (Map.Entry<String, Long> entry : counts.entrySet()) {
        String piece = entry.getKey();
        pieces[i] = new int[piece.length()];
        lengths[i] = piece.length();
        often[i] = entry.getValue();
        for (int c = 0; c < piece.length(); c++) {
          pieces[i][c] = token(String.valueOf(piece.charAt(c)));
        }
        i++;
      }
      for (int piece = 0; piece < pieces.length; piece++) {
        for (int at = 0; at + 1 < lengths[piece]; at++) {
          change(pieces[piece][at], pieces[piece][at + 1], piece, often[piece]);
        }
      }
      pairs.forEach((key, pair) -> push(key, pair));
    }

    /** GPT-2's spelling of a byte: itself where it prints, else a letter from U+0100 on. */
    private static String spell(int b) {
      int next = 0x100;
      for (int other = 0; other <= b; other++) {
        boolean prints =
            (other >= '!' && other <= '~') || (other >= 0xA1 && other <= 0xAC) || other >= 0xAE;
        if (other == b) {
          return Character.toString(prints ? b : next);
        }
        next += prints ? 0 : 1;
      }
      throw new IllegalArgumentException("b=" + b);
    }

    private int token(String text) {
      Integer known = ids.get(text);
      if (known != null) {
        return known;
      }
      ids.put(text, tokens.size());
      tokens.add(text);
      return tokens.size() - 1;
    }

    private static long key(int left, int right) {
      return ((long) left << 32) | right;
    }

    private void push(long key, Pair pair) {
      if (pair.count > 0) {
        heap.add(new Candidate(pair.count, (int) (key >> 32), (int) key));
      }
    }

    private Pair change(int left, int right, int piece, long by) {
      Pair pair = pairs.computeIfAbsent(key(left, right), key -> new Pair());
      pair.count += by;
      if (by > 0) {
        pair.add(piece);
      }
      return pair;
    }

    /** Merges the commonest pair and returns it as a line of merges; empty if there is none. */
    String next() {
      while (!heap.isEmpty()) {
        Candidate best = heap.poll();
        long key = key(best.left, best.right);
        Pair pair = pairs.get(key);
        if (pair == null) {
          continue;
        }
        if (pair.count != best.count) {
          push(key, pair); // an entry from before other merges
          continue;
        }
        pairs.remove(key);
        String line = tokens.get(best.left) + " " + tokens.get(best.right);
        int merged = token(tokens.get(best.left) + tokens.get(best.right));
        merge(best.left, best.right, merged, pair);
        return line;
      }
      return "";
    }

    private void merge(int left, int right, int merged, Pair pair) {
      Map<Long, Pair> touched = new TreeMap<>();
      for (int i = 0; i < pair.size; i++) {
        mergeIn(pair.pieces[i], left, right, merged, touched);
      }
      touched.remove(key(left, right));
      touched.forEach(this::push);
      pairs.remove(key(left, right));
    }

    private void mergeIn(int piece, int left, int right, int merged, Map<Long, Pair> touched) {
      int[] of = pieces[piece];
      int length = lengths[piece];
      long count = often[piece];
      int to = 0;
      for (int at = 0; at < length; at++) {
        if (at + 1 < length && of[at] == left && of[at + 1] == right) {
          if (to > 0) {
            change(of[to - 1], left, piece, -count);
            touch(of[to - 1], merged, piece, count, touched);
          }
          if (at + 2 < length) {
            change(right, of[at + 2], piece, -count);
            touch(merged, of[at + 2], piece, count, touched);
          }
          of[to++] = merged;
          at++;
        } else {
          of[to++] = of[at];
        }
      }
      lengths[piece] = to;
    }

    private void touch(int left, int right, int piece, long count, Map<Long, Pair> touched) {
      touched.put(key(left, right), change(left, right, piece, count));
    }
  }
}
