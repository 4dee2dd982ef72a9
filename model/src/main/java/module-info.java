/** Configuration, blocks and architectures of the models that run. */
module io.moineau.model {
  requires transitive io.moineau.kernels;
  requires transitive io.moineau.format;
  requires static org.jspecify;

  exports io.moineau.model;
  exports io.moineau.model.quantize;
}
