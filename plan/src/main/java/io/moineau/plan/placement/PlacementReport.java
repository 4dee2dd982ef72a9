package io.moineau.plan.placement;

import io.moineau.plan.chart.Axis;
import io.moineau.plan.chart.BarChart;
import io.moineau.plan.chart.HtmlReport;
import io.moineau.plan.placement.PlacementResult.SiteUse;
import io.moineau.plan.placement.PlacementResult.Stock;
import io.moineau.plan.rules.Assessment;
import java.util.List;

/** A placement as one HTML file with charts. */
public final class PlacementReport {
  private PlacementReport() {}

  /** The text of the file. */
  public static String html(PlacementResult result) {
    PlacementTables tables = new PlacementTables(result);
    HtmlReport report = new HtmlReport("Placement on " + result.date());
    report.section("Answer").paragraph(tables.verdict());
    if (!result.isFeasible()) {
      if (!result.relaxations().isEmpty()) {
        report.section("Constraints to relax").paragraph(tables.aboutRelaxations());
        report.list(tables.relaxations());
      }
      if (!result.reasons().isEmpty()) {
        report.section("Why").list(result.reasons());
      }
    } else {
      feasible(report, result, tables);
    }
    if (!result.remarks().isEmpty()) {
      report.section("Taken for granted").list(result.remarks());
    }
    return report.note(Assessment.DISCLAIMER).html();
  }

  private static void feasible(HtmlReport report, PlacementResult result, PlacementTables tables) {
    report.paragraph(tables.gap());
    report.section("Replicas").table(header(PlacementTables.ASSIGNMENTS), tables.assignments());
    report.section("Workloads").table(header(PlacementTables.SERVED), tables.served());
    report.section("Sites").table(header(PlacementTables.SITES), tables.sites());
    report.chart(power(result));
    report.section("Chips").table(header(PlacementTables.STOCK), tables.stock());
    report.chart(chips(result));
    if (!result.binding().isEmpty()) {
      report.section("What binds").list(result.binding());
    }
  }

  private static List<String> header(List<String> columns) {
    return columns.stream().map(one -> one.startsWith(">") ? one.substring(1) : one).toList();
  }

  /** Power by site and workload. */
  static BarChart power(PlacementResult result) {
    BarChart chart = new BarChart("Power by site").axis(Axis.fromZero("kW")).stacked();
    for (SiteUse site : result.sites()) {
      for (Assignment one : result.assignments()) {
        if (one.site().equals(site.site())) {
          chart.bar(site.site(), one.workload() + " on " + one.chip(), one.kilowatts());
        }
      }
    }
    return chart.description("Power that each workload takes at each site");
  }

  /** Chips in use and idle, by site and kind. */
  static BarChart chips(PlacementResult result) {
    BarChart chart = new BarChart("Chips").axis(Axis.fromZero("chips")).stacked();
    for (Stock one : result.stock()) {
      String group = one.chip() + ", " + one.site();
      chart.bar(group, "used", one.used());
      chart.bar(group, "idle", one.idle());
    }
    return chart.description("Chips in use and idle at each site");
  }
}
