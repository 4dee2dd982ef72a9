package io.moineau.kernels.quant;

import io.moineau.kernels.KernelException;
import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the blocks of one weight type mean, in plain scalar Java: the definition against which every
 * faster path is tested.
 *
 * <p>Each product and difference is rounded to a float where llama.cpp's {@code dequantize_row_*}
 * rounds it, so that the bits agree. Layouts are those of {@code ggml-common.h}. Stateless, safe
 * for any number of threads. Sources are little-endian and need no alignment.
 */
public interface BlockCodec {
  /** The type that is read. */
  DType type();

  /**
   * Writes the floats of one block.
   *
   * @param source holds {@code type().blockBytes()} bytes from {@code offset} on
   * @param target receives {@code type().blockSize()} floats from {@code targetOffset} on
   * @throws IndexOutOfBoundsException if either is too short
   */
  void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset);

  /**
   * Writes the floats of consecutive blocks.
   *
   * @param elements number of floats, a multiple of the block size
   * @throws io.moineau.tensor.TensorException {@code tensor-partial-block} if it is not
   * @throws KernelException {@code quant-out-of-bounds} if source or target is too short
   */
  default void dequantize(
      MemorySegment source, long offset, float[] target, int targetOffset, int elements) {
    long bytes = type().bytesFor(elements);
    Bounds.check(type(), source, offset, bytes, target.length, targetOffset, elements);
    int blockSize = type().blockSize();
    int blockBytes = type().blockBytes();
    for (int i = 0; i < elements; i += blockSize) {
      dequantizeBlock(source, offset, target, targetOffset + i);
      offset += blockBytes;
    }
  }

  /**
   * Writes the floats of consecutive blocks to memory, in the byte order of this machine, as {@link
   * io.moineau.tensor.FloatMatrix} holds them.
   *
   * @param targetOffset in bytes
   * @throws io.moineau.tensor.TensorException {@code tensor-partial-block} if {@code elements} is
   *     not a multiple of the block size
   * @throws KernelException {@code quant-out-of-bounds} if source or target is too short
   */
  default void dequantize(
      MemorySegment source, long offset, MemorySegment target, long targetOffset, int elements) {
    long bytes = type().bytesFor(elements);
    Bounds.check(type(), source, offset, bytes, target.byteSize(), targetOffset, 4L * elements);
    float[] chunk = new float[Math.min(elements, Math.max(1024, type().blockSize()))];
    for (int i = 0; i < elements; i += chunk.length) {
      int count = Math.min(chunk.length, elements - i);
      dequantize(source, offset + type().bytesFor(i), chunk, 0, count);
      MemorySegment.copy(
          chunk, 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, targetOffset + 4L * i, count);
    }
  }
}
