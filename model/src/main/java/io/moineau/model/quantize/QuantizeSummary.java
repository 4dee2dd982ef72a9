package io.moineau.model.quantize;

import io.moineau.kernels.quant.FileType;
import java.nio.file.Path;
import java.util.List;

/**
 * What became of a file.
 *
 * @param output the file written
 * @param target its mixture of types
 * @param elements weights in all
 * @param bytesBefore bytes of the tensors before
 * @param bytesAfter bytes of the tensors now
 * @param fileBytes size of the file written
 * @param tensors in the order of the file
 */
public record QuantizeSummary(
    Path output,
    FileType target,
    long elements,
    long bytesBefore,
    long bytesAfter,
    long fileBytes,
    List<QuantizedTensor> tensors) {
  /** Bits per weight before, scales included. */
  public double bitsPerWeightBefore() {
    return 8.0 * bytesBefore / Math.max(1, elements);
  }

  /** Bits per weight now, scales included. */
  public double bitsPerWeightAfter() {
    return 8.0 * bytesAfter / Math.max(1, elements);
  }
}
