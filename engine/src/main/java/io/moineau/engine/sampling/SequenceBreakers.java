package io.moineau.engine.sampling;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The token sequences that contain or complete a breaker of DRY: for each token that may begin one
 * (its head), what must follow (its tails).
 *
 * <p>A breaker may end inside a token or begin in the middle of one, so every token of the
 * vocabulary is looked at once (as koboldcpp pull request 982 does, and llama.cpp after it).
 */
public final class SequenceBreakers {
  private static final int LONGEST_TEXT = 40;
  private static final int LONGEST_TAIL = 20;
  private static final int[] NOTHING = {};

  private int[] heads; // rising
  private int[][] tails; // tails[i] belongs to heads[i]
  private int size;

  private SequenceBreakers(int capacity) {
    heads = new int[capacity];
    tails = new int[capacity][];
  }

  /** None. */
  public static SequenceBreakers none() {
    return new SequenceBreakers(0);
  }

  /** These token sequences; empty ones count for nothing. */
  static SequenceBreakers ofTokens(List<int[]> sequences) {
    SequenceBreakers breakers = new SequenceBreakers(sequences.size());
    sequences.stream()
        .filter(sequence -> sequence.length > 0)
        .sorted((a, b) -> Integer.compare(a[0], b[0]))
        .forEach(s -> breakers.add(s[0], Arrays.copyOfRange(s, 1, s.length)));
    return breakers;
  }

  /**
   * The sequences for these texts.
   *
   * @param text the text of a token
   * @param encode tokens of a text, with no special ones
   */
  public static SequenceBreakers of(
      List<String> texts, int vocabSize, IntFunction<String> text, Function<String, int[]> encode) {
    SequenceBreakers breakers = new SequenceBreakers(64);
    for (int token = 0; token < vocabSize; token++) {
      String word = text.apply(token);
      int first = breakers.size;
      for (String whole : texts) {
        String breaker = whole.length() > LONGEST_TEXT ? whole.substring(0, LONGEST_TEXT) : whole;
        if (!breaker.isEmpty()) {
          breakers.overlap(token, word, breaker, first, encode);
        }
      }
    }
    return breakers;
  }

  private void overlap(
      int token, String word, String breaker, int first, Function<String, int[]> encode) {
    if (word.contains(breaker)) {
      addOnce(token, NOTHING, first);
      return;
    }
    int from = Math.max(0, word.length() - breaker.length() + 1);
    for (int at = from; at < word.length(); at++) {
      int overlap = word.length() - at;
      if (word.startsWith(breaker.substring(0, overlap), at)) {
        int[] tail = encode.apply(breaker.substring(overlap));
        addOnce(token, Arrays.copyOf(tail, Math.min(tail.length, LONGEST_TAIL)), first);
      }
    }
  }

  private void addOnce(int token, int[] tail, int first) {
    for (int i = first; i < size; i++) {
      if (Arrays.equals(tails[i], tail)) {
        return;
      }
    }
    add(token, tail);
  }

  private void add(int head, int[] tail) {
    if (size == heads.length) {
      heads = Arrays.copyOf(heads, Math.max(16, size * 2));
      tails = Arrays.copyOf(tails, Math.max(16, size * 2));
    }
    heads[size] = head;
    tails[size++] = tail;
  }

  /** Whether this token alone breaks a sequence. */
  boolean isSingle(int token) {
    for (int i = first(token); i < size && heads[i] == token; i++) {
      if (tails[i].length == 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Length of the longest tail that follows the head {@code back} tokens before the newest, or -1
   * where no breaker begins there.
   */
  int longestTail(TokenList history, int back) {
    int token = history.fromEnd(back);
    int longest = -1;
    for (int i = first(token); i < size && heads[i] == token; i++) {
      int[] tail = tails[i];
      if (tail.length > longest && tail.length <= back && follows(history, back, tail)) {
        longest = tail.length;
      }
    }
    return longest;
  }

  private static boolean follows(TokenList history, int back, int[] tail) {
    for (int i = 0; i < tail.length; i++) {
      if (history.fromEnd(back - 1 - i) != tail[i]) {
        return false;
      }
    }
    return true;
  }

  private int first(int token) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (heads[middle] < token) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
