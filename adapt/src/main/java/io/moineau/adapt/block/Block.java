package io.moineau.adapt.block;

/** A part of a model that turns rows of one float vector per token into such rows. */
public interface Block {
  /**
   * Computes {@code y} from {@code x}, and remembers what {@link #backward} needs.
   *
   * @param x {@code [batch.size(), in]}
   * @param y {@code [batch.size(), out]}, overwritten
   */
  void forward(TokenBatch batch, float[] x, float[] y);

  /**
   * Adds the gradients of the last {@link #forward} to {@code dx} and to those of the weights.
   *
   * @param x as it was given to forward
   * @param dy gradient of the result
   * @param dx gradient of x, added to
   */
  void backward(TokenBatch batch, float[] x, float[] dy, float[] dx);
}
