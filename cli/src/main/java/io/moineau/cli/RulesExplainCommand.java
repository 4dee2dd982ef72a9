package io.moineau.cli;

import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Rule;
import io.moineau.text.Json;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One rule with all that is known of it. */
@Command(
    name = "explain",
    header = "One rule: what it says, since when, on what evidence.",
    description = {""},
    footer = {"", "Examples:", "  moineau rules explain us-2026-01-review"})
final class RulesExplainCommand extends Job {
  @Parameters(paramLabel = "RULE", arity = "0..1", description = "Its id; see: moineau rules")
  private String id = "";

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RulesExplainCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    if (id.isEmpty()) {
      throw usage("which rule? see: moineau rules");
    }
    Rule rule = catalogue.rules().get(id);
    if (json) {
      print(Json.writeIndented(rule.json()));
      return ExitCode.OK;
    }
    line(rule.id() + ": " + rule.title());
    line("");
    line("  " + rule.text());
    line("");
    TextTable table = new TextTable("", "");
    table.row("whose, kind", rule.jurisdiction() + ", " + rule.kind());
    table.row("question", rule.aspect().words());
    table.row("effect", rule.effect().name().toLowerCase(Locale.ROOT) + " " + rule.value());
    rule.scope().ifPresent(scope -> table.row("speaks of", scope.source()));
    rule.when().ifPresent(when -> table.row("where", when.source()));
    for (Rule.Period period : rule.periods()) {
      String note = period.note().isEmpty() ? "" : "; " + period.note();
      table.row("from " + period.from(), period.status().words() + note);
    }
    table.row("verified up to", rule.verified() + "; after that its status is unknown");
    rows(table, "about", rule.of());
    rows(table, "goes before", rule.over());
    rows(table, "condition", rule.conditions());
    rule.watch().forEach(watch -> table.row("watch " + watch.date(), watch.text()));
    table.row("citation", rule.citation());
    table.row("evidence", rule.evidence() + " (O read, Q quoted, L law firm, P press, C computed)");
    rows(table, "source", rule.sources());
    table.row("written in", rule.origin());
    table.lines("  ").forEach(this::print);
    line("");
    line(Assessment.DISCLAIMER);
    return ExitCode.OK;
  }

  private static void rows(TextTable table, String name, List<String> values) {
    values.forEach(value -> table.row(name, value));
  }

  private void line(String text) {
    print(SafeText.ofLine(text));
  }
}
