package io.moineau.adapt.lora;

import io.moineau.adapt.block.Blueprint;
import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings.Part;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import java.util.Optional;

/**
 * Routed experts, and shared ones where the model has them, as {@link io.moineau.model.MoeFfn}
 * computes them. Tokens are gathered by expert; an expert without tokens is not even read.
 *
 * <p>A weight is multiplied with what goes into the last matrix, not with what comes out of it: its
 * gradient then follows from that of the matrix's input, and backward need not compute the result
 * again.
 */
final class TunedMoe implements FeedForwardBlock {
  private final Workers workers;
  private final int experts;
  private final int used;
  private final int hidden;
  private final int width;
  private final FrozenRouter router;
  private final GatedUnit unit;
  private final TunedMatrix ffnGateInp;
  private final TunedMatrix ffnGateExps;
  private final TunedMatrix ffnUpExps;
  private final TunedMatrix ffnDownExps;
  private final float[] downBias; // [experts, hidden], or empty
  private final Optional<SharedExperts> shared;
  private final Slab scores; // [n, experts]
  private final Slab weights; // [n, used]
  private final Slab gathered; // [n * used, hidden], by expert
  private final Slab gate; // [n * used, width]
  private final Slab up;
  private final Slab product;
  private final Slab weighted; // [n * used, width]: the product times the expert's weight
  private final Slab results; // [n * used, hidden], and backward their gradient
  private final Slab dProduct;
  private final Slab dGathered;
  private final Slab dWeights;
  private final Slab dScores;
  private final int[] starts; // [experts + 1]: rows of each expert
  private int[] chosen = new int[0]; // [n, used]
  private int[] rowOf = new int[0]; // [n, used]: the row of a token's choice
  private int[] tokenOf = new int[0]; // [n * used]: the token of a row

  TunedMoe(Tuning tuning, int layer, GatedUnit unit) {
    ModelConfig config = tuning.config();
    MoeConfig moe = config.moe().orElseThrow();
    workers = tuning.workers();
    this.unit = unit;
    experts = moe.nRoutedExperts();
    used = moe.numExpertsPerTok();
    hidden = config.hiddenSize();
    width = moe.moeIntermediateSize();
    String prefix = "blk." + layer + ".";
    router =
        new FrozenRouter(
            moe, tuning.tensors().find(prefix + "exp_probs_b.bias", experts).orElse(new float[0]));
    ffnGateInp = tuning.fixed(prefix + "ffn_gate_inp", experts, hidden);
    String fused = prefix + "ffn_gate_up_exps";
    if (tuning.tensors().has(fused + ".weight")) {
      ffnGateExps = tuning.halfOfExperts(fused, experts, width, hidden, false);
      ffnUpExps = tuning.halfOfExperts(fused, experts, width, hidden, true);
    } else {
      ffnGateExps = projection(tuning, prefix + "ffn_gate_exps", width, used);
      ffnUpExps = projection(tuning, prefix + "ffn_up_exps", width, used);
    }
    String down = prefix + "ffn_down_exps";
    ffnDownExps = tuning.experts(down, experts, used, hidden, width, new float[0]);
    downBias = tuning.expertBias(down, experts, hidden);
    int sharedWidth = moe.sharedIntermediateSize();
    shared =
        sharedWidth == 0
            ? Optional.empty()
            : Optional.of(new SharedExperts(tuning, layer, hidden, sharedWidth));
    Blueprint blueprint = tuning.blueprint();
    scores = blueprint.scratch("scores", experts);
    weights = blueprint.scratch("weights", used);
    gathered = blueprint.scratch("gathered", used * hidden);
    gate = blueprint.scratch("expertGate", used * width);
    up = blueprint.scratch("expertUp", used * width);
    product = blueprint.scratch("expertProduct", used * width);
    weighted = blueprint.scratch("expertWeighted", used * width);
    results = blueprint.scratch("results", used * hidden);
    dProduct = blueprint.scratch("dExpertProduct", used * width);
    dGathered = blueprint.scratch("dGathered", used * hidden);
    dWeights = blueprint.scratch("dWeights", used);
    dScores = blueprint.scratch("dScores", experts);
    starts = new int[experts + 1];
  }

  private static TunedMatrix projection(Tuning tuning, String name, int width, int used) {
    ModelConfig config = tuning.config();
    int experts = config.moe().orElseThrow().nRoutedExperts();
    float[] bias = tuning.expertBias(name, experts, width);
    return tuning.experts(name, experts, used, width, config.hiddenSize(), bias);
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    middle(batch, x);
    ffnDownExps.forward(starts, weighted.data(), results.data());
    workers.rows(
        batch.size(),
        (from, to, piece) -> {
          java.util.Arrays.fill(y, from * hidden, to * hidden, 0);
          for (int i = from * used; i < to * used; i++) {
            int at = i / used * hidden;
            Workers.LOOPS.addScaled(1, results.data(), rowOf[i] * hidden, y, at, hidden);
            if (downBias.length > 0) {
              float weight = weights.data()[i];
              Workers.LOOPS.addScaled(weight, downBias, chosen[i] * hidden, y, at, hidden);
            }
          }
        });
    shared.ifPresent(s -> s.addForward(batch, x, y));
  }

  @Override
  public void recompute(TokenBatch batch, float[] x) {
    middle(batch, x);
    ffnDownExps.recompute(starts, weighted.data());
    shared.ifPresent(s -> s.recompute(batch, x));
  }

  private void middle(TokenBatch batch, float[] x) {
    int n = batch.size();
    int rows = n * used;
    ffnGateInp.forward(new int[] {0, n}, x, scores.data());
    route(n);
    gather(n, x, gathered.data());
    TunedMatrix.forward(
        starts,
        gathered.data(),
        new TunedMatrix[] {ffnGateExps, ffnUpExps},
        new float[][] {gate.data(), up.data()});
    unit.forward(workers, rows * width, gate.data(), up.data(), product.data());
    workers.rows(
        rows,
        (from, to, piece) -> {
          for (int i = from; i < to; i++) {
            int at = rowOf[i] * width;
            Workers.LOOPS.scale(weights.data()[i], product.data(), at, weighted.data(), at, width);
          }
        });
  }

  /** Copies each token's row to the rows of its experts. */
  private void gather(int n, float[] tokens, float[] rows) {
    workers.rows(
        n * used,
        (from, to, piece) -> {
          for (int row = from; row < to; row++) {
            System.arraycopy(tokens, tokenOf[row] * hidden, rows, row * hidden, hidden);
          }
        });
  }

  private void route(int n) {
    if (chosen.length < n * used) {
      chosen = new int[n * used];
      rowOf = new int[n * used];
      tokenOf = new int[n * used];
    }
    workers.rows(
        n, (from, to, piece) -> router.choose(from, to, scores.data(), chosen, weights.data()));
    int[] next = new int[experts];
    for (int i = 0; i < n * used; i++) {
      next[chosen[i]]++;
    }
    int row = 0;
    for (int e = 0; e < experts; e++) {
      starts[e] = row;
      row += next[e];
      next[e] = starts[e];
    }
    starts[experts] = row;
    for (int i = 0; i < n * used; i++) {
      rowOf[i] = next[chosen[i]]++;
      tokenOf[rowOf[i]] = i / used;
    }
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    shared.ifPresent(s -> s.backward(batch, x, dy, dx));
    gather(n, dy, results.data());
    ffnDownExps.backward(starts, weighted.data(), results.data(), dProduct.cleared(n));
    workers.rows(n, (from, to, piece) -> toProducts(from, to, dy));
    unit.backward(workers, n * used * width, gate.data(), up.data(), dProduct.data());
    dGathered.cleared(n);
    ffnGateExps.backward(starts, gathered.data(), gate.data(), dGathered.data());
    ffnUpExps.backward(starts, gathered.data(), up.data(), dGathered.data());
    workers.rows(
        n,
        (from, to, piece) -> {
          for (int i = from * used; i < to * used; i++) {
            int at = rowOf[i] * hidden;
            Workers.LOOPS.addScaled(1, dGathered.data(), at, dx, i / used * hidden, hidden);
          }
        });
    ffnGateInp.backward(new int[] {0, n}, x, dScores.data(), dx);
  }

  /**
   * From the gradients of the weighted products those of the weights, of the router's logits, and
   * of the products, in place.
   */
  private void toProducts(int fromToken, int toToken, float[] dy) {
    for (int t = fromToken; t < toToken; t++) {
      for (int i = t * used; i < (t + 1) * used; i++) {
        float[] d = dProduct.data();
        int at = rowOf[i] * width;
        float along = Workers.LOOPS.dot(d, at, product.data(), at, width);
        if (downBias.length > 0) {
          along += Workers.LOOPS.dot(dy, t * hidden, downBias, chosen[i] * hidden, hidden);
        }
        dWeights.data()[i] = along;
        Workers.LOOPS.scale(weights.data()[i], d, at, d, at, width);
      }
      router.gradient(
          scores.data(),
          t * experts,
          chosen,
          weights.data(),
          dWeights.data(),
          t * used,
          dScores.data());
    }
  }

  /** The experts that every token uses, behind a sigmoid of their own in Qwen's models. */
  private static final class SharedExperts {
    private final Workers workers;
    private final TunedFfn ffn;
    private final Optional<TunedMatrix> ffnGateInpShexp; // [1, hidden]
    private final int hidden;
    private final Slab result; // [n, hidden], before the gate
    private final Slab open; // [n]: the gate, from 0 to 1
    private final Slab dResult;
    private final Slab dOpen;

    SharedExperts(Tuning tuning, int layer, int hidden, int width) {
      workers = tuning.workers();
      this.hidden = hidden;
      ffn = new TunedFfn(tuning, Part.SHARED_EXPERTS, layer, "_shexp", hidden, width);
      String gate = "blk." + layer + ".ffn_gate_inp_shexp";
      ffnGateInpShexp =
          tuning.tensors().has(gate + ".weight")
              ? Optional.of(tuning.fixed(gate, 1, hidden))
              : Optional.empty();
      Blueprint blueprint = tuning.blueprint();
      result = blueprint.scratch("shared", hidden);
      open = blueprint.scratch("sharedGate", 1);
      dResult = blueprint.scratch("dShared", hidden);
      dOpen = blueprint.scratch("dSharedGate", 1);
    }

    /** Behind a gate the result itself is needed. */
    void recompute(TokenBatch batch, float[] x) {
      if (ffnGateInpShexp.isPresent()) {
        compute(batch, x);
      } else {
        ffn.recompute(batch, x);
      }
    }

    private void compute(TokenBatch batch, float[] x) {
      int n = batch.size();
      ffn.forward(batch, x, result.data());
      if (ffnGateInpShexp.isPresent()) {
        ffnGateInpShexp.get().forward(new int[] {0, n}, x, open.data());
        for (int t = 0; t < n; t++) {
          open.data()[t] = (float) (1 / (1 + Math.exp(-open.data()[t])));
        }
      } else {
        java.util.Arrays.fill(open.data(), 0, n, 1);
      }
    }

    void addForward(TokenBatch batch, float[] x, float[] y) {
      int n = batch.size();
      compute(batch, x);
      workers.rows(
          n,
          (from, to, piece) -> {
            for (int t = from; t < to; t++) {
              int at = t * hidden;
              Workers.LOOPS.addScaled(open.data()[t], result.data(), at, y, at, hidden);
            }
          });
    }

    void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
      if (ffnGateInpShexp.isEmpty()) {
        ffn.backward(batch, x, dy, dx);
        return;
      }
      int n = batch.size();
      workers.rows(
          n,
          (from, to, piece) -> {
            for (int t = from; t < to; t++) {
              int at = t * hidden;
              float o = open.data()[t];
              float along = Workers.LOOPS.dot(dy, at, result.data(), at, hidden);
              dOpen.data()[t] = along * o * (1 - o);
              Workers.LOOPS.scale(o, dy, at, dResult.data(), at, hidden);
            }
          });
      ffn.backward(batch, x, dResult.data(), dx);
      ffnGateInpShexp.get().backward(new int[] {0, n}, x, dOpen.data(), dx);
    }
  }
}
