/** Training and fine-tuning on CPUs. */
module io.moineau.adapt {
  requires transitive io.moineau.engine;
  requires org.snakeyaml.engine;
  requires static org.jspecify;

  exports io.moineau.adapt;
}
