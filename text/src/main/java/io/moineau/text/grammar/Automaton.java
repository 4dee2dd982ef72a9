package io.moineau.text.grammar;

import io.moineau.text.grammar.Expr.TokenName;
import java.util.List;

/**
 * A grammar as nodes over bytes; immutable. A rule is an automaton of its own, which others call:
 * with a stack of what to come back to, this is a pushdown automaton.
 *
 * <p>Rules that end with a call become a jump, so that a list written by right recursion does not
 * grow the stack.
 */
final class Automaton {
  /** What a node does. */
  enum Kind {
    /** Reads a byte that is in one of its ranges; {@code links}: first, last, target of each. */
    BYTES,
    /** Reads a whole token; {@code a}: its number in {@link #tokens}, {@code b}: what follows. */
    TOKEN,
    /** Goes to all of {@code links} at once. */
    SPLIT,
    /** Goes to {@code a}, to come back to {@code b}. */
    CALL,
    /** Goes to {@code a} at least {@code min} and at most {@code max} times, then to {@code b}. */
    REPEAT,
    /** Goes back. */
    RETURN,
    /** As {@link #BYTES}, in text that is free: special tokens may come too, and it may end. */
    FREE
  }

  final Kind[] kinds;
  final int[] a;
  final int[] b;
  final int[] min;
  final int[] max;
  final int[][] links;
  final List<TokenRef> tokens;
  final int start;

  /** The class of each byte: bytes of one class lead to the same states everywhere. */
  final byte[] classOf = new byte[256];

  final int numClasses;
  final int[] byteOfClass; // one of each

  /** A token that a grammar names. */
  record TokenRef(TokenName name, boolean negated) {}

  Automaton(
      Kind[] kinds,
      int[] a,
      int[] b,
      int[] min,
      int[] max,
      int[][] links,
      List<TokenRef> tokens,
      int start) {
    this.kinds = kinds;
    this.a = a;
    this.b = b;
    this.min = min;
    this.max = max;
    this.links = links;
    this.tokens = List.copyOf(tokens);
    this.start = start;
    boolean[] begins = new boolean[257];
    begins[0] = true;
    for (int node = 0; node < kinds.length; node++) {
      if (kinds[node] == Kind.BYTES || kinds[node] == Kind.FREE) {
        for (int i = 0; i < links[node].length; i += 3) {
          begins[links[node][i]] = true;
          begins[links[node][i + 1] + 1] = true;
        }
      }
    }
    int[] representatives = new int[256];
    int n = 0;
    for (int value = 0; value < 256; value++) {
      if (begins[value]) {
        representatives[n++] = value;
      }
      classOf[value] = (byte) (n - 1);
    }
    numClasses = n;
    byteOfClass = java.util.Arrays.copyOf(representatives, n);
  }

  int classOf(int value) {
    return classOf[value & 0xFF] & 0xFF;
  }

  int size() {
    return kinds.length;
  }
}
