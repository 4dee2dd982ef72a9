package io.moineau.model;

import io.moineau.tensor.FloatMatrix;

/**
 * Sees intermediate values under the names that llama.cpp gives them, to compare with a reference.
 */
@FunctionalInterface
public interface ActivationListener {
  /** Called with {@code name} such as {@code attn_norm}; rows 0 to n-1 of {@code values} count. */
  void seen(String name, int layer, FloatMatrix values, int n);
}
