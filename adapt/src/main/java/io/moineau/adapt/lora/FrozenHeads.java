package io.moineau.adapt.lora;

import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.Workers;
import io.moineau.model.ModelConfig.MlaConfig;

/**
 * Keys and values of each head from the compressed vector of latent attention.
 *
 * <p>New files have {@code attn_k_b} per head on its side, {@code [kvLoraRank, qkNopeHeadDim]}, and
 * {@code attn_v_b}; old ones have {@code attn_kv_b}, in which a head's keys and values lie
 * together.
 */
final class FrozenHeads {
  private final Workers workers;
  private final FrozenProducts products;
  private final int heads;
  private final int nope;
  private final int valueDim;
  private final int lora;
  private final FrozenWeight[] attnKB; // per head [kvLoraRank, nope]; none in old files
  private final FrozenWeight joined; // attn_v_b, or attn_kv_b in old files
  private final Slab both; // [n, heads * (nope + valueDim)], of old files
  private final Slab dBoth;

  FrozenHeads(Tuning tuning, String prefix, int heads, MlaConfig mla) {
    workers = tuning.workers();
    products = tuning.products();
    this.heads = heads;
    nope = mla.qkNopeHeadDim();
    valueDim = mla.vHeadDim();
    lora = mla.kvLoraRank();
    FrozenTensors tensors = tuning.tensors();
    boolean old = tensors.has(prefix + "kv_b.weight");
    int perHead = nope + valueDim;
    attnKB = old ? new FrozenWeight[0] : tensors.matrices(prefix + "k_b.weight", heads, lora, nope);
    joined =
        old
            ? tensors.matrix(prefix + "kv_b.weight", (long) heads * perHead, lora)
            : new FrozenWeight(tensors.tensor(prefix + "v_b.weight", heads, valueDim, lora));
    both = tuning.blueprint().scratch("keysAndValues", old ? heads * perHead : 0);
    dBoth = tuning.blueprint().scratch("dKeysAndValues", old ? heads * perHead : 0);
  }

  /**
   * Computes keys and values.
   *
   * @param x {@code [n, kvLoraRank]}
   * @param keys {@code [n, heads * nope]}
   * @param values {@code [n, heads * valueDim]}
   */
  void forward(int n, float[] x, float[] keys, float[] values) {
    int width = joined.rows();
    if (attnKB.length == 0) {
      products.forward(joined, n, x, 0, lora, both.data(), 0, width, false);
      products.run();
      workers.rows(n, (from, to, piece) -> split(from, to, keys, values));
      return;
    }
    for (int h = 0; h < heads; h++) {
      products.transposed(attnKB[h], n, x, 0, lora, keys, h * nope, heads * nope, false);
    }
    products.forward(joined, n, x, 0, lora, values, 0, width, false);
    products.run();
  }

  /** Adds to the gradient of x. */
  void backward(int n, float[] dKeys, float[] dValues, float[] dx) {
    int width = joined.rows();
    if (attnKB.length == 0) {
      workers.rows(n, (from, to, piece) -> join(from, to, dKeys, dValues));
      products.transposed(joined, n, dBoth.data(), 0, width, dx, 0, lora, true);
      products.run();
      return;
    }
    for (int h = 0; h < heads; h++) {
      products.forward(attnKB[h], n, dKeys, h * nope, heads * nope, dx, 0, lora, true);
    }
    products.transposed(joined, n, dValues, 0, width, dx, 0, lora, true);
    products.run();
  }

  private void split(int from, int to, float[] keys, float[] values) {
    int at = from * heads * (nope + valueDim);
    for (int row = from * heads; row < to * heads; row++) {
      System.arraycopy(both.data(), at, keys, row * nope, nope);
      System.arraycopy(both.data(), at + nope, values, row * valueDim, valueDim);
      at += nope + valueDim;
    }
  }

  private void join(int from, int to, float[] dKeys, float[] dValues) {
    int at = from * heads * (nope + valueDim);
    for (int row = from * heads; row < to * heads; row++) {
      System.arraycopy(dKeys, row * nope, dBoth.data(), at, nope);
      System.arraycopy(dValues, row * valueDim, dBoth.data(), at + nope, valueDim);
      at += nope + valueDim;
    }
  }
}
