/** Which chips there are, which rules hold for them on a date, and how fast they run what. */
module io.moineau.plan {
  requires transitive io.moineau.error;
  requires io.moineau.format;
  requires ojalgo;
  requires org.snakeyaml.engine;
  requires static org.jspecify;

  exports io.moineau.plan;
  exports io.moineau.plan.audit;
  exports io.moineau.plan.capacity;
  exports io.moineau.plan.chart;
  exports io.moineau.plan.chips;
  exports io.moineau.plan.expr;
  exports io.moineau.plan.report;
  exports io.moineau.plan.placement;
  exports io.moineau.plan.rules;
  exports io.moineau.plan.solve;
  exports io.moineau.plan.sweep;
}
