package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Meaning;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.ModelShape;
import io.moineau.plan.capacity.WeightType;
import io.moineau.plan.capacity.Workload;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.rules.Verdict;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a fleet is to serve, and within which bounds.
 *
 * @param file that it is from
 * @param date on which the rules are asked; empty for the day of the question
 * @param endUserHq seat of who buys and uses the chips, or of its ultimate parent
 * @param usdPerHour most that everything may cost in an hour, purchases written off
 * @param usdToBuy most that may be spent on chips
 * @param writeOffYears over which purchases are spread
 * @param quota share of domestic chips that each site must keep
 * @param licences that are held
 * @param accepted answers of the rules that stand in no one's way here, beside "no licence"
 * @param facts further facts for the rules, by name
 * @param traffic what is to be served
 */
public record Demand(
    String file,
    Optional<LocalDate> date,
    Optional<String> endUserHq,
    OptionalDouble usdPerHour,
    OptionalDouble usdToBuy,
    double writeOffYears,
    Optional<Quota> quota,
    List<Licence> licences,
    Set<Verdict> accepted,
    Map<String, String> facts,
    List<Traffic> traffic) {
  /**
   * Requests of one kind.
   *
   * @param name what it is called
   * @param place file and line
   * @param model that serves it
   * @param weights types that may be used; empty for what each chip runs best
   * @param workload what each request is like
   * @param limits what users are promised
   * @param acceptedDrafts tokens of a step of decoding; 1 without drafts
   * @param requestsPerSecond how many there are
   * @param least part of them that must be served, 0 to 1
   * @param priority 1 is served first
   * @param countries where their data may be; empty for anywhere
   * @param endUserHq seat of who uses it, or of its ultimate parent
   * @param leastReplicas if a number is asked for
   * @param mostReplicas likewise
   */
  public record Traffic(
      String name,
      String place,
      ModelShape model,
      List<WeightType> weights,
      Workload workload,
      Limits limits,
      double acceptedDrafts,
      double requestsPerSecond,
      double least,
      int priority,
      List<String> countries,
      Optional<String> endUserHq,
      OptionalInt leastReplicas,
      OptionalInt mostReplicas) {
    /** Whether its data may be in a country. */
    public boolean mayBeIn(String country) {
      return countries.isEmpty() || countries.contains(country);
    }
  }

  /**
   * A share of domestic chips.
   *
   * @param place file and line
   * @param country whose sites keep it
   * @param pool computing, storage or together
   * @param unit chips, value, TB, or a precision such as fp16
   * @param meaning of domestic
   * @param share 0 to 1
   * @param orEqual whether exactly that share suffices
   */
  public record Quota(
      String place,
      String country,
      String pool,
      String unit,
      Meaning meaning,
      double share,
      boolean orEqual) {
    /** Whether it counts such chips. */
    boolean counts(Item item) {
      return pool.equals("together") || item.storage() == pool.equals("storage");
    }

    /** {@code more than 50 % domestic, computing by chips, vendor of the country}. */
    public String text() {
      return (orEqual ? "at least " : "more than ")
          + Numbers.percent(share)
          + " domestic, "
          + pool
          + " by "
          + unit
          + ", "
          + meaning.words();
    }
  }

  /**
   * A licence.
   *
   * @param chip full name in the catalogue
   * @param country where the chips are or go to
   * @param renting whether it is for remote use rather than for shipping
   */
  public record Licence(String chip, String country, boolean renting) {}

  /** Makes its own copies. */
  public Demand {
    licences = List.copyOf(licences);
    accepted = Set.copyOf(accepted);
    facts = Map.copyOf(facts);
    traffic = List.copyOf(traffic);
  }

  /** The same on another day. */
  public Demand on(LocalDate day) {
    return new Demand(
        file,
        Optional.of(day),
        endUserHq,
        usdPerHour,
        usdToBuy,
        writeOffYears,
        quota,
        licences,
        accepted,
        facts,
        traffic);
  }

  /**
   * Reads a file that begins with {@code moineau-demand: 1}.
   *
   * @throws io.moineau.plan.PlanException {@code plan-bad-file}, {@code plan-unknown-model}, {@code
   *     plan-unknown-chip} or {@code plan-contradiction}
   */
  public static Demand read(Path file, Catalogue catalogue) {
    return DemandReader.read(file, catalogue);
  }

  /** The same from a text; errors call it {@code name}, and paths in it are below the folder. */
  public static Demand parse(String text, String name, Path folder, Catalogue catalogue) {
    return DemandReader.parse(text, name, folder, catalogue);
  }
}
