package io.moineau.text;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Byte-pair encoding (arXiv 1508.07909): the pair of neighbours whose merge was learnt first is
 * merged, the leftmost where the same pair stands twice, until none is left.
 *
 * <p>With a queue of candidates over a linked list a word of n characters takes n log n steps, as
 * the reference implementations do it.
 */
final class BpeModel implements TokenModel {
  private final Vocabulary vocabulary;
  private final Vocabulary words;
  private final MergeTable merges;
  private final ByteFallback fallback;
  private final boolean ignoreMerges;
  private final String subwordPrefix;
  private final String wordSuffix;

  /**
   * @param words the vocabulary without its special tokens, which no text may become
   * @param merges pairs of tokens in the order in which they were learnt
   * @param ignoreMerges whether a word that is a token is taken as it is
   */
  BpeModel(
      Vocabulary vocabulary,
      Vocabulary words,
      List<String[]> merges,
      ByteFallback fallback,
      boolean ignoreMerges,
      String subwordPrefix,
      String wordSuffix) {
    this.vocabulary = vocabulary;
    this.words = words;
    this.fallback = fallback;
    this.ignoreMerges = ignoreMerges;
    this.subwordPrefix = subwordPrefix;
    this.wordSuffix = wordSuffix;
    this.merges = new MergeTable(merges.size());
    int rank = 0;
    for (String[] pair : merges) {
      int left = vocabulary.id(pair[0]);
      int right = vocabulary.id(pair[1]);
      String tail =
          !subwordPrefix.isEmpty() && pair[1].startsWith(subwordPrefix)
              ? pair[1].substring(subwordPrefix.length())
              : pair[1];
      int merged = vocabulary.id(pair[0] + tail);
      if (left < 0 || right < 0 || merged < 0) {
        throw new TextException(
            "tokenizer-bad-merge",
            "a merge names a token that is not in the vocabulary",
            "merge " + rank + ": \"" + pair[0] + "\" \"" + pair[1] + "\"",
            "tokens of the vocabulary, whose joined text is one too",
            "the tokenizer is damaged; convert it again");
      }
      this.merges.put(left, right, rank, merged);
      rank++;
    }
  }

  @Override
  public void encode(String piece, IntList out) {
    if (piece.isEmpty()) {
      return;
    }
    if (ignoreMerges) {
      int whole = words.id(piece);
      if (whole >= 0) {
        out.add(whole);
        return;
      }
    }
    int[] ids = symbols(piece);
    if (ids.length > 1) {
      merge(ids, out);
    } else if (ids.length == 1) {
      out.add(ids[0]);
    }
  }

  private int[] symbols(String piece) {
    IntList symbols = new IntList();
    int length = piece.length();
    for (int i = 0; i < length; ) {
      int next = i + Character.charCount(piece.codePointAt(i));
      String symbol = piece.substring(i, next);
      if (i > 0 && !subwordPrefix.isEmpty()) {
        symbol = subwordPrefix + symbol;
      }
      if (next == length && !wordSuffix.isEmpty()) {
        symbol = symbol + wordSuffix;
      }
      int id = vocabulary.id(symbol);
      if (id >= 0) {
        symbols.add(id);
      } else {
        fallback.add(symbol, symbols, 0);
      }
      i = next;
    }
    return symbols.toArray();
  }

  private record Candidate(int rank, int position, int left, int right, int merged)
      implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byRank = Integer.compare(rank, other.rank);
      return byRank != 0 ? byRank : Integer.compare(position, other.position);
    }
  }

  private void merge(int[] ids, IntList out) {
    if (ids.length <= 24) {
      mergeShort(ids, out);
      return;
    }
    int n = ids.length;
    int[] next = new int[n];
    int[] previous = new int[n];
    PriorityQueue<Candidate> queue = new PriorityQueue<>();
    for (int i = 0; i < n; i++) {
      next[i] = i + 1 < n ? i + 1 : -1;
      previous[i] = i - 1;
      offer(queue, ids, i, next[i]);
    }
    while (!queue.isEmpty()) {
      Candidate best = queue.remove();
      int left = best.position;
      int right = ids[left] == best.left ? next[left] : -1;
      if (right < 0 || ids[right] != best.right) {
        continue; // one of the two was merged meanwhile
      }
      ids[left] = best.merged;
      ids[right] = -1;
      next[left] = next[right];
      if (next[left] >= 0) {
        previous[next[left]] = left;
      }
      offer(queue, ids, previous[left], left);
      offer(queue, ids, left, next[left]);
    }
    for (int i = 0; i >= 0; i = next[i]) {
      out.add(ids[i]);
    }
  }

  private void offer(PriorityQueue<Candidate> queue, int[] ids, int left, int right) {
    if (left >= 0 && right >= 0) {
      long found = merges.find(ids[left], ids[right]);
      if (found >= 0) {
        queue.add(new Candidate((int) (found >>> 32), left, ids[left], ids[right], (int) found));
      }
    }
  }

  /** A word of usual length: looking at every pair again is faster than a queue. */
  private void mergeShort(int[] ids, IntList out) {
    int n = ids.length;
    while (n > 1) {
      long best = Long.MAX_VALUE;
      int at = -1;
      for (int i = 0; i + 1 < n; i++) {
        long found = merges.find(ids[i], ids[i + 1]);
        if (found >= 0 && found >>> 32 < best >>> 32) {
          best = found;
          at = i;
        }
      }
      if (at < 0) {
        break;
      }
      ids[at] = (int) best;
      System.arraycopy(ids, at + 2, ids, at + 1, n - at - 2);
      n--;
    }
    for (int i = 0; i < n; i++) {
      out.add(ids[i]);
    }
  }

  @Override
  public String describe() {
    return "BPE";
  }

  /** Splits merges written as {@code "left right"}. */
  static List<String[]> split(List<String> lines) {
    List<String[]> pairs = new ArrayList<>(lines.size());
    for (String line : lines) {
      int space = line.indexOf(' ', 1);
      if (space < 0 || space == line.length() - 1) {
        throw new TextException(
            "tokenizer-bad-merge",
            "a merge is not two tokens",
            "merge " + pairs.size() + ": \"" + line + "\"",
            "two tokens with a space between them",
            "the tokenizer is damaged; convert it again");
      }
      pairs.add(new String[] {line.substring(0, space), line.substring(space + 1)});
    }
    return pairs;
  }
}
