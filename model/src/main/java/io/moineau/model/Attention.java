package io.moineau.model;

import io.moineau.tensor.FloatMatrix;

/** The attention of one layer: reads normed activations, writes keys and values, gives the sum. */
public interface Attention {
  /** {@code x} and {@code out} are {@code [numTokens, hiddenSize]} and not the same. */
  void forward(Pass pass, int layer, FloatMatrix x, FloatMatrix out);
}
