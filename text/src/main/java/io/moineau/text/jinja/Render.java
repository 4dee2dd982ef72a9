package io.moineau.text.jinja;

import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of a template: its context, the line it is at, and what it has used of its limits.
 *
 * <p>A template comes with a model file from anywhere. What it may do is bounded: text built in
 * all, the length of one string, rounds of loops and calls, depth of calls.
 */
final class Render {
  /** The longest single string, and the longest output, in UTF-16 units. */
  static final int MAX_STRING = 16 << 20;

  /** All text and list elements that one run may make. */
  static final long MAX_WORK = 1L << 31;

  /** Rounds of loops and calls of macros and functions in one run. */
  static final int MAX_STEPS = 5_000_000;

  /** How long one run may take. */
  static final long MAX_NANOS = 20_000_000_000L;

  /** Macros and recursive loops inside one another. */
  static final int MAX_DEPTH = 200;

  final Map<String, Object> context;
  final Map<String, Object> variables = new HashMap<>(); // set at the top level
  final Clock clock;
  final Map<String, Code.Block> blocks;
  int line = 1;
  boolean autoescape;
  private @Nullable StrBuilder root;
  private int[] generations = new int[2];
  private int numGenerations;
  private final long start = System.nanoTime();
  private long work;
  private int checks;
  private int steps;
  private int depth;

  Render(Map<String, Object> context, Clock clock, Map<String, Code.Block> blocks) {
    this.context = context;
    this.clock = clock;
    this.blocks = blocks;
  }

  /** Names the output itself; what a macro or a filter builds is another one. */
  void root(StrBuilder output) {
    root = output;
  }

  /** A {@code generation} tag wrote what {@code out} has from {@code start} on. */
  void generated(StrBuilder out, int start) {
    if (out == root) {
      if (numGenerations == generations.length) {
        generations = Arrays.copyOf(generations, 2 * numGenerations);
      }
      generations[numGenerations++] = start;
      generations[numGenerations++] = out.length();
    }
  }

  /** Where the output has what {@code generation} tags wrote: pairs of start and end. */
  int[] generations() {
    return Arrays.copyOf(generations, numGenerations);
  }

  @Nullable Object resolve(String name) {
    Object value = variables.get(name);
    if (value == null) {
      value = context.get(name);
    }
    return value != null ? value : Globals.ALL.get(name);
  }

  void chargeText(int added, int before) {
    if ((long) before + added > MAX_STRING) {
      throw PyError.limit("a text longer than " + MAX_STRING + " characters");
    }
    charge(added);
  }

  void charge(long amount) {
    work += amount;
    if ((++checks & 1023) == 0) {
      checkTime();
    }
    if (work > MAX_WORK) {
      throw PyError.limit("more than " + MAX_WORK + " characters and list elements made in all");
    }
  }

  /** The last guard, for what no count sees: slow work on long texts in each of many steps. */
  private void checkTime() {
    if (System.nanoTime() - start > MAX_NANOS) {
      throw PyError.limit("more than " + MAX_NANOS / 1_000_000_000 + " seconds");
    }
  }

  /** Counts the work of looking for {@code part} in {@code text}, at worst their product. */
  void chargeSearch(String text, String part) {
    charge((long) text.length() * part.length() / 256);
  }

  void step() {
    if ((steps & 15) == 0) {
      checkTime();
    }
    if (++steps > MAX_STEPS) {
      throw PyError.limit("more than " + MAX_STEPS + " rounds of loops and calls");
    }
  }

  void enter() {
    step();
    if (++depth > MAX_DEPTH) {
      throw PyError.limit("calls nested deeper than " + MAX_DEPTH);
    }
  }

  void leave() {
    depth--;
  }
}
