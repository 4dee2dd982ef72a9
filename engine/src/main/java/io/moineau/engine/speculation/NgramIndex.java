package io.moineau.engine.speculation;

import io.moineau.engine.sampling.TokenList;
import java.util.Arrays;

/**
 * Drafts what followed the last time that the newest tokens of a sequence stood in it (prompt
 * look-up decoding: Saxena 2023; vLLM's {@code ngram}, llama.cpp's {@code lookup}).
 *
 * <p>Every pair of tokens is entered as it comes: a table leads from its hash to its newest place,
 * and from each place a link leads to the one before, as in LZ77's hash chains (RFC 1951, section
 * 4). Of the places on the chain, at most {@link #MOST_TRIED}, the one wins before which most
 * tokens equal the newest ones; of equals the newest. So a token costs a bounded amount of work,
 * however long the text is and however often it repeats.
 */
public final class NgramIndex {
  /** Tokens that must be the same for a place to count. */
  static final int FEWEST_SAME = 2;

  /** More tokens that are the same do not make a place better. */
  static final int MOST_SAME = 8;

  private static final int MOST_TRIED = 24;
  private static final int NONE = -1;

  private final TokenList tokens;
  private int[] newest; // [power of two]: position of the last token of a pair with this hash
  private int[] before = new int[0]; // [position]: the place before it on its chain
  private int numEntered; // positions below are on their chains
  private int same;

  /** An index of tokens that others append to. */
  public NgramIndex(TokenList tokens) {
    this.tokens = tokens;
    this.newest = new int[256];
    Arrays.fill(newest, NONE);
  }

  /**
   * Drafts tokens that may come next.
   *
   * @param draft filled from its beginning; what goes beyond the text repeats the draft itself
   * @param most at most this many
   * @return how many were drafted, 0 if the newest tokens never stood here before
   */
  public int draft(int[] draft, int most) {
    int size = tokens.size();
    same = 0;
    if (size < FEWEST_SAME + 1 || most < 1) {
      return 0;
    }
    enter(size - 1);
    int best = NONE;
    int place = newest[slot(size - 1)];
    for (int tried = 0; place != NONE && tried < MOST_TRIED && same < MOST_SAME; tried++) {
      int n = sameBefore(place, size - 1);
      if (n > same) {
        same = n;
        best = place;
      }
      place = before[place];
    }
    if (same < FEWEST_SAME) {
      same = 0;
      return 0;
    }
    for (int i = 0; i < most; i++) {
      int from = best + 1 + i;
      draft[i] = from < size ? tokens.get(from) : draft[from - size];
    }
    return most;
  }

  /** How many tokens before the last draft equalled those before the place that it came from. */
  public int same() {
    return same;
  }

  private int sameBefore(int place, int end) {
    int n = 0;
    while (n < MOST_SAME && n <= place && tokens.get(place - n) == tokens.get(end - n)) {
      n++;
    }
    return n;
  }

  /** Enters the places below {@code end}: what follows them is known. */
  private void enter(int end) {
    if (end > before.length) {
      before = Arrays.copyOf(before, Math.max(end + 64, before.length + (before.length >> 1)));
    }
    if (end > newest.length) {
      // Twice as wide: chains of other pairs stay short. All places are entered again.
      newest = new int[Integer.highestOneBit(end) << 2];
      Arrays.fill(newest, NONE);
      numEntered = 0;
    }
    for (int i = Math.max(1, numEntered); i < end; i++) {
      int slot = slot(i);
      before[i] = newest[slot];
      newest[slot] = i;
    }
    numEntered = end;
  }

  private int slot(int last) {
    int hash = tokens.get(last - 1) * 0x9E3779B1 + tokens.get(last) * 0x85EBCA6B;
    return (hash ^ hash >>> 15) & newest.length - 1;
  }
}
