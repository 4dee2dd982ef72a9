package io.moineau.format;

import java.io.IOException;

/**
 * Gives the bytes of a tensor when they are written, so that a large model need never be in memory.
 */
@FunctionalInterface
public interface TensorSource {
  /**
   * Hands all bytes to {@code sink}, in order and little-endian, in as many pieces as it likes.
   *
   * @throws IOException if the bytes cannot be had
   */
  void writeTo(TensorSink sink) throws IOException;
}
