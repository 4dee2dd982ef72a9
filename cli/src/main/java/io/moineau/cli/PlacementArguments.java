package io.moineau.cli;

import io.moineau.plan.audit.Fleet;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.placement.Demand;
import io.moineau.plan.placement.Placement;
import io.moineau.plan.placement.PlacementReport;
import io.moineau.plan.placement.PlacementResult;
import io.moineau.plan.placement.PlacementTables;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Rules;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A fleet and what it is to serve, instead of one question. */
final class PlacementArguments {
  private static final Set<String> BESIDE =
      Set.of("--fleet", "--demand", "--date", "--software", "--catalogue", "--html", "--json");

  @Option(
      names = "--fleet",
      paramLabel = "FILE",
      description = "Place models on the sites of a fleet; see docs/plan.md.")
  private @Nullable Path fleet;

  @Option(
      names = "--demand",
      paramLabel = "FILE",
      description = "With --fleet: what it is to serve, and within which bounds.")
  private @Nullable Path demand;

  @Option(
      names = "--date",
      paramLabel = "DAY",
      description = "With --fleet: the day of the rules (the demand's, or today).")
  private @Nullable String date;

  /** Whether a fleet is asked for. */
  boolean isAsked() {
    return fleet != null || demand != null;
  }

  /** Refuses what only goes with a fleet. */
  void check(Job job) {
    if (date != null) {
      throw job.usage("--date needs --fleet and --demand");
    }
  }

  /** Places the demand, and prints where. */
  int run(
      Job job, CatalogueArgument catalogue, Planner planner, @Nullable Path html, boolean isJson)
      throws IOException {
    if (fleet == null || demand == null) {
      throw job.usage("a fleet and a demand go together: --fleet fleet.yaml --demand demand.yaml");
    }
    for (OptionSpec option : job.spec().commandLine().getParseResult().matchedOptions()) {
      if (!BESIDE.contains(option.longestName())) {
        throw job.usage(option.longestName() + " does not go with --fleet: the demand says that");
      }
    }
    Catalogue chips = catalogue.chips();
    Demand wanted = Demand.read(demand, chips);
    if (date != null) {
      wanted = wanted.on(Rules.date(date));
    }
    PlacementResult result =
        Placement.solve(
            Fleet.read(fleet, chips),
            wanted,
            chips,
            catalogue.rules(),
            planner,
            LocalDate.now(Clock.systemUTC()));
    if (html != null) {
      Files.writeString(html, PlacementReport.html(result));
    }
    if (isJson) {
      job.print(Json.writeIndented(result.json()));
    } else {
      print(job, result);
      if (html != null) {
        job.print(SafeText.ofLine("report: " + html));
      }
    }
    return result.isFeasible() ? ExitCode.OK : ExitCode.ERROR;
  }

  private static void print(Job job, PlacementResult result) {
    PlacementTables tables = new PlacementTables(result);
    job.print(tables.verdict() + " (rules of " + result.date() + ")");
    job.print("");
    if (result.isFeasible()) {
      table(job, PlacementTables.ASSIGNMENTS, tables.assignments());
      table(job, PlacementTables.SERVED, tables.served());
      table(job, PlacementTables.SITES, tables.sites());
      table(job, PlacementTables.STOCK, tables.stock());
      lines(job, "what binds:", result.binding());
      job.print("  " + tables.gap());
      job.print("");
    } else {
      lines(job, tables.aboutRelaxations() + ":", tables.relaxations());
      lines(job, "why:", result.reasons());
    }
    result.remarks().forEach(one -> job.print(SafeText.ofLine("assumed: " + one)));
    job.print(Assessment.DISCLAIMER);
  }

  private static void lines(Job job, String title, List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    job.print("  " + title);
    lines.forEach(line -> job.print(SafeText.ofLine("  - " + line)));
    job.print("");
  }

  private static void table(Job job, List<String> header, List<List<String>> rows) {
    if (rows.isEmpty()) {
      return;
    }
    TextTable table = new TextTable(header.toArray(String[]::new));
    rows.forEach(row -> table.row(row.toArray()));
    table.lines("  ").forEach(job::print);
    job.print("");
  }
}
