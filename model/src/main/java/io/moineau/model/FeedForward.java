package io.moineau.model;

import io.moineau.tensor.FloatMatrix;

/** The feed-forward part of one layer, dense or with experts. */
public interface FeedForward {
  /** {@code x} and {@code out} are {@code [numTokens, hiddenSize]} and not the same. */
  void forward(Pass pass, int layer, FloatMatrix x, FloatMatrix out);
}
