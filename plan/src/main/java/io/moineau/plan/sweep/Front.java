package io.moineau.plan.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows that no other surpasses in both time per token and output of a chip. Times are told
 * apart to a fiftieth: that bounds how many rows are kept, however many come.
 */
final class Front {
  private static final double STEPS = 50; // to a factor of e

  private final Map<Long, Row> byTime = new TreeMap<>();

  /** More output; of equals the one with the lower number, whoever computed it first. */
  private static boolean isBetter(Row one, Row other) {
    int byOutput = Double.compare(one.perChip(), other.perChip());
    return byOutput > 0 || byOutput == 0 && one.index() < other.index();
  }

  void add(Row row) {
    byTime.merge(
        Math.round(Math.log(row.outcome().tpot()) * STEPS),
        row,
        (kept, more) -> isBetter(more, kept) ? more : kept);
  }

  void addAll(Front other) {
    other.byTime.values().forEach(this::add);
  }

  /** Shortest time first. */
  List<Row> rows() {
    List<Row> sorted = new ArrayList<>(byTime.values());
    sorted.sort(
        Comparator.comparingDouble((Row row) -> row.outcome().tpot())
            .thenComparingDouble(row -> -row.perChip())
            .thenComparingLong(Row::index));
    List<Row> front = new ArrayList<>();
    double most = 0;
    for (Row row : sorted) {
      if (row.perChip() > most) {
        most = row.perChip();
        front.add(row);
      }
    }
    return front;
  }
}
