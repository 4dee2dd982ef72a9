package io.moineau.adapt.block;

/** A row of a table per token. */
final class Embedding {
  private static final int COLUMNS = 64;

  private final Workers workers;
  private final Parameters parameters;
  private final Parameter table; // [vocabSize, hiddenSize]
  private final int width;

  Embedding(Blueprint blueprint, int vocabSize, int width, double spread) {
    this.workers = blueprint.workers();
    this.parameters = blueprint.parameters();
    this.width = width;
    table = parameters.add("token_embd.weight", Parameter.Kind.TABLE, spread, vocabSize, width);
  }

  Parameter table() {
    return table;
  }

  void forward(TokenBatch batch, float[] y) {
    float[] values = parameters.values();
    workers.rows(
        batch.size(),
        (from, to, piece) -> {
          for (int t = from; t < to; t++) {
            int row = table.offset() + batch.token(t) * width;
            System.arraycopy(values, row, y, t * width, width);
          }
        });
  }

  /** A token may occur often, so the work is cut by columns: each sum then has one order. */
  void backward(TokenBatch batch, float[] dy) {
    float[] gradients = parameters.gradients();
    workers.ranges(
        width,
        COLUMNS,
        (from, to, piece) -> {
          for (int t = 0; t < batch.size(); t++) {
            int row = table.offset() + batch.token(t) * width;
            Workers.LOOPS.addScaled(1, dy, t * width + from, gradients, row + from, to - from);
          }
        });
  }
}
