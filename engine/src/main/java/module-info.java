/** Sequences, scheduling, sampling, and the facade {@code io.moineau.Moineau}. */
module io.moineau.engine {
  requires transitive io.moineau.model;
  requires transitive io.moineau.text;
  requires java.management;
  requires jdk.management;
  requires static org.jspecify;

  exports io.moineau;
  exports io.moineau.engine;
  exports io.moineau.engine.peft;
}
