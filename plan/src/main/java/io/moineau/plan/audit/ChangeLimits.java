package io.moineau.plan.audit;

import io.moineau.plan.yaml.Scalar;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a change of a fleet may be.
 *
 * @param kinds of single changes that are allowed
 * @param budget most that the chips that come may cost together, if there is a limit
 * @param keep part of the compute (16 bit) and of the memory's bandwidth of a site that must
 *     remain, 0 to 1, if there is a limit
 * @param mostChips most computing chips that a site may hold, if there is a limit
 */
public record ChangeLimits(
    Set<Kind> kinds,
    Optional<BigDecimal> budget,
    Optional<BigDecimal> keep,
    Optional<BigDecimal> mostChips) {

  /** What can happen to one chip. */
  public enum Kind {
    /** One chip leaves and another comes in its place. */
    SWAP,
    /** A chip comes. */
    ADD,
    /** A chip leaves. */
    REMOVE;

    /** The name in files. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Chips may be swapped and added, and nothing else is asked. */
  public static final ChangeLimits NONE =
      new ChangeLimits(
          EnumSet.of(Kind.SWAP, Kind.ADD), Optional.empty(), Optional.empty(), Optional.empty());

  /** Copies the set. */
  public ChangeLimits {
    kinds = Set.copyOf(kinds);
  }

  static ChangeLimits read(YamlSection part) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (Scalar word : part.scalars("kinds")) {
      Kind kind =
          List.of(Kind.values()).stream()
              .filter(one -> one.key().equals(word.value()))
              .findFirst()
              .orElseThrow(() -> word.bad("has " + word.value(), "swap, add, remove"));
      kinds.add(kind);
    }
    if (kinds.isEmpty()) {
      if (part.has("kinds")) {
        throw part.bad("kinds", "is empty", "a list of swap, add, remove");
      }
      kinds.addAll(NONE.kinds());
    }
    Optional<BigDecimal> keep = part.number("keep");
    if (keep.isPresent() && keep.get().compareTo(BigDecimal.ONE) > 0) {
      throw part.bad("keep", "is " + keep.get(), "a part from 0 to 1, such as 0.9");
    }
    if (kinds.equals(EnumSet.of(Kind.REMOVE)) && part.has("budget")) {
      throw part.bad("budget", "contradicts kinds", "a budget where chips may come: swap, add");
    }
    ChangeLimits limits =
        new ChangeLimits(kinds, part.number("budget"), keep, part.number("most_chips"));
    part.end();
    return limits;
  }

  /** The same with other kinds of changes. */
  public ChangeLimits with(Set<Kind> others) {
    return new ChangeLimits(others, budget, keep, mostChips);
  }

  /** The names of the limits that are set. */
  Set<String> names() {
    return json().keySet().stream()
        .filter(key -> !key.equals("kinds"))
        .collect(java.util.stream.Collectors.toCollection(java.util.TreeSet::new));
  }

  /** The same without one limit. */
  ChangeLimits without(String name) {
    return new ChangeLimits(
        kinds,
        name.equals("budget") ? Optional.empty() : budget,
        name.equals("keep") ? Optional.empty() : keep,
        name.equals("most_chips") ? Optional.empty() : mostChips);
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kinds", kinds.stream().sorted().map(Kind::key).toList());
    budget.ifPresent(b -> json.put("budget", b));
    keep.ifPresent(k -> json.put("keep", k));
    mostChips.ifPresent(m -> json.put("most_chips", m));
    return json;
  }
}
