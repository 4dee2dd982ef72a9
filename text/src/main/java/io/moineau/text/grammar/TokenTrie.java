package io.moineau.text.grammar;

import java.util.Arrays;
import java.util.List;

/**
 * Tokens by their bytes, as a tree in one array, parents before children: what a beginning forbids,
 * all tokens that begin so are passed over at once.
 */
final class TokenTrie {
  /** Of each node: its byte, its depth (1 for a first byte), and the node after all below it. */
  final byte[] label;

  final int[] depth;
  final int[] end;

  /** Tokens of node {@code i}: {@code order[tokenAt[i]]} up to {@code order[tokenAt[i + 1]]}. */
  final int[] tokenAt;

  final int[] order;
  final int deepest;

  private TokenTrie(byte[] label, int[] depth, int[] end, int[] tokenAt, int[] order, int deepest) {
    this.label = label;
    this.depth = depth;
    this.end = end;
    this.tokenAt = tokenAt;
    this.order = order;
    this.deepest = deepest;
  }

  /** A token and its bytes, one or more. */
  record Entry(int token, byte[] bytes) {}

  static TokenTrie of(List<Entry> tokens) {
    Entry[] sorted = tokens.toArray(new Entry[0]);
    Arrays.sort(
        sorted,
        (x, y) -> {
          int c = Arrays.compareUnsigned(x.bytes(), y.bytes());
          return c != 0 ? c : Integer.compare(x.token(), y.token());
        });
    int nodes = 0;
    int deepest = 0;
    byte[] last = new byte[0];
    for (Entry entry : sorted) {
      nodes += entry.bytes().length - common(last, entry.bytes());
      deepest = Math.max(deepest, entry.bytes().length);
      last = entry.bytes();
    }
    TokenTrie trie =
        new TokenTrie(
            new byte[nodes],
            new int[nodes],
            new int[nodes],
            new int[nodes + 1],
            new int[sorted.length],
            deepest);
    trie.fill(sorted);
    return trie;
  }

  private static int common(byte[] x, byte[] y) {
    int mismatch = Arrays.mismatch(x, y);
    return mismatch < 0 ? x.length : mismatch;
  }

  private void fill(Entry[] sorted) {
    int[] path = new int[deepest + 1]; // the open node of each depth
    int open = 0;
    int node = 0;
    byte[] last = new byte[0];
    for (int i = 0; i < sorted.length; i++) {
      byte[] bytes = sorted[i].bytes();
      int keep = common(last, bytes);
      while (open > keep) {
        end[path[open--]] = node;
      }
      while (open < bytes.length) {
        label[node] = bytes[open];
        depth[node] = ++open;
        path[open] = node;
        tokenAt[node] = i; // those of a node come before those below it
        node++;
      }
      order[i] = sorted[i].token();
      last = bytes;
    }
    while (open > 0) {
      end[path[open--]] = node;
    }
    tokenAt[node] = sorted.length;
  }

  int size() {
    return label.length;
  }
}
