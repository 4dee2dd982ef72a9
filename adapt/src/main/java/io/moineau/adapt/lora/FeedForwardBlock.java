package io.moineau.adapt.lora;

import io.moineau.adapt.block.Block;
import io.moineau.adapt.block.TokenBatch;

/** A feed-forward part, which can compute again what its backward needs for less than all. */
interface FeedForwardBlock extends Block {
  /** Leaves what {@link #backward} needs, as {@link #forward} does, but gives no result. */
  void recompute(TokenBatch batch, float[] x);
}
