package io.moineau.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The unigram language model (arXiv 1804.10959): of all ways to cut a text into tokens, the one
 * with the highest sum of scores, found by Viterbi's algorithm.
 */
final class UnigramModel implements TokenModel {
  /** What an unknown character costs beyond the worst token. */
  private static final float UNKNOWN_PENALTY = 10;

  private static final long LARGEST_TRIE = 1 << 25;

  /** A trie: node and next character to the next node. No text is looked at past its tokens. */
  private final MergeTable trie;

  private final int[] tokenOf; // [numNodes] the token that ends at a node, or -1
  private final float[] scores;
  private final ByteFallback fallback;
  private final float unknownScore;

  UnigramModel(Vocabulary vocabulary, float[] scores, boolean[] usable, ByteFallback fallback) {
    this.scores = scores;
    this.fallback = fallback;
    float worst = 0;
    long chars = 1;
    for (int i = 0; i < scores.length; i++) {
      chars += usable[i] ? vocabulary.token(i).length() : 0;
    }
    if (chars > LARGEST_TRIE) {
      throw new TextException(
          "tokenizer-too-large",
          "a tokenizer's tokens are too long",
          chars + " characters in all",
          "at most " + LARGEST_TRIE,
          "this is no tokenizer");
    }
    trie = new MergeTable((int) chars);
    tokenOf = new int[(int) chars];
    Arrays.fill(tokenOf, -1);
    int nodes = 1;
    for (int i = 0; i < scores.length; i++) {
      String token = vocabulary.token(i);
      if (!usable[i] || token.isEmpty()) {
        continue;
      }
      int node = 0;
      for (int at = 0; at < token.length(); at++) {
        long next = trie.find(node, token.charAt(at));
        if (next < 0) {
          trie.put(node, token.charAt(at), 0, nodes);
          next = nodes++;
        }
        node = (int) next;
      }
      if (tokenOf[node] < 0) {
        tokenOf[node] = i;
      }
      worst = Math.min(worst, scores[i]);
    }
    unknownScore = worst - UNKNOWN_PENALTY;
  }

  @Override
  public void encode(String piece, IntList out) {
    int length = piece.length();
    double[] best = new double[length + 1];
    int[] from = new int[length + 1];
    int[] id = new int[length + 1];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    best[0] = 0;
    for (int i = 0; i < length; i++) {
      if (best[i] == Double.NEGATIVE_INFINITY) {
        continue;
      }
      int one = i + Character.charCount(piece.codePointAt(i));
      boolean single = false;
      long node = 0;
      for (int end = i + 1; end <= length; end++) {
        node = trie.find((int) node, piece.charAt(end - 1));
        if (node < 0) {
          break;
        }
        int token = tokenOf[(int) node];
        if (token >= 0) {
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
