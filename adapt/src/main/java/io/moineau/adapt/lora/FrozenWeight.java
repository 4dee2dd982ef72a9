package io.moineau.adapt.lora;

import io.moineau.kernels.RowDecoder;
import io.moineau.tensor.TensorView;

/**
 * Rows of a matrix in a file, of any type that can be read: decoded when they are needed, and kept
 * nowhere.
 */
final class FrozenWeight {
  private final TensorView view;
  private final int rows;
  private final int columns;

  /** All rows of a tensor, over every dimension but the fastest. */
  FrozenWeight(TensorView view) {
    this.view = view;
    rows = Math.toIntExact(view.rows());
    columns = Math.toIntExact(view.columns());
  }

  int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  /** Writes {@code count} rows from {@code row} on to {@code to[at]} on. */
  void decode(RowDecoder decoder, int row, int count, float[] to, int at) {
    decoder.decode(view, row, count, to, at);
  }
}
