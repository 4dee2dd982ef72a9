package io.moineau.text.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Finds the first of several texts in a stream of bytes: Aho and Corasick, 1975. */
final class KeywordAutomaton {
  private final List<int[]> next = new ArrayList<>(); // [state][byte]
  private final List<Boolean> ends = new ArrayList<>();

  private KeywordAutomaton() {}

  static KeywordAutomaton of(List<byte[]> keywords) {
    KeywordAutomaton out = new KeywordAutomaton();
    out.state();
    for (byte[] keyword : keywords) {
      int at = 0;
      for (byte value : keyword) {
        int[] row = out.next.get(at);
        if (row[value & 0xFF] < 0) {
          row[value & 0xFF] = out.state();
        }
        at = row[value & 0xFF];
      }
      out.ends.set(at, true);
    }
    out.link();
    return out;
  }

  private int state() {
    int[] row = new int[256];
    Arrays.fill(row, -1);
    next.add(row);
    ends.add(false);
    return next.size() - 1;
  }

  /** Fills in where a keyword breaks off: with what was read, another may have begun. */
  private void link() {
    int[] failure = new int[next.size()];
    Deque<Integer> todo = new ArrayDeque<>(List.of(0));
    while (!todo.isEmpty()) {
      int at = todo.remove();
      int[] row = next.get(at);
      for (int value = 0; value < 256; value++) {
        int otherwise = at == 0 ? 0 : next.get(failure[at])[value];
        if (row[value] < 0) {
          row[value] = otherwise;
        } else {
          failure[row[value]] = otherwise;
          if (ends.get(otherwise)) {
            ends.set(row[value], true);
          }
          todo.add(row[value]);
        }
      }
    }
  }

  int size() {
    return next.size();
  }

  int next(int state, int value) {
    return next.get(state)[value];
  }

  /** Whether a keyword ends here. */
  boolean isEnd(int state) {
    return ends.get(state);
  }
}
