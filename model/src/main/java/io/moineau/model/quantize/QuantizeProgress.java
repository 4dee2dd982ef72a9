package io.moineau.model.quantize;

/** Hears how far a file is; called by one thread at a time. */
@FunctionalInterface
public interface QuantizeProgress {
  /** Hears nothing. */
  QuantizeProgress NONE = (bytesDone, bytesInAll, tensor) -> {};

  /**
   * A tensor is done.
   *
   * @param bytesDone bytes of tensors read so far
   * @param bytesInAll bytes of all tensors of the source
   * @param tensor what became of this one
   */
  void done(long bytesDone, long bytesInAll, QuantizedTensor tensor);
}
