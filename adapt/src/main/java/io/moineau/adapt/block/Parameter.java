package io.moineau.adapt.block;

import java.util.List;

/**
 * A tensor of weights within {@link Parameters}.
 *
 * @param name as in GGUF, {@code blk.0.attn_q.weight}
 * @param offset where it begins
 * @param dims slowest first
 * @param kind how it begins and what a step does to it
 * @param spread standard deviation of its first values
 */
public record Parameter(String name, int offset, List<Integer> dims, Kind kind, double spread) {
  /** What a step does to a tensor. */
  public enum Kind {
    /** Random at first, decays: a matrix. */
    MATRIX,
    /** Random at first, decays, but is no linear map: the embedding. */
    TABLE,
    /** Ones at first, does not decay: the gain of a norm. */
    GAIN,
    /** Zeros at first, moved by its block and not by gradients. */
    BALANCE
  }

  /** Numbers in it. */
  public int size() {
    int size = 1;
    for (int dim : dims) {
      size *= dim;
    }
    return size;
  }

  /** Numbers of a row. */
  public int columns() {
    return dims.getLast();
  }
}
