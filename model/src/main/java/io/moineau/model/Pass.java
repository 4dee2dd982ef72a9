package io.moineau.model;

import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;

/** What every block of one forward pass shares. */
public record Pass(
    Kernels kernels,
    Batch batch,
    PagedKv kv,
    Workspace workspace,
    @Nullable ExpertListener experts,
    @Nullable ActivationListener activations) {

  int size() {
    return batch.size;
  }

  void seen(String name, int layer, FloatMatrix values) {
    if (activations != null) {
      activations.seen(name, layer, values, batch.size);
    }
  }
}
