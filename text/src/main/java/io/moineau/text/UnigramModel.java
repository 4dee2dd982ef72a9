package io.moineau.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The unigram language model (arXiv 1804.10959): of all ways to cut a text into tokens, the one
 * with the highest sum of scores, found by Viterbi's algorithm.
 */
final class UnigramModel implements TokenModel {
  /** What an unknown character costs beyond the worst token. */
  private static final float UNKNOWN_PENALTY = 10;

  private final Map<String, Integer> ids = new HashMap<>();
  private final float[] scores;
  private final ByteFallback fallback;
  private final float unknownScore;
  private final int longest;

  UnigramModel(Vocabulary vocabulary, float[] scores, boolean[] usable, ByteFallback fallback) {
    this.scores = scores;
    this.fallback = fallback;
    float worst = 0;
    int most = 1;
    for (int i = 0; i < scores.length; i++) {
      String token = vocabulary.token(i);
      if (usable[i] && !token.isEmpty()) {
        ids.putIfAbsent(token, i);
        worst = Math.min(worst, scores[i]);
        most = Math.max(most, token.length());
      }
    }
    unknownScore = worst - UNKNOWN_PENALTY;
    longest = most;
  }

  @Override
  public void encode(String piece, IntList out) {
    int length = piece.length();
    double[] best = new double[length + 1];
    int[] from = new int[length + 1];
    int[] id = new int[length + 1];
    java.util.Arrays.fill(best, Double.NEGATIVE_INFINITY);
    best[0] = 0;
    for (int i = 0; i < length; i++) {
      if (best[i] == Double.NEGATIVE_INFINITY) {
        continue;
      }
      int one = i + Character.charCount(piece.codePointAt(i));
      boolean single = false;
      for (int end = one; end <= Math.min(length, i + longest); end++) {
        Integer token = ids.get(piece.substring(i, end));
        if (token != null) {
          single |= end == one;
          take(best, from, id, i, end, best[i] + scores[token], token);
        }
      }
      if (!single) {
        take(best, from, id, i, one, best[i] + unknownScore, -1);
      }
    }
    List<int[]> cuts = new ArrayList<>();
    for (int end = length; end > 0; end = from[end]) {
      cuts.add(new int[] {from[end], end, id[end]});
    }
    int start = out.size();
    for (int i = cuts.size() - 1; i >= 0; i--) {
      int[] cut = cuts.get(i);
      if (cut[2] >= 0) {
        out.add(cut[2]);
      } else {
        fallback.add(piece.substring(cut[0], cut[1]), out, start);
      }
    }
  }

  private static void take(
      double[] best, int[] from, int[] id, int start, int end, double score, int token) {
    if (score > best[end]) {
      best[end] = score;
      from[end] = start;
      id[end] = token;
    }
  }

  @Override
  public String describe() {
    return "unigram";
  }
}
