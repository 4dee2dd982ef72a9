package io.moineau.adapt.lora;

import io.moineau.adapt.block.Workers;

/**
 * {@code y = gain * x / sqrt(mean(x^2) + eps)} (arXiv 1910.07467) over each part of a row, with a
 * gain that stays as it is.
 */
final class FrozenNorm {
  private final Workers workers;
  private final float[] gain; // [width]
  private final int parts;
  private final float eps;

  /** A norm of rows of {@code parts} times the gain's width, each part by itself. */
  FrozenNorm(Workers workers, float[] gain, int parts, float eps) {
    this.workers = workers;
    this.gain = gain;
    this.parts = parts;
    this.eps = eps;
  }

  private float factor(float[] x, int at) {
    int width = gain.length;
    float square = Workers.LOOPS.dot(x, at, x, at, width) / width;
    return (float) (1 / Math.sqrt(square + eps));
  }

  /** Norms {@code n} rows of x into y. */
  void forward(int n, float[] x, float[] y) {
    int width = gain.length;
    workers.rows(
        n * parts,
        (from, to, piece) -> {
          for (int at = from * width; at < to * width; at += width) {
            float factor = factor(x, at);
            for (int i = 0; i < width; i++) {
              y[at + i] = x[at + i] * factor * gain[i];
            }
          }
        });
  }

  /** Adds to the gradient of x. */
  void backward(int n, float[] x, float[] dy, float[] dx) {
    int width = gain.length;
    workers.rows(
        n * parts,
        (from, to, piece) -> {
          for (int at = from * width; at < to * width; at += width) {
            float factor = factor(x, at);
            float along = 0;
            for (int i = 0; i < width; i++) {
              along += dy[at + i] * x[at + i] * gain[i];
            }
            float back = along * factor * factor * factor / width;
            for (int i = 0; i < width; i++) {
              dx[at + i] += dy[at + i] * gain[i] * factor - x[at + i] * back;
            }
          }
        });
  }
}
