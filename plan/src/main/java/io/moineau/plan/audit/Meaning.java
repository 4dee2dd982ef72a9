package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.expr.Truth;
import java.math.BigDecimal;

/** Meanings of "domestic" that the sources leave open. */
public enum Meaning {
  /** The vendor has its seat in the country. */
  VENDOR("vendor of the country"),
  /** It is made in the country. */
  MADE("made in the country"),
  /** Both. */
  VENDOR_AND_MADE("both"),
  /** Half of the vendor or more is owned in the country. */
  OWNED("vendor owned there by half or more");

  private static final BigDecimal HALF = BigDecimal.valueOf(50);

  private final String words;

  Meaning(String words) {
    this.words = words;
  }

  /** In words. */
  public String words() {
    return words;
  }

  /** Whether a chip is domestic in a country. */
  public Truth domestic(Item item, String country) {
    Truth vendor = Truth.of(item.vendorCountry().equals(country));
    Truth made =
        item.foundryCountry().isEmpty()
            ? Truth.UNKNOWN
            : Truth.of(item.foundryCountry().equals(country));
    return switch (this) {
      case VENDOR -> vendor;
      case MADE -> made;
      case VENDOR_AND_MADE -> vendor.and(made);
      case OWNED ->
          item.ownership().map(o -> Truth.of(o.compareTo(HALF) >= 0)).orElse(Truth.UNKNOWN);
    };
  }
}
