package io.moineau.plan.placement;

/**
 * Something that a placement must keep to, and that a person could relax.
 *
 * @param kind what it is
 * @param subject of it: a site, a workload, a chip
 * @param why what it says, or why it stands in the way
 */
record Constraint(Kind kind, String subject, String why) {
  /** What may be relaxed. */
  enum Kind {
    /** Chips at a site, with those that may be bought. */
    CHIPS,
    POWER,
    COST,
    BUYING,
    QUOTA,
    /** The part of the requests that must be served. */
    DEMAND,
    /** Times that were promised. */
    LIMITS,
    /** Where data may be. */
    COUNTRY,
    /** Rules on buying chips for a country. */
    SHIPPING,
    /** Rules on remote use. */
    RENTING,
    REPLICAS;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** The same constraint has one switch, whatever it was found by. */
  String key() {
    return kind + " " + subject;
  }
}
