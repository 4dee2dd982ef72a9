package io.moineau.model;

import io.moineau.kernels.PagedKv;
import io.moineau.tensor.FloatMatrix;

/** Puts the keys and values of a batch where each token's block table says. */
final class KvWriter {
  private KvWriter() {}

  static void write(Pass pass, int layer, FloatMatrix key, FloatMatrix value) {
    Batch batch = pass.batch();
    PagedKv kv = pass.kv();
    int blockTokens = kv.blockTokens();
    for (int t = 0; t < batch.size; t++) {
      int[] table = batch.blockTables[batch.sequences[t]];
      int position = batch.positions[t];
      kv.write(layer, table[position / blockTokens], position % blockTokens, key, value, t);
    }
  }
}
