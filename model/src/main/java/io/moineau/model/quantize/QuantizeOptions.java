package io.moineau.model.quantize;

import io.moineau.kernels.quant.FileType;

/**
 * How a file is to be quantised.
 *
 * @param target the mixture of types wanted
 * @param threads threads to use; 0 for one per processor
 * @param allowRequantize whether tensors that are quantised already may be quantised again, which
 *     adds the errors of both
 * @param measureError whether each tensor is decoded again and its error reported; about a tenth
 *     more work
 * @param overwrite whether a file that is there may be replaced; never the source
 */
public record QuantizeOptions(
    FileType target,
    int threads,
    boolean allowRequantize,
    boolean measureError,
    boolean overwrite) {
  /** All processors, no second quantisation, no measurement, nothing replaced. */
  public static QuantizeOptions of(FileType target) {
    return new QuantizeOptions(target, 0, false, false, false);
  }
}
