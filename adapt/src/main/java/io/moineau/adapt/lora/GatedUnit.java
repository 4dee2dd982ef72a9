package io.moineau.adapt.lora;

import io.moineau.adapt.block.Workers;

/** What stands between gate and up on one side and down on the other, and its gradient. */
enum GatedUnit {
  /** {@code gate * sigmoid(gate) * up} (arXiv 2002.05202). */
  SWIGLU {
    @Override
    void forward(float[] gate, float[] up, float[] out, int at, int n) {
      Workers.LOOPS.swiGlu(gate, up, out, at, n);
    }

    @Override
    void backward(float[] gate, float[] up, float[] dOut, int at, int n) {
      Workers.LOOPS.swiGluGradient(gate, up, dOut, at, n);
    }
  },

  /**
   * gpt-oss's: {@code (up + 1) * gate * sigmoid(1.702 gate)}, gate at most 7 and up from -7 to 7.
   */
  CLAMPED_SWIGLU {
    @Override
    void forward(float[] gate, float[] up, float[] out, int at, int n) {
      for (int i = at; i < at + n; i++) {
        float g = Math.min(gate[i], LIMIT);
        float u = Math.clamp(up[i], -LIMIT, LIMIT);
        out[i] = (float) (g / (1 + Math.exp(-ALPHA * g))) * (u + 1);
      }
    }

    @Override
    void backward(float[] gate, float[] up, float[] dOut, int at, int n) {
      for (int i = at; i < at + n; i++) {
        float g = Math.min(gate[i], LIMIT);
        float u = Math.clamp(up[i], -LIMIT, LIMIT);
        float s = (float) (1 / (1 + Math.exp(-ALPHA * g)));
        boolean gateFree = gate[i] < LIMIT;
        boolean upFree = up[i] > -LIMIT && up[i] < LIMIT;
        gate[i] = gateFree ? dOut[i] * (u + 1) * s * (1 + ALPHA * g * (1 - s)) : 0;
        up[i] = upFree ? dOut[i] * g * s : 0;
      }
    }
  };

  private static final float ALPHA = 1.702f;
  private static final float LIMIT = 7;
  private static final int PIECE = 16_384;

  /** {@code out[at..at+n)} from gate and up. */
  abstract void forward(float[] gate, float[] up, float[] out, int at, int n);

  /** Gate and up become their gradients. */
  abstract void backward(float[] gate, float[] up, float[] dOut, int at, int n);

  /** Over all floats, by the team. */
  void forward(Workers workers, int floats, float[] gate, float[] up, float[] out) {
    workers.ranges(floats, PIECE, (from, to, piece) -> forward(gate, up, out, from, to - from));
  }

  /** Over all floats, by the team. */
  void backward(Workers workers, int floats, float[] gate, float[] up, float[] dOut) {
    workers.ranges(floats, PIECE, (from, to, piece) -> backward(gate, up, dOut, from, to - from));
  }
}
