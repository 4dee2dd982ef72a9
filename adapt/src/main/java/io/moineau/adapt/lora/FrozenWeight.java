package io.moineau.adapt.lora;

import io.moineau.kernels.quant.BlockCodec;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.TensorView;

/**
 * Rows of a matrix in a file, of any type that can be read: decoded when they are needed, and kept
 * nowhere.
 */
final class FrozenWeight {
  private final TensorView view;
  private final BlockCodec codec;
  private final int rows;
  private final int columns;

  /** All rows of a tensor, over every dimension but the fastest. */
  FrozenWeight(TensorView view) {
    this.view = view;
    codec = BlockCodecs.of(view.type());
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
  void decode(int row, int count, float[] to, int at) {
    long rowBytes = view.rowBytes();
    for (int i = 0; i < count; i++) {
      codec.dequantize(view.data(), (row + (long) i) * rowBytes, to, at + i * columns, columns);
    }
  }
}
