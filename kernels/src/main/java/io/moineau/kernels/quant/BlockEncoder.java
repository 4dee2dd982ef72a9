package io.moineau.kernels.quant;

import io.moineau.kernels.KernelException;
import java.lang.foreign.MemorySegment;

/**
 * A codec that also writes: turns floats into the blocks that stand for them best.
 *
 * <p>The searches are those of llama.cpp's {@code quantize_row_*_ref} (no importance matrix), with
 * the same order of float operations, so that the same floats give the same blocks. Stateless, safe
 * for any number of threads.
 */
public interface BlockEncoder extends BlockCodec {
  /**
   * Writes one block.
   *
   * @param source {@code type().blockSize()} finite floats from {@code sourceOffset} on
   * @param target has room for {@code type().blockBytes()} bytes from {@code targetOffset} on
   * @throws KernelException {@code quant-overflow} if the block's scale exceeds its type
   * @throws IndexOutOfBoundsException if either is too short
   */
  void quantizeBlock(float[] source, int sourceOffset, MemorySegment target, long targetOffset);

  /**
   * Writes consecutive blocks.
   *
   * @param elements number of floats, a multiple of the block size
   * @throws io.moineau.tensor.TensorException {@code tensor-partial-block} if it is not
   * @throws KernelException {@code quant-out-of-bounds} if source or target is too short; {@code
   *     quant-not-finite} if a float is infinite or no number and the type has no such value;
   *     {@code quant-overflow} if a finite float or a scale exceeds the type
   */
  default void quantize(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset, int elements) {
    long bytes = type().bytesFor(elements);
    Bounds.check(type(), target, targetOffset, bytes, source.length, sourceOffset, elements);
    int blockSize = type().blockSize();
    for (int i = 0; i < elements; i += blockSize) {
      if (type().isQuantized()) {
        Bounds.checkFinite(type(), source, sourceOffset + i, blockSize);
      }
      quantizeBlock(source, sourceOffset + i, target, targetOffset);
      targetOffset += type().blockBytes();
    }
  }
}
