package io.moineau.plan.report;

import io.moineau.plan.audit.Audit;
import io.moineau.plan.audit.Change;
import io.moineau.plan.audit.Fleet;
import io.moineau.plan.audit.FleetAudit;
import io.moineau.plan.audit.Meaning;
import io.moineau.plan.audit.QuotaAudit;
import io.moineau.plan.audit.ReadingAudit;
import io.moineau.plan.audit.Totals.Amount;
import io.moineau.plan.chart.HtmlReport;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.rules.Assessment;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An audit as tables, which the command prints, and as one HTML file with charts. */
public final class AuditReport {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private AuditReport() {}

  /**
   * The shares of one part under each reading, and whether they pass.
   *
   * @return rows of pool, unit, and a cell for each meaning of domestic
   */
  public static List<List<String>> shares(Audit audit) {
    List<List<String>> rows = new ArrayList<>();
    int meanings = meanings(audit.shares()).size();
    for (int i = 0; meanings > 0 && i + meanings <= audit.shares().size(); i += meanings) {
      Audit.Share first = audit.shares().get(i);
      List<String> row = new ArrayList<>(List.of(first.pool(), first.unit()));
      audit.shares().subList(i, i + meanings).forEach(share -> row.add(cell(share)));
      rows.add(row);
    }
    return rows;
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

  /** How many chips must change for each reading; rows without one that must are left out. */
  public static List<List<String>> changes(List<ReadingAudit> readings) {
    List<List<String>> rows = new ArrayList<>();
    int meanings = meanings(readings.stream().map(ReadingAudit::share).toList()).size();
    for (int i = 0; meanings > 0 && i + meanings <= readings.size(); i += meanings) {
      List<ReadingAudit> some = readings.subList(i, i + meanings);
      if (some.stream().anyMatch(r -> r.more().status() != Change.Status.PASSES)) {
        List<String> row =
            new ArrayList<>(
                List.of(some.getFirst().share().pool(), some.getFirst().share().unit()));
        some.forEach(r -> row.add(r.text()));
        rows.add(row);
      }
    }
    return rows;
  }

  /** Why readings cannot pass, each reason with how many readings it stops. */
  public static Map<String, Integer> obstacles(List<ReadingAudit> readings) {
    Map<String, Integer> reasons = new LinkedHashMap<>();
    for (ReadingAudit reading : readings) {
      if (!reading.more().isFound()) {
        reasons.merge(String.join("; ", reading.more().why()), 1, Integer::sum);
      }
    }
    return reasons;
  }

  /** Titles of the columns of {@link #shares} and {@link #changes}. */
  public static List<String> header(String first, Audit audit) {
    List<String> header = new ArrayList<>(List.of(first, ""));
    meanings(audit.shares()).forEach(meaning -> header.add(meaning.words()));
    return header;
  }

  private static List<Meaning> meanings(List<Audit.Share> shares) {
    return shares.stream().map(Audit.Share::meaning).distinct().toList();
  }

  /**
   * What the chips come to before and after a change.
   *
   * @return rows of amount, before, after, difference in per cent
   */
  public static List<List<String>> totals(Change change) {
    List<List<String>> rows = new ArrayList<>();
    List<String> names = new ArrayList<>(change.before().amounts().keySet());
    change.after().amounts().keySet().stream().filter(n -> !names.contains(n)).forEach(names::add);
    for (String name : names) {
      Amount before = change.before().amounts().get(name);
      Amount after = change.after().amounts().get(name);
      boolean isPriceless = name.equals("value") && !change.after().missing().isEmpty();
      if (isPriceless && change.cost().isEmpty()) {
        continue; // what has no price would look like a loss of value
      }
      rows.add(List.of(name, text(before), text(after), difference(before, after)));
    }
    return rows;
  }

  private static String text(@org.jspecify.annotations.Nullable Amount amount) {
    if (amount == null) {
      return "0";
    }
    String value = plain(amount.value());
    return amount.low().compareTo(amount.high()) == 0
        ? value
        : value + " (" + plain(amount.low()) + " to " + plain(amount.high()) + ")";
  }

  /** A number as people read it. */
  public static String plain(BigDecimal number) {
    BigDecimal rounded = number.scale() > 1 ? number.setScale(1, RoundingMode.HALF_UP) : number;
    BigDecimal stripped = rounded.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }

  private static String difference(
      @org.jspecify.annotations.Nullable Amount before,
      @org.jspecify.annotations.Nullable Amount after) {
    if (before == null || before.value().signum() == 0) {
      return "new";
    }
    BigDecimal now = after == null ? BigDecimal.ZERO : after.value();
    BigDecimal part =
        now.subtract(before.value())
            .multiply(HUNDRED)
            .divide(before.value(), MathContext.DECIMAL64)
            .setScale(1, RoundingMode.HALF_UP);
    return (part.signum() > 0 ? "+" : "") + part.toPlainString() + " %";
  }

  /** What a quota asks and of whom, in a line or two. */
  public static List<String> about(QuotaAudit quota) {
    List<String> lines = new ArrayList<>();
    String asks =
        quota.quota().part().compareTo(BigDecimal.ONE) == 0
            ? "all of them"
            : "more than " + plain(quota.quota().part().multiply(HUNDRED)) + " %";
    lines.add(
        quota.rule().id()
            + ", "
            + quota.rule().title()
            + " ("
            + quota.status().words()
            + (quota.note().isEmpty() ? "" : "; " + quota.note())
            + "): "
            + asks);
    String because = quota.because().isEmpty() ? "" : ": " + quota.because();
    String condition = quota.quota().when().map(when -> " and " + when.source()).orElse("");
    lines.add(
        switch (quota.applies()) {
          case YES -> "it speaks of this site" + because + condition;
          case NO -> "it does not speak of this site" + because + condition;
          case UNKNOWN -> "whether it speaks of all this is open" + because + condition;
        });
    if (quota.applies() != Truth.YES && !quota.quota().otherwise().isEmpty()) {
      lines.add("otherwise: " + quota.quota().otherwise());
    }
    if (quota.applies() != Truth.YES && !quota.quota().wider().isEmpty()) {
      lines.add("some read it as for " + quota.quota().wider());
    }
    return lines;
  }

  /** What a change is and costs, a line each. */
  public static List<String> about(Change change) {
    List<String> lines = new ArrayList<>(change.lines());
    change
        .cost()
        .ifPresent(cost -> {
          String worth = change.worth().map(w -> "; what leaves was worth " + plain(w)).orElse("");
          if (!change.lines().isEmpty()) {
            lines.add("costs " + plain(cost) + worth);
          }
        });
    lines.addAll(change.why());
    return lines;
  }

  /** {@code 1 site}, {@code 2 sites}. */
  public static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** The whole audit as one HTML file. */
  public static String html(Fleet fleet, FleetAudit audit) {
    AuditCharts charts = new AuditCharts("en");
    HtmlReport report =
        new HtmlReport("Audit of " + count(fleet.sites().size(), "site") + ", " + audit.date());
    report.note(Assessment.DISCLAIMER);
    report.section("Chips").chart(charts.chips(fleet));
    List<FleetAudit.Part> parts = new ArrayList<>(audit.sites());
    parts.addAll(audit.groups());
    for (FleetAudit.Part part : parts) {
      part(report, part, charts);
    }
    report.section("Candidates");
    audit
        .candidates()
        .forEach((site, chips) -> report.paragraph(site + ": " + String.join(", ", chips)));
    report.list(audit.remarks());
    return report.html();
  }

  private static void part(HtmlReport report, FleetAudit.Part part, AuditCharts charts) {
    Audit audit = part.audit();
    report.section(audit.scope().name());
    report.chart(charts.shares(audit));
    report.table("Shares", header("domestic is:", audit), shares(audit));
    report.list(audit.omitted().stream().map(one -> "no share of " + one).toList());
    List<List<String>> changes = changes(part.readings());
    if (!changes.isEmpty()) {
      report.table(
          "Chips to change so that more than half is domestic",
          header("domestic is:", audit),
          changes);
      List<String> obstacles = new ArrayList<>();
      obstacles(part.readings())
          .forEach((why, n) -> obstacles.add("none for " + count(n, "reading") + ": " + why));
      report.list(obstacles);
      List<List<String>> rows = new ArrayList<>();
      for (ReadingAudit reading : part.readings()) {
        boolean isChange = reading.more().isFound() && !reading.more().lines().isEmpty();
        if (isChange) {
          rows.add(
              List.of(
                  reading.share().pool() + " " + reading.share().unit(),
                  reading.share().meaning().words(),
                  String.join("; ", reading.more().lines())));
        }
      }
      report.table("Least change of each reading", List.of("of", "domestic is", "change"), rows);
    }
    for (QuotaAudit quota : part.quotas()) {
      quota(report, quota, charts);
    }
  }

  private static void quota(HtmlReport report, QuotaAudit quota, AuditCharts charts) {
    List<String> about = about(quota);
    report.subsection(about.getFirst());
    report.paragraph(quota.rule().text());
    report.list(about.subList(1, about.size()));
    report.paragraph(quota.count());
    Change change = quota.change();
    report.list(about(change));
    if (!change.lines().isEmpty()) {
      report.chart(charts.change("What remains after it", change));
      report.table(List.of("", "before", "after", "difference"), totals(change));
    }
    List<String> stopped = new ArrayList<>();
    quota
        .reasons()
        .forEach((why, n) -> stopped.add("cannot pass, " + count(n, "reading") + ": " + why));
    report.list(stopped);
  }
}
