package io.moineau.adapt.block;

/** {@code y = gain * x / sqrt(mean(x^2) + eps)} (arXiv 1910.07467), over each part of a row. */
final class RmsNorm implements Block {
  private static final int PIECE = 256;

  private final Workers workers;
  private final Parameters parameters;
  private final Parameter gain; // [width]
  private final int parts;
  private final int width;
  private final float eps;
  private final Slab inverse; // [tokens, parts]: 1 / root
  private float[] partial = new float[0]; // [pieces, width]

  /** A norm of rows of {@code parts * width} numbers, each part by itself and with one gain. */
  RmsNorm(Blueprint blueprint, String name, int parts, int width, float eps) {
    this.workers = blueprint.workers();
    this.parameters = blueprint.parameters();
    this.parts = parts;
    this.width = width;
    this.eps = eps;
    gain = parameters.add(name, Parameter.Kind.GAIN, 0, width);
    inverse = blueprint.slab(parts);
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    float[] weights = parameters.values();
    workers.rows(
        batch.size() * parts,
        (from, to, piece) -> {
          for (int row = from; row < to; row++) {
            int at = row * width;
            float square = Workers.LOOPS.dot(x, at, x, at, width) / width;
            float factor = (float) (1 / Math.sqrt(square + eps));
            inverse.data()[row] = factor;
            for (int i = 0; i < width; i++) {
              y[at + i] = x[at + i] * factor * weights[gain.offset() + i];
            }
          }
        });
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int rows = batch.size() * parts;
    int pieces = Workers.pieces(rows, PIECE);
    if (partial.length < pieces * width) {
      partial = new float[pieces * width];
    }
    float[] sums = partial;
    workers.ranges(
        rows,
        PIECE,
        (from, to, piece) -> {
          java.util.Arrays.fill(sums, piece * width, (piece + 1) * width, 0);
          for (int row = from; row < to; row++) {
            backwardRow(row, x, dy, dx, sums, piece * width);
          }
        });
    for (int piece = 0; piece < pieces; piece++) {
      Workers.LOOPS.addScaled(1, sums, piece * width, parameters.gradients(), gain.offset(), width);
    }
  }

  private void backwardRow(int row, float[] x, float[] dy, float[] dx, float[] sums, int sumsAt) {
    float[] weights = parameters.values();
    int gains = gain.offset();
    int at = row * width;
    float factor = inverse.data()[row];
    float along = 0;
    for (int i = 0; i < width; i++) {
      float product = dy[at + i] * x[at + i];
      along += product * weights[gains + i];
      sums[sumsAt + i] += product * factor;
    }
    float back = along * factor * factor * factor / width;
    for (int i = 0; i < width; i++) {
      dx[at + i] += dy[at + i] * weights[gains + i] * factor - x[at + i] * back;
    }
  }
}
