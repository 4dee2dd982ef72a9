package io.moineau.plan.placement;

import io.moineau.plan.chips.Chip;
import java.util.List;

/** Which replicas serve some traffic on some chip. */
@FunctionalInterface
public interface Replicas {
  /**
   * What may be chosen from.
   *
   * @param choices replicas of several sizes; those over a limit too, with their excess
   * @param reasons why there are none
   */
  record Offer(List<Replica> choices, List<String> reasons) {
    /** Makes its own copies. */
    public Offer {
      choices = List.copyOf(choices);
      reasons = List.copyOf(reasons);
    }
  }

  /** The replicas of some traffic on a chip. */
  Offer of(Demand.Traffic traffic, Chip chip);
}
