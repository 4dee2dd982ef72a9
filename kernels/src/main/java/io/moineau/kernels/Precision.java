package io.moineau.kernels;

/** How activations are held while they are multiplied with weights. */
public enum Precision {
  /** Rounded to 8 bits per block of 32 where the weights are quantised, as llama.cpp does. */
  DEFAULT,
  /** 32-bit floats throughout: slower, and equal to computing with the dequantised weights. */
  EXACT
}
