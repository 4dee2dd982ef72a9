package io.moineau.adapt.block;

/**
 * Rotary position embedding (arXiv 2104.09864) of a part of each head, in place.
 *
 * <p>Pairs are neighbours (DeepSeek) or half the part away (NeoX style: Qwen, dots).
 */
final class Rope {
  private final Workers workers;
  private final int heads;
  private final int headDim;
  private final int first;
  private final int dim;
  private final boolean neox;
  private final float[] cos; // [maxPositions, dim / 2]
  private final float[] sin;

  /** Rotates elements {@code first} to {@code first + dim - 1} of each head. */
  Rope(
      Blueprint blueprint, int heads, int headDim, int first, int dim, double theta, boolean neox) {
    this.workers = blueprint.workers();
    this.heads = heads;
    this.headDim = headDim;
    this.first = first;
    this.dim = dim;
    this.neox = neox;
    int half = dim / 2;
    cos = new float[blueprint.maxPositions() * half];
    sin = new float[blueprint.maxPositions() * half];
    for (int position = 0; position < blueprint.maxPositions(); position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * Math.pow(theta, -2.0 * i / dim);
        cos[position * half + i] = (float) Math.cos(angle);
        sin[position * half + i] = (float) Math.sin(angle);
      }
    }
  }

  void forward(TokenBatch batch, float[] x) {
    rotate(batch, x, 1);
  }

  /** A rotation's gradient is the rotation back. */
  void backward(TokenBatch batch, float[] dx) {
    rotate(batch, dx, -1);
  }

  private void rotate(TokenBatch batch, float[] x, float sign) {
    workers.rows(
        batch.size(),
        (from, to, piece) -> {
          for (int t = from; t < to; t++) {
            int angles = batch.position(t) * (dim / 2);
            for (int h = 0; h < heads; h++) {
              rotate(x, (t * heads + h) * headDim + first, angles, sign);
            }
          }
        });
  }

  private void rotate(float[] x, int at, int angles, float sign) {
    int half = dim / 2;
    int step = neox ? 1 : 2;
    int apart = neox ? half : 1;
    for (int i = 0; i < half; i++) {
      int left = at + i * step;
      int right = left + apart;
      float c = cos[angles + i];
      float s = sign * sin[angles + i];
      float l = x[left];
      float r = x[right];
      x[left] = l * c - r * s;
      x[right] = l * s + r * c;
    }
  }
}
