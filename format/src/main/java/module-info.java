/** Readers and writers of model files; nothing is computed here. */
module io.moineau.format {
  requires transitive io.moineau.tensor;
  requires transitive io.moineau.error;
  requires static org.jspecify;

  exports io.moineau.format;
}
