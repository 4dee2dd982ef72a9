package io.moineau.adapt.lora;

import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.model.RopeConfig;
import io.moineau.model.RopeTable;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;

/** Rotary position embedding in place, by the engine's own table of angles. */
final class RotaryEmbedding {
  private final Workers workers;
  private final int half;
  private final boolean neox;
  private final float[] cos; // [positions, half]
  private final float[] sin;

  /** {@code factors} divide the frequencies; empty for none. */
  RotaryEmbedding(Workers workers, RopeConfig config, float[] factors, int positions) {
    this.workers = workers;
    half = config.dim() / 2;
    neox = config.neox();
    cos = new float[positions * half];
    sin = new float[positions * half];
    int[] all = new int[positions];
    for (int i = 0; i < positions; i++) {
      all[i] = i;
    }
    try (Arena arena = Arena.ofConfined()) {
      FloatMatrix cosines = FloatMatrix.allocate(arena, positions, half);
      FloatMatrix sines = FloatMatrix.allocate(arena, positions, half);
      new RopeTable(config, factors).fill(all, positions, cosines, sines);
      for (int i = 0; i < positions * half; i++) {
        cos[i] = cosines.get(i / half, i % half);
        sin[i] = sines.get(i / half, i % half);
      }
    }
  }

  /** Turns the elements from {@code first} on of each head of {@code headDim} elements. */
  void forward(TokenBatch batch, float[] x, int heads, int headDim, int first) {
    rotate(batch, x, heads, headDim, first, 1);
  }

  /** The gradient: turned back, with the same factor where the table has one. */
  void backward(TokenBatch batch, float[] dx, int heads, int headDim, int first) {
    rotate(batch, dx, heads, headDim, first, -1);
  }

  private void rotate(TokenBatch batch, float[] x, int heads, int headDim, int first, float sign) {
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
