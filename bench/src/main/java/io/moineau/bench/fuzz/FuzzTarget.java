package io.moineau.bench.fuzz;

import java.util.List;

/** A reader under test and the sound inputs that are mutated for it. */
interface FuzzTarget {
  /** A sound input. */
  record Sample(byte[] bytes, List<Field> fields) {}

  /**
   * A place of a sample where a number stands that says how the rest is to be read.
   *
   * @param width in bytes
   */
  record Field(int offset, int width) {}

  /** What reports call it. */
  String name();

  /** The sound inputs, at least one. */
  List<Sample> samples();

  /**
   * Reads an input as a program would, and looks at all it gave.
   *
   * @throws io.moineau.error.MoineauException if the input is damaged: all else is a fault
   */
  void read(byte[] input);
}
