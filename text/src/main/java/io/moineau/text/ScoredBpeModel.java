package io.moineau.text;

import java.util.PriorityQueue;

/**
 * SentencePiece's BPE (arXiv 1808.06226): of all neighbours whose joined text is a token, those
 * with the highest score are merged first, the leftmost where scores are equal.
 */
final class ScoredBpeModel implements TokenModel {
  private final Vocabulary vocabulary;
  private final float[] scores;
  private final boolean[] mergeable;
  private final ByteFallback fallback;

  /** {@code mergeable[id]} is false for tokens that no text may become, such as control tokens. */
  ScoredBpeModel(
      Vocabulary vocabulary, float[] scores, boolean[] mergeable, ByteFallback fallback) {
    this.vocabulary = vocabulary;
    this.scores = scores;
    this.mergeable = mergeable;
    this.fallback = fallback;
  }

  private record Candidate(float score, int left, int right, int end)
      implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byScore = Float.compare(other.score, score);
      return byScore != 0 ? byScore : Integer.compare(left, other.left);
    }
  }

  @Override
  public void encode(String piece, IntList out) {
    int length = piece.length();
    int[] end = new int[length]; // by start of a symbol: where it ends; 0 once merged into another
    int[] previous = new int[length];
    PriorityQueue<Candidate> queue = new PriorityQueue<>();
    int before = -1;
    for (int i = 0; i < length; i = end[i]) {
      end[i] = i + Character.charCount(piece.codePointAt(i));
      previous[i] = before;
      offer(queue, piece, end, before, i);
      before = i;
    }
    while (!queue.isEmpty()) {
      Candidate best = queue.remove();
      // Both must be as they were when the pair was found.
      if (end[best.left] != best.right || end[best.right] != best.end) {
        continue;
      }
      end[best.left] = best.end;
      end[best.right] = 0;
      if (best.end < length) {
        previous[best.end] = best.left;
      }
      offer(queue, piece, end, previous[best.left], best.left);
      if (best.end < length) {
        offer(queue, piece, end, best.left, best.end);
      }
    }
    int start = out.size();
    for (int i = 0; i < length; i = end[i]) {
      String symbol = piece.substring(i, end[i]);
      int id = vocabulary.id(symbol);
      if (id >= 0 && mergeable[id]) {
        out.add(id);
      } else {
        fallback.add(symbol, out, start);
      }
    }
  }

  private void offer(PriorityQueue<Candidate> queue, String piece, int[] end, int left, int right) {
    if (left < 0) {
      return;
    }
    int id = vocabulary.id(piece.substring(left, end[right]));
    if (id >= 0 && mergeable[id]) {
      queue.add(new Candidate(scores[id], left, right, end[right]));
    }
  }

  @Override
  public String describe() {
    return "SentencePiece BPE";
  }
}
