package io.moineau.adapt.block;

/**
 * Turns pairs of elements of each head by the angles of their token's position: what rotary
 * position embeddings (arXiv 2104.09864) do, and backwards with {@code sign} -1 for the gradient.
 *
 * <p>Pairs are neighbours (DeepSeek) or half the part away (NeoX style: Qwen, dots).
 *
 * @param half pairs
 * @param cos {@code [positions, half]}
 * @param sin {@code [positions, half]}
 */
public record Rotation(Workers workers, int half, boolean neox, float[] cos, float[] sin) {
  /** Turns elements {@code first} to {@code first + 2 * half - 1} of each head, in place. */
  public void rotate(TokenBatch batch, float[] x, int heads, int headDim, int first, float sign) {
    workers.rows(
        batch.size(),
        (from, to, piece) -> {
          for (int t = from; t < to; t++) {
            for (int h = 0; h < heads; h++) {
              rotate(x, (t * heads + h) * headDim + first, batch.position(t) * half, sign);
            }
          }
        });
  }

  private void rotate(float[] x, int at, int angles, float sign) {
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
