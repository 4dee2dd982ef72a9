package io.moineau.cli;

import io.moineau.plan.audit.Audit;
import io.moineau.plan.audit.Fleet;
import io.moineau.plan.audit.Meaning;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.rules.Answer;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Rules;
import io.moineau.text.Json;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
      "pass. A share is a range where figures, or where chips are made, are not known.",
      ""
    },
    footer = {"", "Examples:", "  moineau audit fleet.yaml --date 2026-06-01 --json"})
final class AuditCommand extends Job {
  @Parameters(paramLabel = "FILE", arity = "0..1", description = "The fleet; see docs/plan.md.")
  private @Nullable Path file;

  @Option(names = "--date", paramLabel = "DAY", description = "The day of the audit (today).")
  private @Nullable String date;

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  AuditCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    if (file == null) {
      throw usage("name the file of the fleet");
    }
    LocalDate day = date == null ? LocalDate.now(Clock.systemUTC()) : Rules.date(date);
    Rules rules = catalogue.rules();
    List<Audit> audits =
        Fleet.read(file, catalogue.chips()).sites().stream()
            .map(site -> Audit.of(site, rules, day))
            .toList();
    if (json) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("sites", audits.stream().map(Audit::json).toList());
      tree.put("note", Assessment.DISCLAIMER);
      print(Json.writeIndented(tree));
      return ExitCode.OK;
    }
    audits.forEach(this::print);
    print(Assessment.DISCLAIMER);
    return ExitCode.OK;
  }

  private void print(Audit audit) {
    print(
        SafeText.ofLine(
            audit.scope().name()
                + " ("
                + audit.scope().sites().getFirst().country()
                + "), on "
                + audit.date()));
    print("");
    List<String> header = new ArrayList<>(List.of("domestic is:", ""));
    for (Meaning meaning : Meaning.values()) {
      header.add(meaning.words());
    }
    TextTable table = new TextTable(header.toArray(String[]::new));
    List<Audit.Share> shares = audit.shares();
    int meanings = Meaning.values().length;
    for (int i = 0; i + meanings <= shares.size(); i += meanings) {
      List<String> row = new ArrayList<>(List.of(shares.get(i).pool(), shares.get(i).unit()));
      shares.subList(i, i + meanings).forEach(share -> row.add(cell(share)));
      table.row(row.toArray());
    }
    table.lines("  ").forEach(this::print);
    audit.omitted().forEach(one -> print(SafeText.ofLine("  no share of " + one)));
    print("");
    audit.rules().ifPresent(this::print);
    print("");
  }

  private void print(Answer rules) {
    print("  rules on the site: " + rules.verdict().words());
    rules.reasons().forEach(reason -> print(SafeText.ofLine("  - " + reason)));
    rules.conditions().forEach(one -> print(SafeText.ofLine("    - " + one)));
  }

  private static String cell(Audit.Share share) {
    Truth more = share.isMoreThanHalf();
    boolean isHalf = more == Truth.NO && share.isAtLeastHalf() == Truth.YES;
    return share.text()
        + switch (more) {
          case YES -> " passes";
          case NO -> isHalf ? " passes if half suffices" : " fails";
          case UNKNOWN -> " open";
        };
  }
}
