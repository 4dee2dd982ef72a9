package io.moineau.adapt.block;

/** Floats of each token of a batch, as a block keeps them between forward and backward. */
public final class Slab {
  private final int width;
  private float[] data = new float[0];

  Slab(int width) {
    this.width = width;
  }

  int width() {
    return width;
  }

  void allocate(int tokens) {
    data = new float[Math.multiplyExact(tokens, width)];
  }

  /** The array, {@code [tokens, width]}. */
  public float[] data() {
    return data;
  }

  /** Sets the rows of {@code tokens} tokens to zero. */
  public float[] cleared(int tokens) {
    java.util.Arrays.fill(data, 0, tokens * width, 0);
    return data;
  }
}
