package io.moineau.engine;

import io.moineau.FinishReason;
import io.moineau.Pooling;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/**
 * Makes one vector of a text's final hidden states as the chunks of the text are computed. Written
 * by the engine's thread; {@link #vector()} is for any.
 */
final class PooledStates implements TokenSink {
  private final Pooling pooling;
  private final int numTokens;
  private final double[] sum; // [hiddenSize]
  private final float[] state; // [hiddenSize]
  private final CompletableFuture<float[]> vector = new CompletableFuture<>();

  PooledStates(Pooling pooling, int numTokens, int hiddenSize) {
    this.pooling = pooling;
    this.numTokens = numTokens;
    this.sum = new double[hiddenSize];
    this.state = new float[hiddenSize];
  }

  /** The vector, of length 1, once it is computed. */
  CompletableFuture<float[]> vector() {
    return vector;
  }

  /** Whether the state at a position takes part. */
  boolean wants(int position) {
    return switch (pooling) {
      case MEAN -> true;
      case CLS -> position == 0;
      case LAST -> position == numTokens - 1;
    };
  }

  /** Whether states that were computed for another text may be left out. */
  boolean reusesPrefix() {
    return pooling == Pooling.LAST;
  }

  /**
   * Adds the states of some positions.
   *
   * @param from the first position of the chunk
   * @param n positions of the chunk
   * @param row counts the hidden states of this step, from 0
   * @return the row after the last that was taken
   */
  int add(ForwardPass model, int from, int n, int row) {
    int next = row;
    for (int position = from; position < from + n; position++) {
      if (!wants(position)) {
        continue;
      }
      if (position == 0) {
        Arrays.fill(sum, 0); // computed anew after its blocks were taken
      }
      model.copyHidden(next++, state);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += state[i];
      }
    }
    return next;
  }

  @Override
  public boolean token(int token, boolean ends, TokenRanking logprobs) {
    throw new IllegalStateException("nothing is generated for an embedding");
  }

  @Override
  public void finished(FinishReason reason) {
    if (reason == FinishReason.CANCELLED) {
      vector.cancel(false);
      return;
    }
    double squares = 0;
    for (double x : sum) {
      squares += x * x;
    }
    double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    float[] unit = new float[sum.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (sum[i] * scale);
    }
    vector.complete(unit);
  }

  @Override
  public void failed(RuntimeException error) {
    vector.completeExceptionally(error);
  }
}
