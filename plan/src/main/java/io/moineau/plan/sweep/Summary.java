package io.moineau.plan.sweep;

import io.moineau.plan.capacity.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a sweep: of each group the best rows that meet the limits, and the front of time
 * and output of all that fit. Its size does not grow with the number of rows, and it does not
 * depend on how they were shared out.
 */
public final class Summary {
  private final Sweep sweep;
  private final Map<Integer, GroupState> groups = new TreeMap<>();
  private long rows;

  private static final class GroupState {
    private final Cell cell;
    private final Best best;
    private final Front front = new Front();
    private long rows;
    private long fitting;
    private long meeting;

    GroupState(Cell cell, Sweep sweep) {
      this.cell = cell;
      this.best = new Best(sweep.objective(), sweep.top(), sweep.batches());
    }
  }

  /**
   * A model, a chip and a kind of requests.
   *
   * @param title in words
   * @param number of the group
   * @param model its name
   * @param chip its name
   * @param requests what each is like
   * @param rows how many configurations
   * @param fitting how many of them fit
   * @param meeting how many of them meet the limits
   * @param best best first
   * @param front shortest time per token first
   */
  public record Group(
      String title,
      int number,
      String model,
      String chip,
      Workload requests,
      long rows,
      long fitting,
      long meeting,
      List<Row> best,
      List<Row> front) {
    /** As plain values for JSON. */
    public Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("model", model);
      json.put("chip", chip);
      json.putAll(requests.json());
      json.put("configurations", rows);
      json.put("fitting", fitting);
      json.put("meeting", meeting);
      json.put("best", best.stream().map(Row::json).toList());
      json.put("front", front.stream().map(Row::json).toList());
      return json;
    }
  }

  /** Of no rows yet. */
  public Summary(Sweep sweep) {
    this.sweep = sweep;
  }

  /** Adds a row. */
  public void add(Row row) {
    rows++;
    GroupState group = state(row.cell());
    group.rows++;
    if (row.outcome().fits()) {
      group.fitting++;
      group.front.add(row);
    }
    if (row.outcome().meets()) {
      group.meeting++;
      group.best.add(row);
    }
  }

  private GroupState state(Cell cell) {
    GroupState known = groups.get(cell.group());
    if (known == null) {
      known = new GroupState(cell, sweep);
      groups.put(cell.group(), known);
    }
    return known;
  }

  /** Adds what another has of other rows. */
  public void addAll(Summary other) {
    rows += other.rows;
    other.groups.forEach((number, theirs) -> {
      GroupState own = state(theirs.cell);
      own.rows += theirs.rows;
      own.fitting += theirs.fitting;
      own.meeting += theirs.meeting;
      own.best.addAll(theirs.best);
      own.front.addAll(theirs.front);
    });
  }

  /** How many rows there were. */
  public long rows() {
    return rows;
  }

  /** The groups of those rows, in the order of the sweep. */
  public List<Group> groups() {
    List<Group> all = new ArrayList<>();
    for (GroupState state : groups.values()) {
      all.add(
          new Group(
              state.cell.title(),
              state.cell.group(),
              state.cell.question().model().name(),
              state.cell.question().device().name(),
              state.cell.question().workload(),
              state.rows,
              state.fitting,
              state.meeting,
              state.best.rows(),
              state.front.rows()));
    }
    return all;
  }
}
