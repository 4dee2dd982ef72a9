/** Tiny seeded models and where the oracles are, for tests. */
module io.moineau.testkit {
  requires transitive io.moineau.format;
  requires static org.jspecify;

  exports io.moineau.testkit;
}
