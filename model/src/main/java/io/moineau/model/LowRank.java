package io.moineau.model;

import io.moineau.tensor.TensorView;

/**
 * What an adapter adds to one weight: {@code scale * b a} (LoRA, arXiv 2106.09685).
 *
 * @param a {@code [rank, columns]}, or {@code [experts, rank, columns]}
 * @param b {@code [rows, rank]}, or {@code [experts, rows, rank]}
 * @param scale the adapter's alpha / rank times what the user asked for
 */
record LowRank(TensorView a, TensorView b, float scale) {
  int rank() {
    return Math.toIntExact(b.columns());
  }

  /** The part that belongs to rows {@code from} to {@code from + count - 1} of the weight. */
  LowRank rows(long from, long count) {
    return new LowRank(a, TensorBinder.slice(b, from, count), scale);
  }
}
