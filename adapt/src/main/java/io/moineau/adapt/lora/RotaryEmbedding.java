package io.moineau.adapt.lora;

import io.moineau.adapt.block.Rotation;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.model.RopeConfig;
import io.moineau.model.RopeTable;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;

/** Rotary position embedding in place, by the engine's own table of angles. */
final class RotaryEmbedding {
  private final Rotation rotation;

  /** {@code factors} divide the frequencies; empty for none. */
  RotaryEmbedding(Workers workers, RopeConfig config, float[] factors, int positions) {
    int half = config.dim() / 2;
    float[] cos = new float[positions * half];
    float[] sin = new float[positions * half];
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
    rotation = new Rotation(workers, half, config.neox(), cos, sin);
  }

  /** Turns the elements from {@code first} on of each head of {@code headDim} elements. */
  void forward(TokenBatch batch, float[] x, int heads, int headDim, int first) {
    rotation.rotate(batch, x, heads, headDim, first, 1);
  }

  /** The gradient: turned back, with the same factor where the table has one. */
  void backward(TokenBatch batch, float[] dx, int heads, int headDim, int first) {
    rotation.rotate(batch, dx, heads, headDim, first, -1);
  }
}
