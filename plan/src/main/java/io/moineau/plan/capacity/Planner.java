package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Estimates what chips do with a model, operator by operator (docs/design/plan.md says how), and
 * searches how to use them best. It is immutable; any number of threads may use one.
 */
public final class Planner {
  private static final List<String> FAMILIES =
      List.of("nvidia", "amd", "ascend", "gaudi", "cpu", "other");

  private final Calibration calibration;
  private final Map<String, Factors> factors = new LinkedHashMap<>();
  private final Factors other;
  private final List<String> assumptions;

  /** One with factors of one's own. */
  public Planner(Calibration calibration) {
    this(calibration, Software.USUAL);
  }

  /** One for a program other than the usual. */
  public Planner(Calibration calibration, Software software) {
    this.calibration = calibration;
    FAMILIES.forEach(family -> factors.put(family, new Factors(calibration, family, software)));
    other = new Factors(calibration, "other", software);
    assumptions =
        List.of(
            "every request has these lengths; as many are in flight as the batch says, at all"
                + " stages of their output",
            "a prompt waits for half of a step before it; further queueing is left out",
            "factors are of "
                + calibration.date()
                + ", fitted on "
                + calibration.rows()
                + " published measurements made with "
                + calibration.software(),
            "power is that of the chips, without hosts, network and cooling");
  }

  /** The one with this module's calibration. */
  public static Planner standard() {
    return Standard.PLANNER;
  }

  /** Read when it is first asked for. */
  private static final class Standard {
    static final Planner PLANNER = new Planner(Calibration.standard());
  }

  /** The factors that it computes with. */
  public Calibration calibration() {
    return calibration;
  }

  /**
   * One configuration.
   *
   * @param batch sequences in flight in all, more than 0
   * @throws PlanException {@code plan-bad-layout} where the layout cannot be for this model
   */
  public Estimate estimate(Question question, Layout layout, double batch) {
    check(question, layout.decode());
    check(question, layout.prefill());
    if (!(batch > 0 && Double.isFinite(batch))) {
      throw new PlanException(
          "plan-bad-question",
          "a wrong number of sequences in flight",
          String.valueOf(batch),
          "more than 0",
          "leave the batch out to have the best one searched");
    }
    Factors own = factors(question);
    Shard shard = new Shard(question, layout.decode(), own);
    Shard prompts =
        layout.apart() && !layout.prefill().equals(layout.decode())
            ? new Shard(question, layout.prefill(), own)
            : shard;
    Prefill prefill = Prefill.of(question, prompts, own);
    return new Point(question, own, prefill, shard, layout, batch).estimate(assumptions);
  }

  /**
   * A question and a layout, ready for many numbers of sequences in flight.
   *
   * @throws PlanException {@code plan-bad-layout} where the layout cannot be for this model
   */
  public Prepared prepare(Question question, Layout layout) {
    check(question, layout.decode());
    check(question, layout.prefill());
    return new Prepared(question, layout, factors(question));
  }

  /** All ways to cut a question's model over all its chips, prompts and tokens together. */
  public static List<Layout> layouts(Question question) {
    return Search.parallels(question, question.count()).stream().map(Layout::together).toList();
  }

  /** The best ways to use all chips, or why there is none. */
  public Plan plan(Question question) {
    return new Search(question, factors(question), assumptions).plan();
  }

  /**
   * Chips that only compute prompts.
   *
   * @param tokens of a step for each group of {@code tensor} chips
   */
  public Phase prefill(Question question, Parallel parallel, double tokens) {
    check(question, parallel);
    Factors own = factors(question);
    Shard shard = new Shard(question, parallel, own);
    Prefill prefill = Prefill.of(question, shard, own, tokens);
    Step step = prefill.step();
    return new Phase(
        parallel, step.seconds(), prefill.tokensPerSecond(), step.bound(), step.operators());
  }

  /**
   * Chips that only generate.
   *
   * @param batch sequences in flight in all
   * @param context positions that a token attends to, on average
   */
  public Phase decode(Question question, Parallel parallel, double batch, double context) {
    check(question, parallel);
    Factors own = factors(question);
    Shard shard = new Shard(question, parallel, own);
    double sequences = Math.max(1, batch / parallel.data() / parallel.pipeline());
    Step step = Step.decode(shard, own, sequences, question.tokensPerStep(), context);
    double rate = batch * question.acceptedDrafts() / (parallel.pipeline() * step.seconds());
    return new Phase(parallel, step.seconds(), rate, step.bound(), step.operators());
  }

  private Factors factors(Question question) {
    Factors own = factors.get(question.device().family());
    return own == null ? other : own;
  }

  private static void check(Question question, Parallel parallel) {
    ModelShape model = question.model();
    if (parallel.pipeline() > model.numHiddenLayers()) {
      throw bad(parallel, "more stages than layers", "pipeline up to " + model.numHiddenLayers());
    }
    int heads = model.attention().numAttentionHeads();
    if (parallel.tensor() > heads) {
      throw bad(parallel, "more chips share a layer than it has heads", "tensor up to " + heads);
    }
    if (model.experts().isEmpty() && parallel.expert() > 1) {
      throw bad(parallel, "this model has no experts", "expert 1");
    }
  }

  private static PlanException bad(Parallel parallel, String what, String allowed) {
    return new PlanException(
        "plan-bad-layout",
        what,
        parallel.text(),
        allowed,
        "leave the layout out to have the best one searched");
  }
}
