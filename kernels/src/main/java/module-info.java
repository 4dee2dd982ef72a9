/** The arithmetic: kernel providers, quantised types, the thread team, CPU features. */
module io.moineau.kernels {
  requires transitive io.moineau.tensor;
  requires transitive io.moineau.error;
  requires static org.jspecify;
  requires jdk.incubator.vector;

  exports io.moineau.kernels;
  exports io.moineau.kernels.dense;
  exports io.moineau.kernels.quant;
}
