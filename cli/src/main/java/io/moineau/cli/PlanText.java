package io.moineau.cli;

import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Plan;
import io.moineau.plan.report.PlanFacts;
import io.moineau.plan.report.PlanFacts.Fact;
import io.moineau.plan.report.Published;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A plan as the terminal shows it: the answer first, then what else could be done, what others
 * measured, and what was assumed.
 *
 * @param plan the plan
 * @param published measurements to stand beside it
 * @param remarks on the model and the chip
 * @param all whether every choice is shown
 */
record PlanText(Plan plan, List<Published> published, List<String> remarks, boolean all) {
  private static final int FEW = 5;
  private static final int MANY = 100;

  /** Columns that hold words. */
  private static final List<String> WORDS = List.of("waits for", "limits");

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    PlanFacts facts = new PlanFacts(plan);
    lines.add(SafeText.ofLine(facts.question()));
    lines.add(facts.verdict());
    lines.add("");
    Optional<Estimate> best = plan.best();
    best.ifPresent(estimate -> answer(lines, facts, estimate));
    if (!plan.reasons().isEmpty()) {
      lines.add(best.isPresent() ? "  not as it was asked:" : "  this cannot be done:");
      plan.reasons().forEach(reason -> lines.add(SafeText.ofLine("  - " + reason)));
      lines.add("");
    }
    if (best.isEmpty() && !plan.curve().isEmpty()) {
      lines.add("  what fits, from the fastest for a user to the most output:");
      List<List<String>> curve = facts.curve();
      table(lines, facts.choicesHeader(), all ? curve : some(curve), 1);
      lines.add("");
    }
    best.ifPresent(estimate -> more(lines, facts, estimate));
    published(lines);
    List<String> assumed = new ArrayList<>(best.map(Estimate::assumptions).orElse(List.of()));
    assumed.addAll(remarks);
    assumed.forEach(one -> lines.add(SafeText.ofLine("assumed: " + one)));
    return lines;
  }

  private static void answer(List<String> lines, PlanFacts facts, Estimate best) {
    add(lines, facts.fit(best));
    lines.add("");
    table(lines, PlanFacts.RATES, facts.rates(best), 1);
    lines.add("");
    add(lines, facts.answer(best));
    lines.add("");
  }

  private static void add(List<String> lines, List<Fact> facts) {
    TextTable table = new TextTable("", "");
    facts.forEach(fact -> table.row(fact.name(), fact.text()));
    lines.addAll(table.lines("  "));
  }

  private void more(List<String> lines, PlanFacts facts, Estimate best) {
    if (plan.choices().size() > 1) {
      table(lines, facts.choicesHeader(), facts.choices(all ? MANY : FEW), 1);
      if (!all && plan.choices().size() > FEW) {
        lines.add("  " + (plan.choices().size() - FEW) + " more with --all");
      }
      lines.add("");
    }
    if (all) {
      lines.add("throughput against latency:");
      table(lines, facts.choicesHeader(), facts.curve(), 1);
      lines.add("");
    }
    table(lines, PlanFacts.OPERATORS, facts.operators(best), 1);
    lines.add("");
  }

  /** The first, the last, and some between. */
  private static List<List<String>> some(List<List<String>> rows) {
    List<List<String>> some = new ArrayList<>();
    int number = Math.min(FEW, rows.size());
    for (int i = 0; i < number; i++) {
      some.add(rows.get(i * (rows.size() - 1) / Math.max(1, number - 1)));
    }
    return some;
  }

  private void published(List<String> lines) {
    if (published.isEmpty()) {
      return;
    }
    lines.add("nearest published measurements, and the planner's estimate of the same:");
    for (Published one : published) {
      lines.add(SafeText.ofLine("  - " + (one.date() + "  " + one.what()).strip()));
      lines.add(
          SafeText.ofLine(
              "      "
                  + one.measured()
                  + ", estimate "
                  + one.estimated()
                  + " (ratio "
                  + one.ratio()
                  + ")"
                  + (one.differs().isEmpty() ? "" : "; " + one.differs())));
    }
    lines.add("");
  }

  /** The first columns to the left, the others to the right. */
  private static void table(
      List<String> lines, List<String> header, List<List<String>> rows, int left) {
    String[] titles = new String[header.size()];
    for (int i = 0; i < titles.length; i++) {
      boolean isNumber = i >= left && !WORDS.contains(header.get(i));
      titles[i] = (isNumber ? ">" : "") + header.get(i);
    }
    TextTable table = new TextTable(titles);
    rows.forEach(row -> table.row(row.toArray()));
    lines.addAll(table.lines("  "));
  }
}
