package io.moineau.bench.fuzz;

import java.util.List;

/** A reader under test and the sound inputs that are mutated for it. */
interface FuzzTarget {
  /** How a sample is damaged. */
  enum Damage {
    /** Anywhere, and in its fields more than elsewhere. */
    BYTES,
    /** Mostly in its fields, one at a time, so that it stays readable and only means odd things. */
    FIELDS,
    /** Mostly by values of JSON in place of others, so that it stays JSON. */
    JSON,
    /** Mostly by words, marks and operators of the text in place of others. */
    WORDS
  }

  /** A sound input. */
  record Sample(byte[] bytes, List<Field> fields, Damage damage) {
    Sample(byte[] bytes, List<Field> fields) {
      this(bytes, fields, Damage.BYTES);
    }
  }

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

  /** The most milliseconds of processor time that an input may take. */
  default long mostMillis() {
    return 2_000;
  }

  /** The most bytes that may be allocated for an input, in all and not at once. */
  default long mostBytes(byte[] input) {
    return 200L * input.length + (16L << 20);
  }
}
