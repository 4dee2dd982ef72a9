package io.moineau.adapt.lora;

import io.moineau.adapt.block.Block;
import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;

/**
 * Norm, attention, residual, norm, feed-forward, residual.
 *
 * <p>What a forward pass leaves lies in memory that all layers share: {@link #backward} is right
 * after {@link #forward} or {@link #recompute} of this very layer only.
 */
final class TunedLayer {
  private final Workers workers;
  private final int hidden;
  private final FrozenNorm attnNorm;
  private final Block attention;
  private final FrozenNorm ffnNorm;
  private final FeedForwardBlock ffn;
  private final Slab attnIn; // [n, hidden] each
  private final Slab middle;
  private final Slab ffnIn;
  private final Slab branch;
  private final Slab dIn;

  TunedLayer(Tuning tuning, int layer, String ffnNormName, Block attention, FeedForwardBlock ffn) {
    workers = tuning.workers();
    hidden = tuning.config().hiddenSize();
    this.attention = attention;
    this.ffn = ffn;
    attnNorm = tuning.norm("blk." + layer + ".attn_norm.weight", 1, hidden);
    ffnNorm = tuning.norm("blk." + layer + "." + ffnNormName + ".weight", 1, hidden);
    attnIn = tuning.blueprint().scratch("attnIn", hidden);
    middle = tuning.blueprint().scratch("middle", hidden);
    ffnIn = tuning.blueprint().scratch("ffnIn", hidden);
    branch = tuning.blueprint().scratch("branch", hidden);
    dIn = tuning.blueprint().scratch("dIn", hidden);
  }

  /** Computes the layer's output {@code y} from {@code x}, {@code [n, hidden]} each. */
  void forward(TokenBatch batch, float[] x, float[] y) {
    attend(batch, x);
    ffn.forward(batch, ffnIn.data(), branch.data());
    add(batch.size(), middle.data(), branch.data(), y);
  }

  /** Leaves what {@link #backward} needs, as {@link #forward} does, but gives no result. */
  void recompute(TokenBatch batch, float[] x) {
    attend(batch, x);
    ffn.recompute(batch, ffnIn.data());
  }

  private void attend(TokenBatch batch, float[] x) {
    int n = batch.size();
    attnNorm.forward(n, x, attnIn.data());
    attention.forward(batch, attnIn.data(), branch.data());
    add(n, x, branch.data(), middle.data());
    ffnNorm.forward(n, middle.data(), ffnIn.data());
  }

  private void add(int n, float[] a, float[] b, float[] sum) {
    workers.rows(
        n,
        (from, to, piece) -> {
          for (int i = from * hidden; i < to * hidden; i++) {
            sum[i] = a[i] + b[i];
          }
        });
  }

  /** Turns {@code d}, the gradient of the output, into that of the input. */
  void backward(TokenBatch batch, float[] x, float[] d) {
    int n = batch.size();
    ffn.backward(batch, ffnIn.data(), d, dIn.cleared(n));
    ffnNorm.backward(n, middle.data(), dIn.data(), d);
    attention.backward(batch, attnIn.data(), d, dIn.cleared(n));
    attnNorm.backward(n, x, dIn.data(), d);
  }
}
