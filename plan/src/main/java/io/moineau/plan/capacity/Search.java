package io.moineau.plan.capacity;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks for the best layouts and batches: all degrees that divide the chips, prefill and decode
 * together or apart in steps of their number, batches on a logarithmic grid that is refined where a
 * limit or the memory ends it.
 */
final class Search {
  private static final int CHOICES = 12;
  private static final int CURVE = 40;
  private static final int SPLITS = 16;
  private static final double GRID = Math.sqrt(2);
  private static final int HALVINGS = 24;
  private static final int MOST_STAGES = 16;
  private static final int BOARD = 8; // chips; what most numbers of heads and experts divide by

  private final Question question;
  private final Factors factors;
  private final List<String> assumptions;
  private final boolean dense;
  private final List<Point> points = new ArrayList<>();

  Search(Question question, Factors factors, List<String> assumptions) {
    this.question = question;
    this.factors = factors;
    this.assumptions = assumptions;
    dense = question.model().experts().isEmpty();
  }

  Plan plan() {
    run();
    List<Estimate> choices = choices();
    List<Estimate> curve = curve();
    List<String> reasons =
        choices.isEmpty() ? new Reasons(question, factors, assumptions, points).list() : List.of();
    return new Plan(question, choices, curve, reasons);
  }

  private void run() {
    for (int chips : used(question.count())) {
      together(chips);
      apart(chips);
    }
  }

  /** Whether some configuration fits and meets the limits. */
  boolean succeeds() {
    run();
    for (Point point : points) {
      if (point.meets()) {
        return true;
      }
    }
    return false;
  }

  /** The number itself, and one that divides better, with a few chips idle. */
  private static List<Integer> used(int count) {
    for (int unit = BOARD; unit > 1; unit /= 2) {
      if (count > unit && count % unit != 0) {
        return List.of(count, count / unit * unit);
      }
    }
    return List.of(count);
  }

  private void together(int chips) {
    for (Parallel parallel : parallels(question, chips)) {
      Shard shard = new Shard(question, parallel, factors);
      if (fitsAtAll(shard)) {
        Prefill prefill = Prefill.of(question, shard, factors);
        batches(prefill, shard, Layout.together(parallel));
      }
    }
  }

  /** Which layout computes most prompts does not depend on the other chips. */
  private void apart(int chips) {
    int step = Math.max(1, chips / SPLITS);
    for (int prompts = step; prompts < chips; prompts += step) {
      Prefill best = bestPrefill(prompts);
      if (best == null) {
        continue;
      }
      for (Parallel parallel : parallels(question, chips - prompts)) {
        Shard shard = new Shard(question, parallel, factors);
        if (fitsAtAll(shard)) {
          batches(best, shard, Layout.apart(best.parallel(), parallel));
        }
      }
    }
  }

  private @org.jspecify.annotations.Nullable Prefill bestPrefill(int chips) {
    Prefill best = null;
    double limit = question.limits().ttftSeconds().orElse(Double.POSITIVE_INFINITY);
    for (Parallel parallel : parallels(question, chips)) {
      Shard shard = new Shard(question, parallel, factors);
      Prefill prefill = Prefill.of(question, shard, factors);
      if (prefill.memory().fits() && (best == null || better(prefill, best, limit))) {
        best = prefill;
      }
    }
    return best;
  }

  private static boolean better(Prefill one, Prefill other, double limit) {
    boolean inTime = one.latency() <= limit;
    if (inTime != other.latency() <= limit) {
      return inTime;
    }
    return inTime
        ? one.requestsPerSecond() > other.requestsPerSecond()
        : one.latency() < other.latency();
  }

  private boolean fitsAtAll(Shard shard) {
    return shard.weights() + factors.reserve * question.device().memoryBytes()
        < question.device().memoryBytes();
  }

  private void batches(Prefill prefill, Shard shard, Layout layout) {
    double most = Math.floor(factors.sequences * layout.decodeChips() * (dense ? 2 : 1));
    double batch = 1;
    Point last = null;
    while (last == null || batch > last.batch) {
      Point point = new Point(question, factors, prefill, shard, layout, batch);
      if (last != null && last.meets() && !point.meets()) {
        points.add(refine(prefill, shard, layout, last.batch, batch));
      }
      if (!point.memory.fits()) {
        break;
      }
      points.add(point);
      last = point;
      batch = Math.min(Math.ceil(batch * GRID), most); // 1, 2, 3, 5, 8 ...
    }
  }

  /** The most sequences, between one number that meets the limits and one that does not. */
  private Point refine(Prefill prefill, Shard shard, Layout layout, double low, double high) {
    double good = low;
    double bad = high;
    for (int i = 0; i < HALVINGS && bad - good > 0.5; i++) {
      double middle = (good + bad) / 2;
      if (new Point(question, factors, prefill, shard, layout, middle).meets()) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return new Point(question, factors, prefill, shard, layout, Math.max(low, Math.floor(good)));
  }

  /** Of each layout the best batch, most output first. */
  private List<Estimate> choices() {
    Map<Layout, Point> best = new LinkedHashMap<>();
    for (Point point : points) {
      if (point.meets()) {
        best.merge(point.layout, point, (a, b) -> BETTER.compare(a, b) <= 0 ? a : b);
      }
    }
    return best.values().stream()
        .sorted(BETTER)
        .limit(CHOICES)
        .map(point -> point.estimate(assumptions))
        .toList();
  }

  /** More output; of equals, what users wait less for. */
  private static final Comparator<Point> BETTER =
      Comparator.<Point>comparingDouble(point -> -point.output)
          .thenComparingDouble(point -> point.tpot)
          .thenComparingDouble(point -> point.ttft);

  private List<Estimate> curve() {
    List<Point> byTime = new ArrayList<>(points);
    byTime.sort(
        Comparator.<Point>comparingDouble(point -> point.tpot)
            .thenComparingDouble(point -> -point.output));
    List<Point> front = new ArrayList<>();
    double most = 0;
    for (Point point : byTime) {
      if (point.output > most) {
        front.add(point);
        most = point.output;
      }
    }
    List<Estimate> curve = new ArrayList<>();
    int stride = Math.max(1, Math.ceilDiv(front.size(), CURVE));
    for (int i = 0; i < front.size(); i++) {
      if (i % stride == 0 || i == front.size() - 1) {
        curve.add(front.get(i).estimate(assumptions));
      }
    }
    return curve;
  }

  /** All degrees that divide some chips and that the model can be cut by. */
  static List<Parallel> parallels(Question question, int chips) {
    List<Parallel> all = new ArrayList<>();
    ModelShape model = question.model();
    int heads = model.attention().numAttentionHeads();
    for (int tensor = 1; tensor <= Math.min(chips, heads); tensor++) {
      if (chips % tensor != 0 || heads % tensor != 0) {
        continue;
      }
      int rest = chips / tensor;
      for (int pipeline = 1; pipeline <= rest; pipeline++) {
        if (rest % pipeline == 0 && pipeline <= Math.min(MOST_STAGES, model.numHiddenLayers())) {
          experts(all, tensor, pipeline, rest / pipeline);
        }
      }
    }
    if (model.experts().isEmpty()) {
      all.removeIf(parallel -> parallel.expert() > 1);
    } else {
      // A chip without an expert of its own would only hold copies.
      int most = 2 * model.experts().get().nRoutedExperts();
      all.removeIf(parallel -> parallel.expert() > most);
    }
    return all;
  }

  /** Experts cut like the rest, whole within a group, or over several groups. */
  private static void experts(List<Parallel> all, int tensor, int pipeline, int data) {
    all.add(new Parallel(tensor, pipeline, 1, data));
    for (int groups = 1; groups <= data; groups++) {
      if (data % groups == 0 && tensor * groups > 1) {
        all.add(new Parallel(tensor, pipeline, tensor * groups, data));
      }
    }
  }
}
