package io.moineau.kernels;

import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One layer's attention over a batch, as a provider gets it: queries, the paged memory, and which
 * blocks hold each token's sequence. One object is reused for all calls.
 */
public final class AttentionCall {
  private AttentionShape shape = new AttentionShape(1, 1, 1, 1, 1, 0, null);
  private FloatMatrix q;
  private PagedKv kv;
  private int layer;
  private MemorySegment blocks = MemorySegment.NULL; // int32 block numbers of all sequences
  private int[] blocksFrom = new int[0]; // per token: where its sequence begins in blocks

  AttentionCall(FloatMatrix q, PagedKv kv) {
    this.q = q;
    this.kv = kv;
  }

  void set(
      AttentionShape newShape,
      FloatMatrix newQ,
      PagedKv newKv,
      int newLayer,
      MemorySegment newBlocks,
      int[] newBlocksFrom) {
    shape = newShape;
    q = newQ;
    kv = newKv;
    layer = newLayer;
    blocks = newBlocks;
    blocksFrom = newBlocksFrom;
  }

  /** Heads, dimensions, scale. */
  public AttentionShape shape() {
    return shape;
  }

  /** Queries, {@code [n, numHeads * keyDim]}. */
  public FloatMatrix q() {
    return q;
  }

  /** The keys and values. */
  public PagedKv kv() {
    return kv;
  }

  /** Which layer's. */
  public int layer() {
    return layer;
  }

  /** The block that holds positions {@code ordinal * blockTokens} and on of a token's sequence. */
  public int block(int token, int ordinal) {
    return blocks.get(ValueLayout.JAVA_INT, 4L * (blocksFrom[token] + ordinal));
  }

  /** Address of a token's list of blocks, 32-bit integers. */
  public long blocksAddress(int token) {
    return blocks.address() + 4L * blocksFrom[token];
  }

  /** Floats from one head's partial result to the next: valueDim, max, sum, padded to 16. */
  public int partialStride() {
    return partialStride(shape.valueDim());
  }

  static int partialStride(int valueDim) {
    return (valueDim + 2 + 15) & -16;
  }
}
