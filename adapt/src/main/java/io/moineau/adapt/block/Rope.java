package io.moineau.adapt.block;

/** Rotary position embedding (arXiv 2104.09864) of a part of each head, in place. */
final class Rope {
  private final int heads;
  private final int headDim;
  private final int first;
  private final Rotation rotation;

  /** Rotates elements {@code first} to {@code first + dim - 1} of each head. */
  Rope(
      Blueprint blueprint, int heads, int headDim, int first, int dim, double theta, boolean neox) {
    this.heads = heads;
    this.headDim = headDim;
    this.first = first;
    int half = dim / 2;
    float[] cos = new float[blueprint.maxPositions() * half];
    float[] sin = new float[blueprint.maxPositions() * half];
    for (int position = 0; position < blueprint.maxPositions(); position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * Math.pow(theta, -2.0 * i / dim);
        cos[position * half + i] = (float) Math.cos(angle);
        sin[position * half + i] = (float) Math.sin(angle);
      }
    }
    rotation = new Rotation(blueprint.workers(), half, neox, cos, sin);
  }

  void forward(TokenBatch batch, float[] x) {
    rotation.rotate(batch, x, heads, headDim, first, 1);
  }

  /** A rotation's gradient is the rotation back. */
  void backward(TokenBatch batch, float[] dx) {
    rotation.rotate(batch, dx, heads, headDim, first, -1);
  }
}
