package io.moineau.cli;

import io.moineau.plan.audit.Audit;
import io.moineau.plan.audit.Change;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.audit.FleetAudit;
import io.moineau.plan.audit.QuotaAudit;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.report.AuditReport;
import io.moineau.plan.rules.Answer;
import java.util.ArrayList;
import java.util.List;

/** An audit as lines of text. */
final class AuditText {
  private final List<String> lines = new ArrayList<>();

  private AuditText() {}

  static List<String> of(FleetAudit audit) {
    AuditText text = new AuditText();
    audit.sites().forEach(text::add);
    audit.groups().forEach(text::add);
    audit.remarks().forEach(remark -> text.line("note: " + remark));
    if (!audit.remarks().isEmpty()) {
      text.line("");
    }
    return text.lines;
  }

  private void line(String text) {
    lines.add(SafeText.ofLine(text));
  }

  private void table(List<String> header, List<List<String>> rows, String indent) {
    TextTable table = new TextTable(header.toArray(String[]::new));
    rows.forEach(row -> table.row(row.toArray()));
    lines.addAll(table.lines(indent));
  }

  private void add(FleetAudit.Part part) {
    Audit audit = part.audit();
    line(title(audit));
    line("");
    table(AuditReport.header("domestic is:", audit), AuditReport.shares(audit), "  ");
    audit.omitted().forEach(one -> line("  no share of " + one));
    line("");
    audit.rules().ifPresent(this::add);
    List<List<String>> changes = AuditReport.changes(part.readings());
    if (!changes.isEmpty()) {
      line("  chips to change so that more than half is domestic, whatever turns out:");
      table(AuditReport.header("", audit), changes, "  ");
      AuditReport.obstacles(part.readings())
          .forEach((why, count) ->
              line("  none for " + AuditReport.count(count, "reading") + ": " + why));
      line("");
    }
    part.quotas().forEach(this::add);
  }

  private static String title(Audit audit) {
    List<Site> sites = audit.scope().sites();
    String what =
        sites.size() == 1
            ? audit.scope().name() + " (" + sites.getFirst().country() + ")"
            : audit.scope().name()
                + " ("
                + String.join(", ", sites.stream().map(Site::name).toList())
                + ")";
    return what + ", on " + audit.date();
  }

  private void add(Answer rules) {
    line("  rules on the site: " + rules.verdict().words());
    rules.reasons().forEach(reason -> line("  - " + reason));
    rules.conditions().forEach(one -> line("    - " + one));
    line("");
  }

  private void add(QuotaAudit quota) {
    List<String> about = AuditReport.about(quota);
    line("  " + about.getFirst());
    about.subList(1, about.size()).forEach(one -> line("    " + one));
    boolean isAsked = quota.applies() != Truth.NO || !quota.quota().wider().isEmpty();
    if (isAsked) {
      line("    " + quota.count());
      add(quota, quota.change());
    }
    line("");
  }

  private void add(QuotaAudit quota, Change change) {
    int stopped = quota.unreachable().size();
    String all = stopped == 0 ? "all" : "all but " + stopped;
    switch (change.status()) {
      case PASSES -> {
        if (stopped == 0) {
          line("    nothing has to change");
        }
      }
      case IMPOSSIBLE, UNDECIDED ->
          line("    a change for " + all + " readings at once: " + change.status().words());
      case LEAST, CHANGE ->
          line(
              "    "
                  + change.status().words()
                  + " for "
                  + all
                  + " readings at once: "
                  + change.chips()
                  + (change.chips() == 1 ? " chip" : " chips"));
    }
    AuditReport.about(change).forEach(one -> line("      " + one));
    if (!change.lines().isEmpty()) {
      table(List.of("", ">before", ">after", ">"), AuditReport.totals(change), "      ");
    }
    quota
        .reasons()
        .forEach((why, count) ->
            line("    cannot pass, " + AuditReport.count(count, "reading") + ": " + why));
  }
}
