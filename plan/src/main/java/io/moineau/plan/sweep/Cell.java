package io.moineau.plan.sweep;

import io.moineau.plan.capacity.Question;

/**
 * A question of a sweep: all of a configuration but the layout and the batch.
 *
 * @param question it
 * @param group number of what is compared with each other: one model, chip and kind of requests
 */
public record Cell(Question question, int group) {
  /** What the rows of a group have in common, in words. */
  public String title() {
    var workload = question.workload();
    String cached =
        workload.cachedShare() > 0
            ? ", " + Math.round(100 * workload.cachedShare()) + " % cached"
            : "";
    return question.model().name()
        + " on "
        + question.device().name()
        + ", "
        + workload.inputTokens()
        + " in"
        + cached
        + ", "
        + workload.outputTokens()
        + " out";
  }
}
