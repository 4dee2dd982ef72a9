package io.moineau.engine.peft;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.model.ModelConfig;
import io.moineau.tensor.TensorView;

/** The small matrices of adapters as floats, row-major. */
final class Matrices {
  private Matrices() {}

  /** All floats of a tensor. */
  static float[] read(TensorView tensor) {
    float[] floats = new float[Math.toIntExact(tensor.shape().elements())];
    int columns = Math.toIntExact(tensor.columns());
    for (long row = 0; row < tensor.rows(); row++) {
      BlockCodecs.of(tensor.type())
          .dequantize(
              tensor.data(),
              row * tensor.rowBytes(),
              floats,
              Math.toIntExact(row * columns),
              columns);
    }
    return floats;
  }

  /** The matrix turned and multiplied; {@code from} is {@code [rows, columns]}. */
  static float[] transposed(float[] from, int rows, int columns, float factor) {
    float[] to = new float[from.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        to[c * rows + r] = from[r * columns + c] * factor;
      }
    }
    return to;
  }

  /** The same floats multiplied. */
  static float[] scaled(float[] floats, float factor) {
    for (int i = 0; factor != 1 && i < floats.length; i++) {
      floats[i] *= factor;
    }
    return floats;
  }

  /** Copies row {@code order[i]} of a matrix to row {@code i} of a wider one, multiplied. */
  static void copyRows(
      float[] from, int columns, int[] order, float factor, float[] to, int wider) {
    for (int row = 0; row < order.length; row++) {
      for (int c = 0; c < columns; c++) {
        float value = from[order[row] * columns + c];
        to[row * wider + c] = factor == 1 ? value : value * factor;
      }
    }
  }

  /**
   * Where each row of a GGUF tensor is in the layer it was made of.
   *
   * <p>For {@code llama}, the halves of a head that the rotary embedding pairs lie one after
   * another in the layer and alternate in the tensor ({@code permute} of {@code
   * convert_hf_to_gguf.py}).
   */
  static int[] rowOrder(ModelConfig config, String weight, int rows) {
    boolean query = weight.endsWith("attn_q.weight");
    boolean permuted =
        config.architecture().equals("llama") && (query || weight.endsWith("attn_k.weight"));
    int heads = query ? config.numAttentionHeads() : config.numKeyValueHeads();
    int[] order = new int[rows];
    for (int row = 0; row < rows; row++) {
      if (permuted) {
        int size = rows / heads;
        int within = row % size;
        order[row] = row - within + (within % 2) * (size / 2) + within / 2;
      } else {
        order[row] = row;
      }
    }
    return order;
  }

  /** The order that undoes another. */
  static int[] inverse(int[] order) {
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    return inverse;
  }
}
