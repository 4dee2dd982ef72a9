package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.expr.Truth;
import java.util.ArrayList;
import java.util.List;

/** Why no candidate helps a reading. */
final class Reasons {
  private Reasons() {}

  /** Empty where some candidate helps. */
  static List<String> of(Reading reading, Scope scope, List<Item> candidates, boolean isCautious) {
    String country = scope.sites().getFirst().country();
    List<Item> counted = candidates.stream().filter(reading.unit()::counts).toList();
    List<String> reasons = new ArrayList<>();
    if (counted.isEmpty()) {
      reasons.add("there is no candidate of " + reading.unit().pool() + " chips");
      return reasons;
    }
    List<Item> domestic =
        counted.stream()
            .filter(i -> {
              Truth is = reading.meaning().domestic(i, country);
              return is == Truth.YES || !isCautious && is == Truth.UNKNOWN;
            })
            .toList();
    if (domestic.isEmpty()) {
      reasons.add(
          switch (reading.meaning()) {
            case VENDOR -> "no candidate has a vendor of " + country;
            case MADE -> "no candidate is known to be made in " + country + " (made_in says it)";
            case VENDOR_AND_MADE ->
                "no candidate is known to be of a vendor of and made in "
                    + country
                    + " (made_in says it)";
            case OWNED -> "of no candidate's vendor it is known who owns it (ownership says it)";
          });
      return reasons;
    }
    boolean isKnown =
        domestic.stream()
            .anyMatch(i ->
                reading.unit().amount().apply(i).filter(f -> f.high().signum() > 0).isPresent());
    if (!isKnown) {
      reasons.add("no domestic candidate has a known " + reading.unit().name());
    }
    return reasons;
  }
}
