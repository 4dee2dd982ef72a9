package io.moineau.kernels;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.MemorySegment;

/**
 * What one thread does of each operation. {@link Kernels} checks the arguments, cuts the work into
 * pieces and gives them to the threads of a {@link ThreadTeam}; a provider only computes.
 *
 * <p>Everything that a provider reads or writes is native memory with an address: weights in the
 * file's own layout where the file is mapped, activations in a form of the provider's choosing
 * ({@link #pack}), lists of rows as 32-bit integers. So a provider may hand all of it to machine
 * code.
 *
 * <p>Every method may be called by several threads at once on different pieces. {@code thread} is a
 * number below the size of the team, for scratch memory of the thread's own.
 *
 * <p>The sums: {@code out = sum over columns of dequantised weight * activation}, in floats, in any
 * order. With {@link Precision#DEFAULT} and a quantised weight type the activation is first rounded
 * as {@link ActivationRounding} defines; it depends on nothing but its own row, so that results do
 * not depend on how a prompt was cut into chunks.
 */
public interface KernelProvider extends AutoCloseable {
  /** The packing that every provider has: the floats as they are. */
  int PLAIN = 0;

  /** The name that {@code MOINEAU_KERNELS} knows. */
  String name();

  /** Name and the width or instructions used, for people: {@code vector, 512 bit}. */
  String describe();

  /** Whether products with weights of this type can be computed. */
  boolean supports(DType weight);

  /**
   * The form in which activations must be packed for weights of a type; equal forms are packed once
   * for several products. A number of the provider's own, 0 or more.
   */
  int packing(DType weight, Precision precision);

  /** Bytes of a packed row; a multiple of 64. */
  long packedRowBytes(int packing, int columns);

  /** Packs {@code columns} floats at {@code source} + {@code sourceOffset} bytes into a row. */
  void pack(
      int packing,
      MemorySegment source,
      long sourceOffset,
      int columns,
      MemorySegment packed,
      long packedOffset);

  /** Rows {@code rowFrom} to {@code rowTo - 1} of a product, for all its activations. */
  void multiply(Product product, int rowFrom, int rowTo, int thread);

  /**
   * Rows in a piece of work that suit this provider, of a matrix of so many rows and columns, for
   * so many activations.
   */
  int rowsPerPiece(DType weight, int rows, int columns, int activations);

  /**
   * Most activations of a product that come to the bits that each comes to alone, in pieces of the
   * same rows.
   */
  default int sameAsAlone(DType weight, int packing) {
    return 1;
  }

  /** {@link Kernels#rmsNorm} of one row. */
  void rmsNorm(
      FloatMatrix x, int row, int columns, int groups, float[] weight, float eps, FloatMatrix out);

  /** {@link Kernels#rope} of one row. */
  void rope(
      FloatMatrix x,
      int row,
      int numHeads,
      int headStride,
      int offset,
      int ropeDim,
      FloatMatrix cos,
      FloatMatrix sin,
      boolean neox);

  /** {@link Kernels#swiGlu(FloatMatrix, FloatMatrix, int, int)} of one row. */
  void swiGlu(FloatMatrix gate, FloatMatrix up, int row, int columns);

  /** {@link Kernels#clampedSwiGlu} of one row. */
  void clampedSwiGlu(
      FloatMatrix gate, FloatMatrix up, int row, int columns, float alpha, float limit);

  /** {@code x[row][c] += factor * y[yRow][c]}. */
  void addScaled(FloatMatrix x, int row, FloatMatrix y, int yRow, int columns, float factor);

  /** {@code x[row][c] += bias[c]}. */
  void addBias(FloatMatrix x, int row, float[] bias);

  /**
   * Attention of query heads {@code headFrom} to {@code headTo - 1}, all of one key-value head, of
   * one token over positions {@code from} to {@code to - 1}. The result is left in {@code partial}:
   * per head {@code valueDim} sums of exp(score - max) * value, then max, then the sum of exp(score
   * - max); heads lie {@link AttentionCall#partialStride} floats apart.
   */
  void attend(
      AttentionCall call,
      int token,
      int headFrom,
      int headTo,
      int from,
      int to,
      MemorySegment partial,
      long partialOffset,
      int thread);

  /**
   * Query rows (tokens times heads) that {@link #attend(AttentionCall, AttentionTile, int)} takes
   * at most; 0: it is not there.
   */
  default int attentionTileRows(AttentionCall call) {
    return 0;
  }

  /** Attention of several tokens and heads together; results as of the other method. */
  default void attend(AttentionCall call, AttentionTile tile, int thread) {
    throw new UnsupportedOperationException(name() + " has no tiles");
  }

  @Override
  default void close() {}
}
