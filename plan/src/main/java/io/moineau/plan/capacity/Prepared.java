package io.moineau.plan.capacity;

/**
 * A question and a layout, of which all is computed that does not depend on the number of sequences
 * in flight. Any number of threads may use one.
 */
public final class Prepared {
  private final Question question;
  private final Layout layout;
  private final Factors factors;
  private final Shard shard;
  private final Prefill prefill;

  Prepared(Question question, Layout layout, Factors factors) {
    this.question = question;
    this.layout = layout;
    this.factors = factors;
    this.shard = new Shard(question, layout.decode(), factors);
    boolean own = layout.apart() && !layout.prefill().equals(layout.decode());
    Shard prompts = own ? new Shard(question, layout.prefill(), factors) : shard;
    this.prefill = Prefill.of(question, prompts, factors);
  }

  /**
   * What it comes to.
   *
   * @param batch sequences in flight in all, more than 0
   */
  public Outcome outcome(double batch) {
    return point(batch).outcome();
  }

  Point point(double batch) {
    return new Point(question, factors, prefill, shard, layout, batch);
  }
}
