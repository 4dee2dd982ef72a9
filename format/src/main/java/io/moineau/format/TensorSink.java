package io.moineau.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Takes the bytes of one tensor, piece by piece. */
@FunctionalInterface
public interface TensorSink {
  /**
   * Takes the next bytes: whole blocks of the tensor's type, which are free again when it returns.
   *
   * @throws IOException if they cannot be written
   * @throws FormatException {@code gguf-write-wrong-size} if the tensor is full, or if a piece is
   *     no whole number of blocks
   */
  void write(MemorySegment bytes) throws IOException;
}
