package io.moineau.plan.report;

import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Plan;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.chart.HtmlReport;
import io.moineau.plan.report.PlanFacts.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A plan as one HTML file with charts. */
public final class PlanReport {
  private static final int MOST_CHOICES = 20;
  private static final List<String> FACTS = List.of("what", "answer");

  private final Plan plan;
  private final List<Published> published;
  private final List<String> remarks;
  private final String made;

  /**
   * A report.
   *
   * @param published measurements to stand beside it
   * @param remarks on the model and the chip
   * @param made by what, from which data, on which day
   */
  public PlanReport(Plan plan, List<Published> published, List<String> remarks, String made) {
    this.plan = plan;
    this.published = List.copyOf(published);
    this.remarks = List.copyOf(remarks);
    this.made = made;
  }

  /** The file's text. */
  public String html() {
    PlanFacts facts = new PlanFacts(plan);
    HtmlReport report = new HtmlReport(facts.question());
    report.paragraph(facts.verdict());
    report.note(made);
    Optional<Estimate> best = plan.best();
    if (best.isPresent()) {
      answer(report, facts, best.get());
    }
    if (!plan.reasons().isEmpty()) {
      report.section(best.isPresent() ? "What stands in the way" : "Why it cannot be done");
      report.list(plan.reasons());
    }
    if (best.isPresent()) {
      choices(report, facts);
      time(report, facts, best.get());
    }
    published(report);
    List<String> assumed = new ArrayList<>(best.map(Estimate::assumptions).orElse(List.of()));
    assumed.addAll(remarks);
    if (!assumed.isEmpty()) {
      report.section("Assumed").list(assumed);
    }
    return report.html();
  }

  private void answer(HtmlReport report, PlanFacts facts, Estimate best) {
    PlanCharts charts = new PlanCharts("en");
    report.section("Answer");
    report.table(FACTS, rows(facts.fit(best)));
    report.table(PlanFacts.RATES, facts.rates(best));
    report.table(FACTS, rows(facts.answer(best)));
    report.chart(charts.memory(best));
  }

  private static List<List<String>> rows(List<Fact> facts) {
    return facts.stream().map(fact -> List.of(fact.name(), fact.text())).toList();
  }

  private void choices(HtmlReport report, PlanFacts facts) {
    report.section("Other choices");
    report.table("Best first", facts.choicesHeader(), facts.choices(MOST_CHOICES));
    if (plan.curve().size() > 1) {
      report.chart(new PlanCharts("en").curve(plan));
      report.table("Throughput against latency", facts.choicesHeader(), facts.curve());
    }
  }

  private void time(HtmlReport report, PlanFacts facts, Estimate best) {
    Question question = plan.question();
    PlanCharts charts = new PlanCharts("en");
    report.section("Where the time goes");
    report.chart(charts.operators(best));
    report.table(PlanFacts.OPERATORS, facts.operators(best));
    report.chart(charts.roofline(question, best));
    report.note(
        "Work per byte of memory against the rate reached. Left of the knee an operator waits for"
            + " memory; what stays below the roof waits for links, for launches, or reaches less"
            + " than the peak, as measured systems do.");
  }

  private void published(HtmlReport report) {
    if (published.isEmpty()) {
      return;
    }
    report.section("Nearest published measurements");
    report.table(Published.HEADER, published.stream().map(Published::row).toList());
    report.note(
        "The planner's estimate is of what was measured, with its chips, batch and types; not of"
            + " the question above.");
  }
}
