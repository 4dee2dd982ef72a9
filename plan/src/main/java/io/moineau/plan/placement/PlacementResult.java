package io.moineau.plan.placement;

import io.moineau.plan.rules.Assessment;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Which chips serve what; or, where nothing can be within all constraints, the smallest sets of
 * them to relax.
 *
 * @param date on which the rules were asked
 * @param assignments by site
 * @param sites what each of them uses
 * @param stock of chips at each site
 * @param served of each workload
 * @param usdPerHour of everything, purchases written off
 * @param usdToBuy of what is bought
 * @param kilowatts of all chips in use
 * @param gap by what part of the cost a better placement could be cheaper at most
 * @param binding constraints that leave no room for one more replica
 * @param relaxations smallest sets of constraints to relax; empty where the placement is feasible
 * @param reasons why chips cannot serve a workload, where nothing can be
 * @param remarks what was taken for granted
 */
public record PlacementResult(
    LocalDate date,
    List<Assignment> assignments,
    List<SiteUse> sites,
    List<Stock> stock,
    List<Served> served,
    double usdPerHour,
    double usdToBuy,
    double kilowatts,
    double gap,
    List<String> binding,
    List<Relaxation> relaxations,
    List<String> reasons,
    List<String> remarks) {
  /**
   * What a site uses.
   *
   * @param limitKilowatts if there is a limit
   * @param share of domestic chips by the quota's reading, if it is under one
   */
  public record SiteUse(
      String site,
      String country,
      double kilowatts,
      OptionalDouble limitKilowatts,
      double usdPerHour,
      OptionalDouble share) {
    Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("site", site);
      json.put("country", country);
      json.put("kilowatts", kilowatts);
      json.put("limit_kilowatts", limitKilowatts.isPresent() ? limitKilowatts.getAsDouble() : null);
      json.put("usd_per_hour", usdPerHour);
      json.put("domestic_share", share.isPresent() ? share.getAsDouble() : null);
      return json;
    }
  }

  /**
   * Chips of one kind at a site.
   *
   * @param held before
   * @param used by replicas
   */
  public record Stock(String site, String chip, long held, long bought, long removed, long used) {
    /** Chips that are there and do nothing. */
    public long idle() {
      return held + bought - removed - used;
    }

    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("site", site);
      json.put("chip", chip);
      json.put("held", held);
      json.put("bought", bought);
      json.put("removed", removed);
      json.put("used", used);
      json.put("idle", idle());
      return json;
    }
  }

  /** What is served of a workload. */
  public record Served(String workload, double wanted, double requestsPerSecond) {
    /** The part that is served. */
    public double part() {
      return requestsPerSecond / wanted;
    }

    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("workload", workload);
      json.put("wanted_requests_per_second", wanted);
      json.put("served_requests_per_second", requestsPerSecond);
      json.put("part", part());
      return json;
    }
  }

  /**
   * A set of constraints that suffices.
   *
   * @param relaxed each of them, with what it would have to be
   * @param isSmallest whether it is proven that no set of fewer does
   */
  public record Relaxation(List<Relaxed> relaxed, boolean isSmallest) {
    /** Makes its own copy. */
    public Relaxation {
      relaxed = List.copyOf(relaxed);
    }

    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("relax", relaxed.stream().map(Relaxed::json).toList());
      json.put("smallest", isSmallest);
      return json;
    }
  }

  /**
   * A constraint that would have to give way.
   *
   * @param constraint power, chips, quota, cost, buying, demand, limits, country, shipping, renting
   *     or replicas
   * @param subject a site, a workload, a chip
   * @param from what it is; NaN where it is no number
   * @param to what it would have to be; NaN likewise
   * @param unit of both; may be empty
   * @param text all that in words
   */
  public record Relaxed(
      String constraint, String subject, double from, double to, String unit, String text) {
    Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("constraint", constraint);
      json.put("subject", subject);
      json.put("from", Double.isNaN(from) ? null : from);
      json.put("to", Double.isNaN(to) ? null : to);
      json.put("unit", unit);
      json.put("text", text);
      return json;
    }
  }

  /** Makes its own copies. */
  public PlacementResult {
    assignments = List.copyOf(assignments);
    sites = List.copyOf(sites);
    stock = List.copyOf(stock);
    served = List.copyOf(served);
    binding = List.copyOf(binding);
    relaxations = List.copyOf(relaxations);
    reasons = List.copyOf(reasons);
    remarks = List.copyOf(remarks);
  }

  /** Whether there is a placement within all constraints. */
  public boolean isFeasible() {
    return relaxations.isEmpty() && reasons.isEmpty();
  }

  /** What is served of a workload, if it is known. */
  public Optional<Served> served(String workload) {
    return served.stream().filter(one -> one.workload().equals(workload)).findFirst();
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("date", date.toString());
    json.put("feasible", isFeasible());
    if (isFeasible()) {
      json.put("usd_per_hour", usdPerHour);
      json.put("usd_to_buy", usdToBuy);
      json.put("kilowatts", kilowatts);
      json.put("gap", gap);
      json.put("assignments", new ArrayList<>(assignments.stream().map(Assignment::json).toList()));
      json.put("sites", new ArrayList<>(sites.stream().map(SiteUse::json).toList()));
      json.put("stock", stock.stream().map(Stock::json).toList());
      json.put("served", served.stream().map(Served::json).toList());
      json.put("binding", binding);
    }
    json.put("relaxations", relaxations.stream().map(Relaxation::json).toList());
    json.put("reasons", reasons);
    json.put("remarks", remarks);
    json.put("note", Assessment.DISCLAIMER);
    return json;
  }
}
