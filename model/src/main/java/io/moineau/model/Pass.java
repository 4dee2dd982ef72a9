package io.moineau.model;

import io.moineau.kernels.AttentionShape;
import io.moineau.kernels.ExpertGroups;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import org.jspecify.annotations.Nullable;

/** What every block of one forward pass shares. */
record Pass(
    Kernels kernels,
    Batch batch,
    PagedKv kv,
    Workspace workspace,
    @Nullable ExpertListener experts,
    @Nullable ActivationListener activations,
    Adapters adapters) {

  int size() {
    return batch.size;
  }

  /** {@link Kernels#matmul}, with what adapters add. */
  void matmul(TensorView weight, FloatMatrix x, int n, FloatMatrix out) {
    workspace.traffic.read(weight);
    kernels.matmul(weight, x, n, out);
    if (!adapters.isEmpty()) {
      adapters.add(this, weight, x, n, out);
    }
  }

  /** The same for several weights over the same {@code x}. */
  void matmul(TensorView[] weights, FloatMatrix x, int n, FloatMatrix[] outs) {
    workspace.traffic.read(weights);
    kernels.matmul(weights, x, n, outs);
    for (int i = 0; i < weights.length && !adapters.isEmpty(); i++) {
      adapters.add(this, weights[i], x, n, outs[i]);
    }
  }

  /** {@link Kernels#expertMatmul}, with what adapters add. */
  void expertMatmul(
      TensorView[] weights,
      FloatMatrix x,
      ExpertGroups groups,
      boolean gather,
      FloatMatrix[] outs) {
    workspace.traffic.read(weights, groups);
    kernels.expertMatmul(weights, x, groups, gather, outs);
    for (int i = 0; i < weights.length && !adapters.isEmpty(); i++) {
      adapters.add(this, weights[i], x, groups, gather, outs[i]);
    }
  }

  /** {@link Kernels#headMatmul} from the first column of {@code out} on. */
  void headMatmul(TensorView[] heads, FloatMatrix x, int stride, FloatMatrix out, int outStride) {
    workspace.traffic.read(heads);
    kernels.headMatmul(heads, x, stride, 0, batch.size, out, outStride, 0);
  }

  /** {@link Kernels#attention} of the batch's tokens over the keys and values of a layer. */
  void attention(AttentionShape shape, FloatMatrix query, int layer, FloatMatrix out) {
    workspace.traffic.attend(shape, batch, kv);
    kernels.attention(
        shape,
        query,
        batch.size,
        batch.positions,
        batch.sequences,
        batch.blockTables,
        kv,
        layer,
        out);
  }

  void seen(String name, int layer, FloatMatrix values) {
    if (activations != null) {
      activations.seen(name, layer, values, batch.size);
    }
  }
}
