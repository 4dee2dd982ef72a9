package io.moineau.model;

import io.moineau.kernels.AttentionShape;
import io.moineau.kernels.ExpertGroups;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.TensorView;

/**
 * Bytes of weights, keys and values that passes had to read from memory, counted where they are
 * used: a weight once per pass whatever the number of tokens, an expert only if a token chose it,
 * keys and values once per sequence and layer for all positions that its tokens see.
 *
 * <p>What is read again because a cache was too small is not in it, nor are norms, biases,
 * embedding rows and activations: together they are less than a percent of what a model of any size
 * reads for a token. Written by the thread that runs passes.
 */
public final class MemoryTraffic {
  private long weightBytes;
  private long kvBytes;

  MemoryTraffic() {}

  /** Bytes of weights since the workspace was made. */
  public long weightBytes() {
    return weightBytes;
  }

  /** Bytes of keys and values since the workspace was made. */
  public long kvBytes() {
    return kvBytes;
  }

  void read(TensorView weight) {
    weightBytes += weight.data().byteSize();
  }

  void read(TensorView[] weights) {
    for (TensorView weight : weights) {
      read(weight);
    }
  }

  /** Each of {@code weights} holds all experts; those that nobody chose stay where they are. */
  void read(TensorView[] weights, ExpertGroups groups) {
    int chosen = 0;
    for (int e = 0; e < groups.numExperts(); e++) {
      chosen += groups.count(e) > 0 ? 1 : 0;
    }
    for (TensorView weight : weights) {
      weightBytes += weight.data().byteSize() / groups.numExperts() * chosen;
    }
  }

  /** Tokens of a sequence stand together in a batch, by position. */
  void attend(AttentionShape shape, Batch batch, PagedKv kv) {
    long positions = 0;
    int first = 0;
    for (int t = 0; t < batch.size; t++) {
      if (t + 1 == batch.size || batch.sequences[t + 1] != batch.sequences[t]) {
        int from =
            shape.slidingWindow() == 0
                ? 0
                : Math.max(0, batch.positions[first] + 1 - shape.slidingWindow());
        positions += batch.positions[t] + 1 - from;
        first = t + 1;
      }
    }
    kvBytes += positions * kv.layerBytesPerToken();
  }
}
