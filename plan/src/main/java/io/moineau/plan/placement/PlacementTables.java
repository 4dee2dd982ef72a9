package io.moineau.plan.placement;

import io.moineau.plan.capacity.Range;
import io.moineau.plan.placement.PlacementResult.Relaxation;
import io.moineau.plan.placement.PlacementResult.Relaxed;
import io.moineau.plan.placement.PlacementResult.Served;
import io.moineau.plan.placement.PlacementResult.SiteUse;
import io.moineau.plan.placement.PlacementResult.Stock;
import java.util.ArrayList;
import java.util.List;

/** A placement as rows of text, for the terminal and for reports. */
public final class PlacementTables {
  /** Columns of {@link #assignments}; those that begin with {@code >} hold numbers. */
  public static final List<String> ASSIGNMENTS =
      List.of(
          "site",
          "workload",
          "chip",
          "weights",
          "layout",
          ">replicas",
          ">chips",
          ">req/s",
          ">used",
          ">TTFT",
          ">TPOT",
          ">kW",
          ">USD/h");

  /** Columns of {@link #stock}. */
  public static final List<String> STOCK =
      List.of("site", "chip", ">held", ">bought", ">removed", ">used", ">idle");

  /** Columns of {@link #sites}. */
  public static final List<String> SITES =
      List.of("site", "country", ">kW", ">of", ">USD/h", ">domestic");

  /** Columns of {@link #served}. */
  public static final List<String> SERVED =
      List.of("workload", ">req/s wanted", ">served", ">part");

  private final PlacementResult result;

  /** Those of a result. */
  public PlacementTables(PlacementResult result) {
    this.result = result;
  }

  /** The answer in a line. */
  public String verdict() {
    if (!result.isFeasible()) {
      return "nothing is within all constraints";
    }
    boolean isAll = result.served().stream().allMatch(one -> one.part() > 1 - 1e-6);
    String text =
        (isAll ? "all is served" : "not all is served")
            + " with "
            + Numbers.plain(result.kilowatts())
            + " kW, for "
            + Numbers.plain(result.usdPerHour())
            + " USD an hour";
    if (result.usdToBuy() > 0) {
      text += ", " + Numbers.plain(result.usdToBuy()) + " USD of purchases written off in it";
    }
    return text;
  }

  /** How sure it is that nothing is cheaper. */
  public String gap() {
    if (Double.isNaN(result.gap())) {
      return "whether another placement is cheaper is not known";
    }
    // The search ends within a thousandth: what is less is no news.
    return result.gap() <= 0.001 + 1e-9
        ? "nothing is cheaper by more than a thousandth"
        : "another placement is cheaper by at most " + Numbers.percent(result.gap());
  }

  /** A row for each kind of replica at each site. */
  public List<List<String>> assignments() {
    List<List<String>> rows = new ArrayList<>();
    for (Assignment one : result.assignments()) {
      rows.add(
          List.of(
              one.site(),
              one.workload(),
              one.chip(),
              one.weights(),
              one.layout(),
              String.valueOf(one.replicas()),
              one.replicas() + " x " + one.chips(),
              Numbers.plain(one.requestsPerSecond()),
              Numbers.percent(one.utilisation()),
              seconds(one.ttft()),
              seconds(one.tpot()),
              Numbers.plain(one.kilowatts()),
              Numbers.plain(one.usdPerHour())));
    }
    return rows;
  }

  private static String seconds(Range range) {
    return range.known() ? Numbers.seconds(range.value()) : "-";
  }

  /** A row for each workload. */
  public List<List<String>> served() {
    List<List<String>> rows = new ArrayList<>();
    for (Served one : result.served()) {
      rows.add(
          List.of(
              one.workload(),
              Numbers.plain(one.wanted()),
              Numbers.plain(one.requestsPerSecond()),
              Numbers.percent(one.part())));
    }
    return rows;
  }

  /** A row for each site. */
  public List<List<String>> sites() {
    List<List<String>> rows = new ArrayList<>();
    for (SiteUse one : result.sites()) {
      rows.add(
          List.of(
              one.site(),
              one.country(),
              Numbers.plain(one.kilowatts()),
              one.limitKilowatts().isPresent()
                  ? Numbers.plain(one.limitKilowatts().getAsDouble())
                  : "-",
              Numbers.plain(one.usdPerHour()),
              one.share().isPresent() ? Numbers.percent(one.share().getAsDouble()) : "-"));
    }
    return rows;
  }

  /** A row for each kind of chip at each site. */
  public List<List<String>> stock() {
    List<List<String>> rows = new ArrayList<>();
    for (Stock one : result.stock()) {
      rows.add(
          List.of(
              one.site(),
              one.chip(),
              String.valueOf(one.held()),
              String.valueOf(one.bought()),
              String.valueOf(one.removed()),
              String.valueOf(one.used()),
              String.valueOf(one.idle())));
    }
    return rows;
  }

  /** What {@link #relaxations} are. */
  public String aboutRelaxations() {
    return result.relaxations().stream().allMatch(Relaxation::isSmallest)
        ? "any one of these suffices, and nothing smaller"
        : "any one of these suffices; whether something smaller does was not found out";
  }

  /** The sets of constraints to relax, a line each: any one of them suffices. */
  public List<String> relaxations() {
    List<String> lines = new ArrayList<>();
    for (Relaxation one : result.relaxations()) {
      lines.add(String.join("; and ", one.relaxed().stream().map(Relaxed::text).toList()));
    }
    return lines;
  }
}
