package io.moineau.cli;

import io.moineau.plan.audit.Fleet;
import io.moineau.plan.audit.FleetAudit;
import io.moineau.plan.audit.ReadingFilter;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.report.AuditReport;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Rules;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shares of domestic chips. */
@Command(
    name = "audit",
    header = "Shares of domestic chips at the sites of a fleet, under each reading of the quotas.",
    description = {
      "",
      "The sources leave open what is counted and what is domestic: each reading is shown, with which",
      "pass. A share is a range where figures, or where chips are made, are not known. For what fails",
      "it finds the least change that passes: the fewest chips to swap or add, of those the cheapest,",
      "of those the one that loses the least compute and memory bandwidth.",
      ""
    },
    footer = {"", "Examples:", "  moineau audit fleet.yaml --date 2026-06-01 --html report.html"})
final class AuditCommand extends Job {
  @Parameters(paramLabel = "FILE", arity = "0..1", description = "The fleet; see docs/plan.md.")
  private @Nullable Path file;

  @Option(names = "--date", paramLabel = "DAY", description = "The day of the audit (today).")
  private @Nullable String date;

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(
      names = "--unit",
      paramLabel = "UNIT",
      split = ",",
      description = "Only shares counted in these: chips, value, TB, fp16, ... (all).")
  private List<String> units = List.of();

  @Option(
      names = "--domestic",
      paramLabel = "MEANING",
      split = ",",
      description = "Only these meanings: vendor, made, vendor and made, owned (all).")
  private List<String> meanings = List.of();

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a report with charts, one file that loads nothing.")
  private @Nullable Path html;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  AuditCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() throws IOException {
    if (file == null) {
      throw usage("name the file of the fleet");
    }
    LocalDate day = date == null ? LocalDate.now(Clock.systemUTC()) : Rules.date(date);
    Rules rules = catalogue.rules();
    Catalogue chips = catalogue.chips();
    Fleet fleet = Fleet.read(file, chips);
    FleetAudit audit = FleetAudit.of(fleet, chips, rules, day, ReadingFilter.of(units, meanings));
    if (html != null) {
      Files.writeString(html, AuditReport.html(fleet, audit));
    }
    if (json) {
      print(Json.writeIndented(audit.json()));
      return ExitCode.OK;
    }
    AuditText.of(audit).forEach(this::print);
    if (html != null) {
      print(SafeText.ofLine("report: " + html));
      print("");
    }
    print(Assessment.DISCLAIMER);
    return ExitCode.OK;
  }
}
