package io.moineau.text.grammar;

import org.jspecify.annotations.Nullable;

/**
 * What an automaton comes back to: an element of a stack that grows at its top and shares all below
 * (a graph-structured stack, Tomita 1985). Equal stacks of one {@link StateTable} are one object.
 */
final class Frame {
  /** Bottom of the stack of a whole text. */
  static final int BOTTOM = -1;

  /** Bottom of a stack of which only the top is known. */
  static final int UNKNOWN = -2;

  final int id;
  final @Nullable Frame parent; // null for a bottom
  final int node; // to come back to: of a call what follows it, of a repetition itself; or a bottom
  final boolean repeats;

  /** For a repetition: how many items must and may follow the one that is being read. */
  final int min;

  final int max;

  /** What comes back from here, as a state; null until asked for. */
  @Nullable State popped;

  Frame(int id, @Nullable Frame parent, int node, boolean repeats, int min, int max) {
    this.id = id;
    this.parent = parent;
    this.node = node;
    this.repeats = repeats;
    this.min = min;
    this.max = max;
  }

  Frame below() {
    if (parent == null) {
      throw new IllegalStateException("a bottom has nothing below it");
    }
    return parent;
  }
}
