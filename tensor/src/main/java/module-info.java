/** Element types, shapes and views of tensors over memory. */
module io.moineau.tensor {
  requires transitive io.moineau.error;
  requires static org.jspecify;

  exports io.moineau.tensor;
}
