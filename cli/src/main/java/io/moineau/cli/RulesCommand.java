package io.moineau.cli;

import io.moineau.plan.rules.Rule;
import io.moineau.plan.rules.Rules;
import io.moineau.text.Json;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Dated rules on chips: a list of them; its subcommands ask them. */
@Command(
    name = "rules",
    header = "Dated export rules on chips: what they say of a chip, a place and a day.",
    description = {
      "",
      "Without a subcommand, lists the rules with what each is on a day. Rules are data: see",
      "docs/plan.md for how to add one. This is no legal advice.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau rules --date 2025-08-01",
      "  moineau rules check --chip H20 --to CN --end-user-hq CN --date 2025-08-01",
      "  moineau rules timeline --chip H20 --to CN --svg h20.svg",
      "  moineau rules explain us-2023-11-a2",
      "  moineau rules diff --from 2025-01-01 --to 2026-02-01 --chip H200"
    })
final class RulesCommand extends Job {
  @Option(
      names = "--date",
      paramLabel = "DAY",
      description = "The day (the last one for which all US rules are verified).")
  private @Nullable String date;

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(names = "--json", description = "Print everything as JSON.")
  private boolean json;

  private RulesCommand(Streams streams) {
    super(streams);
  }

  static CommandLine line(Streams streams) {
    return new CommandLine(new RulesCommand(streams))
        .addSubcommand("check", new RulesCheckCommand(streams))
        .addSubcommand("timeline", new RulesTimelineCommand(streams))
        .addSubcommand("explain", new RulesExplainCommand(streams))
        .addSubcommand("diff", new RulesDiffCommand(streams));
  }

  @Override
  int execute() {
    Rules rules = catalogue.rules();
    if (json) {
      print(Json.writeIndented(rules.json()));
      return ExitCode.OK;
    }
    LocalDate day = date == null ? RulesDiffCommand.lastVerified(rules) : Rules.date(date);
    TextTable table = new TextTable("rule", "of", "on " + day, "verified", "title");
    for (Rule rule : rules.rules()) {
      table.row(
          rule.id(),
          rule.jurisdiction(),
          rule.statusOn(day).words(),
          rule.verified(),
          rule.title());
    }
    table.lines("").forEach(this::print);
    print("");
    print(rules.rules().size() + " rules of " + SafeText.ofLine(rules.version()));
    return ExitCode.OK;
  }
}
