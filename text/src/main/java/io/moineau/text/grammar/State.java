package io.moineau.text.grammar;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a text so far leaves open: places in the automaton, each with its stack. Equal
 * states of one {@link StateTable} are one object, so that what is found out about one is kept.
 *
 * <p>Several threads may look at one: what they add is the same whoever adds it.
 */
final class State {
  final int[] nodes; // each reads a byte or a token
  final Frame[] frames;
  final boolean ends; // the text may end here
  final boolean escapes; // an unknown stack goes on from here
  final boolean free; // text is free here
  private final int hash;

  /** Where a byte of each class leads; null until asked for. */
  final @Nullable State[] next;

  /** Which tokens may come, as {@link MaskTable} fills it in. */
  volatile long @Nullable [] mask;

  private final StateTable table;

  State(
      StateTable table,
      int[] nodes,
      Frame[] frames,
      boolean ends,
      boolean escapes,
      boolean free,
      int numClasses) {
    this.table = table;
    this.nodes = nodes;
    this.frames = frames;
    this.ends = ends;
    this.escapes = escapes;
    this.free = free;
    this.next = new State[numClasses];
    int h = (ends ? 1 : 0) + (escapes ? 2 : 0);
    for (int i = 0; i < nodes.length; i++) {
      h = 31 * (31 * h + nodes[i]) + frames[i].id;
    }
    this.hash = h;
  }

  /** Whether it is of a table, and may be used with it. */
  boolean isOf(StateTable one) {
    return table == one;
  }

  /** Whether nothing goes on from here and nothing ends. */
  boolean isDead() {
    return nodes.length == 0 && !ends && !escapes;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof State other
        && hash == other.hash
        && ends == other.ends
        && escapes == other.escapes
        && Arrays.equals(nodes, other.nodes)
        && sameFrames(other);
  }

  private boolean sameFrames(State other) {
    for (int i = 0; i < frames.length; i++) {
      if (frames[i] != other.frames[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
