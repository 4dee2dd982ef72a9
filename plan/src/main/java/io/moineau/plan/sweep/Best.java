package io.moineau.plan.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The best rows, of each question and layout the best batch only. */
final class Best {
  private final Objective objective;
  private final int most;
  private final int batches;
  private final Comparator<Row> order;
  private final List<Row> rows = new ArrayList<>();

  Best(Objective objective, int most, int batches) {
    this.objective = objective;
    this.most = most;
    this.batches = batches;
    this.order =
        Comparator.<Row>comparingDouble(row -> -objective.of(row))
            .thenComparingDouble(row -> row.outcome().tpot())
            .thenComparingLong(Row::index);
  }

  void add(Row row) {
    if (rows.size() == most && objective.of(row) < objective.of(rows.getLast())) {
      return; // nearly all rows
    }
    for (int i = 0; i < rows.size(); i++) {
      if (way(rows.get(i)) == way(row)) {
        if (order.compare(row, rows.get(i)) < 0) {
          rows.set(i, row);
          rows.sort(order);
        }
        return;
      }
    }
    rows.add(row);
    rows.sort(order);
    if (rows.size() > most) {
      rows.removeLast();
    }
  }

  /** A question and a layout: their rows stand together. */
  private long way(Row row) {
    return row.index() / batches;
  }

  void addAll(Best other) {
    other.rows.forEach(this::add);
  }

  List<Row> rows() {
    return List.copyOf(rows);
  }
}
