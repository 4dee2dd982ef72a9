package io.moineau.plan.sweep;

import io.moineau.plan.capacity.Layout;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Prepared;
import io.moineau.plan.capacity.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A grid of configurations: models x numbers of chips x chips x requests x types x layouts x
 * batches, in this order, the last varying fastest. Each has a number, from which it is made when
 * it is asked for; so a grid of any size takes no memory, and parts of it can be computed anywhere.
 * Immutable; any number of threads may use one.
 */
public final class Sweep {
  private final List<Block> blocks;
  private final long[] starts; // of each block; the size at the end
  private final double[] batches;
  private final int groups;
  private final int top;
  private final Objective objective;
  private final Planner planner;
  private final List<String> omitted;

  /** Questions of one model and number of chips: they have the same layouts. */
  record Block(List<Cell> cells, List<Layout> layouts) {
    /** Rows with some batches. */
    long rows(int batches) {
      return Math.multiplyExact((long) cells.size() * layouts.size(), (long) batches);
    }
  }

  Sweep(
      List<Block> blocks,
      double[] batches,
      int groups,
      int top,
      Objective objective,
      Planner planner,
      List<String> omitted) {
    this.blocks = List.copyOf(blocks);
    this.batches = batches.clone();
    this.groups = groups;
    this.top = top;
    this.objective = objective;
    this.planner = planner;
    this.omitted = List.copyOf(omitted);
    this.starts = new long[blocks.size() + 1];
    for (int i = 0; i < blocks.size(); i++) {
      starts[i + 1] = Math.addExact(starts[i], blocks.get(i).rows(batches.length));
    }
  }

  /** How many configurations there are. */
  public long size() {
    return starts[starts.length - 1];
  }

  /** Numbers of batches: so many rows in a row differ in that only. */
  public int batches() {
    return batches.length;
  }

  /** How many groups of a model, a chip and a kind of requests there are. */
  public int groups() {
    return groups;
  }

  /** How many of the best rows of a group are wanted. */
  public int top() {
    return top;
  }

  /** What they are the best in. */
  public Objective objective() {
    return objective;
  }

  /** The planner for the kind of programs that the sweep is about. */
  public Planner planner() {
    return planner;
  }

  /** What was asked for and cannot be computed, with the reason. */
  public List<String> omitted() {
    return omitted;
  }

  /**
   * Computes some configurations, in their order.
   *
   * @param from the first one's number
   * @param to the number after the last one's
   */
  public void forEach(long from, long to, Planner planner, Consumer<Row> rows) {
    if (from < 0 || to > size() || from > to) {
      throw new IndexOutOfBoundsException(from + " to " + to + " of " + size());
    }
    long index = from;
    int block = blockOf(from);
    while (index < to) {
      while (index >= starts[block + 1]) {
        block++;
      }
      Block here = blocks.get(block);
      long way = (index - starts[block]) / batches.length;
      Cell cell = here.cells().get((int) (way / here.layouts().size()));
      Layout layout = here.layouts().get((int) (way % here.layouts().size()));
      Prepared prepared = planner.prepare(cell.question(), layout);
      int batch = (int) ((index - starts[block]) % batches.length);
      for (; batch < batches.length && index < to; batch++, index++) {
        double size = batches[batch];
        rows.accept(new Row(index, cell, layout, size, prepared.outcome(size)));
      }
    }
  }

  /** One configuration. */
  public Row row(long index, Planner planner) {
    List<Row> found = new ArrayList<>();
    forEach(index, index + 1, planner, found::add);
    return found.getFirst();
  }

  /** One configuration's question, which {@link Planner#estimate} can answer in full. */
  public Question question(long index) {
    int block = blockOf(index);
    Block here = blocks.get(block);
    long way = (index - starts[block]) / batches.length;
    return here.cells().get((int) (way / here.layouts().size())).question();
  }

  private int blockOf(long index) {
    int low = 0;
    int high = blocks.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (index < starts[middle + 1]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
