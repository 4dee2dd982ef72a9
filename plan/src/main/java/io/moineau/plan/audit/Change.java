package io.moineau.plan.audit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The least change of a fleet under which readings pass: the fewest chips, of those choices the
 * cheapest, of those the one that loses the least compute and bandwidth.
 *
 * @param status whether there is one
 * @param chips how many change: a swap counts once
 * @param leaving chips that leave
 * @param coming chips that come
 * @param cost of those that come, where the prices of all of them are known
 * @param worth of those that leave, where known
 * @param before what the sites come to now
 * @param after what they come to then
 * @param why it is impossible, or what was not weighed; may be empty
 */
public record Change(
    Status status,
    long chips,
    List<Move> leaving,
    List<Move> coming,
    Optional<BigDecimal> cost,
    Optional<BigDecimal> worth,
    Totals before,
    Totals after,
    List<String> why) {

  /** Whether there is a change that passes. */
  public enum Status {
    /** Nothing has to change. */
    PASSES("passes"),
    /** This change passes, and no smaller one does. */
    LEAST("least change"),
    /** This change passes; the time was over before smaller ones could be ruled out. */
    CHANGE("a change, perhaps not the least"),
    /** No change that is allowed passes. */
    IMPOSSIBLE("impossible"),
    /** The time was over before one was found. */
    UNDECIDED("not decided");

    private final String words;

    Status(String words) {
      this.words = words;
    }

    /** In words. */
    public String words() {
      return words;
    }
  }

  /**
   * Chips that leave or come.
   *
   * @param site its name
   * @param chip its name
   * @param isStorage whether it stores
   * @param count how many
   */
  public record Move(String site, String chip, boolean isStorage, long count) {
    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("site", site);
      json.put("chip", chip);
      json.put("count", count);
      return json;
    }
  }

  /** Whether the readings pass, now or after it. */
  public boolean isFound() {
    return status == Status.PASSES || status == Status.LEAST || status == Status.CHANGE;
  }

  /** {@code swap 57 x H20 96GB for 57 x Ascend 910C; add 3 x ...}, a line for each site. */
  public List<String> lines() {
    List<String> sites = new ArrayList<>();
    leaving.forEach(move -> add(sites, move.site()));
    coming.forEach(move -> add(sites, move.site()));
    List<String> lines = new ArrayList<>();
    for (String site : sites) {
      for (boolean isStorage : new boolean[] {false, true}) {
        String line = line(site, isStorage);
        if (!line.isEmpty()) {
          lines.add(sites.size() > 1 ? "at " + site + ": " + line : line);
        }
      }
    }
    return lines;
  }

  private static void add(List<String> sites, String site) {
    if (!sites.contains(site)) {
      sites.add(site);
    }
  }

  private String line(String site, boolean isStorage) {
    List<Move> out = of(leaving, site, isStorage);
    List<Move> in = of(coming, site, isStorage);
    long swapped = Math.min(count(out), count(in));
    List<String> parts = new ArrayList<>();
    if (swapped > 0) {
      parts.add("swap " + words(take(out, 0, swapped)) + " for " + words(take(in, 0, swapped)));
    }
    if (count(in) > swapped) {
      parts.add("add " + words(take(in, swapped, count(in))));
    }
    if (count(out) > swapped) {
      parts.add("remove " + words(take(out, swapped, count(out))));
    }
    return String.join("; ", parts);
  }

  private static List<Move> of(List<Move> moves, String site, boolean isStorage) {
    return moves.stream().filter(m -> m.site().equals(site) && m.isStorage() == isStorage).toList();
  }

  private static long count(List<Move> moves) {
    return moves.stream().mapToLong(Move::count).sum();
  }

  /** Those of a row of chips from one place in it to another. */
  private static List<Move> take(List<Move> moves, long from, long to) {
    List<Move> taken = new ArrayList<>();
    long at = 0;
    for (Move move : moves) {
      long begin = Math.max(at, from);
      long end = Math.min(at + move.count(), to);
      if (end > begin) {
        taken.add(new Move(move.site(), move.chip(), move.isStorage(), end - begin));
      }
      at += move.count();
    }
    return taken;
  }

  private static String words(List<Move> moves) {
    return String.join(" and ", moves.stream().map(m -> m.count() + " x " + m.chip()).toList());
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("status", status.words());
    if (!why.isEmpty()) {
      json.put("why", why);
    }
    if (status == Status.LEAST || status == Status.CHANGE) {
      json.put("chips", chips);
      json.put("leaving", leaving.stream().map(Move::json).toList());
      json.put("coming", coming.stream().map(Move::json).toList());
      json.put("text", lines());
      cost.ifPresent(c -> json.put("cost", c));
      worth.ifPresent(w -> json.put("worth_of_leaving", w));
      json.put("before", before.json());
      json.put("after", after.json());
    }
    return json;
  }
}
