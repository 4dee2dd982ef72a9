package io.moineau.model;

import io.moineau.kernels.ExpertGroups;
import io.moineau.kernels.Kernels;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What adapters add to the products of a model: {@code out += scale * b (a x)} beside {@code out =
 * w x}. Weights stay as they are.
 *
 * <p>Filled while weights are bound, since some are cut or turned then; read only afterwards.
 */
final class Adapters {
  private final List<LoraAdapter> adapters;
  private final Map<TensorView, List<LowRank>> changes = new IdentityHashMap<>();
  private final Set<String> bound = new HashSet<>();

  Adapters(List<LoraAdapter> adapters) {
    this.adapters = List.copyOf(adapters);
  }

  /** What is added to the weight of this name. */
  List<LowRank> named(String name) {
    bound.add(name);
    List<LowRank> found = new ArrayList<>();
    for (LoraAdapter adapter : adapters) {
      LowRank change = adapter.changes().get(name);
      if (change != null) {
        found.add(change);
      }
    }
    return found;
  }

  /** Says that this view is multiplied with where the weight is meant. */
  void bind(TensorView weight, List<LowRank> additions) {
    if (!additions.isEmpty()) {
      changes.put(weight, List.copyOf(additions));
    }
  }

  /** What is added to a view that was bound. */
  List<LowRank> of(TensorView weight) {
    return changes.getOrDefault(weight, List.of());
  }

  /**
   * To be called when all weights are bound.
   *
   * @throws ModelException {@code lora-not-used} if an adapter changes one that was not
   */
  void checkAllBound() {
    for (LoraAdapter adapter : adapters) {
      for (String name : adapter.changes().keySet()) {
        if (!bound.contains(name)) {
          throw new ModelException(
              "lora-not-used",
              "an adapter changes a weight that takes no part in the model as it runs here",
              "tensor " + name + " of " + adapter.path(),
              "weights of the layers that are computed",
              "use the adapter with the model that it was trained on");
        }
      }
    }
  }

  /** Adds to one row of a weight what all adapters change of it. */
  void addRow(String name, long row, float[] floats) {
    adapters.forEach(adapter -> adapter.addTo(name, row, floats));
  }

  /** Whether nothing that is bound is changed. */
  boolean isEmpty() {
    return changes.isEmpty();
  }

  /** Adds to a product. */
  void add(Pass pass, TensorView weight, FloatMatrix x, int n, FloatMatrix out) {
    for (LowRank change : of(weight)) {
      Workspace scratch = pass.workspace();
      int columns = Math.toIntExact(weight.rows());
      FloatMatrix narrow = scratch.narrow(n, change.rank());
      FloatMatrix addition = scratch.addition(n, columns);
      pass.kernels().matmul(change.a(), x, n, narrow);
      pass.kernels().matmul(change.b(), narrow, n, addition);
      add(pass.kernels(), addition, n, columns, change.scale(), out);
    }
  }

  /** Adds to a product per expert; {@code gather} as {@link Kernels#expertMatmul} has it. */
  void add(
      Pass pass,
      TensorView weight,
      FloatMatrix x,
      ExpertGroups groups,
      boolean gather,
      FloatMatrix out) {
    for (LowRank change : of(weight)) {
      Workspace scratch = pass.workspace();
      int n = groups.size();
      int columns = Math.toIntExact(weight.shape().dim(1));
      FloatMatrix narrow = scratch.narrow(n, change.rank());
      FloatMatrix addition = scratch.addition(n, columns);
      pass.kernels()
          .expertMatmul(
              new TensorView[] {change.a()}, x, groups, gather, new FloatMatrix[] {narrow});
      pass.kernels()
          .expertMatmul(
              new TensorView[] {change.b()}, narrow, groups, false, new FloatMatrix[] {addition});
      add(pass.kernels(), addition, n, columns, change.scale(), out);
    }
  }

  /** Adds to rows of the embedding. */
  void embed(Pass pass, TensorView embedding, FloatMatrix out) {
    for (LowRank change : named(LoraAdapter.EMBEDDING)) {
      int n = pass.size();
      int columns = Math.toIntExact(embedding.columns());
      FloatMatrix narrow = pass.workspace().narrow(n, change.rank());
      FloatMatrix addition = pass.workspace().addition(n, columns);
      for (int t = 0; t < n; t++) {
        pass.kernels().dequantizeRow(change.a(), pass.batch().tokens[t], narrow, t);
      }
      pass.kernels().matmul(change.b(), narrow, n, addition);
      add(pass.kernels(), addition, n, columns, change.scale(), out);
    }
  }

  private static void add(
      Kernels kernels, FloatMatrix addition, int n, int columns, float scale, FloatMatrix out) {
    kernels.parallel(n, t -> kernels.addScaled(out, t, addition, t, columns, scale));
  }
}
