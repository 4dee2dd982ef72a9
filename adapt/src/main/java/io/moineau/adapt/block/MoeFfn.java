package io.moineau.adapt.block;

import io.moineau.kernels.dense.DenseProducts;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;

/**
 * Routed experts, and shared ones beside them.
 *
 * <p>Rows of tokens are gathered by expert, so that each expert is one product over all tokens that
 * chose it, and the products of all experts are one list of work.
 */
final class MoeFfn implements Block {
  private final Workers workers;
  private final Parameters parameters;
  private final ExpertRouter router;
  private final int experts;
  private final int used;
  private final int hidden;
  private final int width;
  private final boolean balanced;
  private final Linear ffnGateInp;
  private final Parameter bias; // [experts], moved by balance()
  private final Parameter ffnGateExps; // [experts, width, hidden]
  private final Parameter ffnUpExps; // [experts, width, hidden]
  private final Parameter ffnDownExps; // [experts, hidden, width]
  private final Block shared;
  private final boolean hasShared;
  private final Slab scores; // [n, experts]
  private final Slab weights; // [n, used]
  private final Slab gathered; // [n * used, hidden], by expert
  private final Slab gate; // [n * used, width]
  private final Slab up;
  private final Slab product;
  private final Slab results; // [n * used, hidden]
  private final Slab dResults;
  private final Slab dProduct;
  private final Slab dGathered;
  private final Slab dWeights;
  private final Slab dScores;
  private final int[] starts; // first row of each expert
  private final long[] load; // tokens of each expert since the last balance
  private int[] chosen = new int[0]; // [n, used]
  private int[] rowOf = new int[0]; // [n, used]: the row of a token's choice
  private int[] tokenOf = new int[0]; // [n * used]: the token of a row

  MoeFfn(Blueprint blueprint, ModelConfig config, int layer, double spread, double out) {
    MoeConfig moe = config.moe().orElseThrow();
    workers = blueprint.workers();
    parameters = blueprint.parameters();
    router = new ExpertRouter(moe);
    experts = moe.nRoutedExperts();
    used = moe.numExpertsPerTok();
    hidden = config.hiddenSize();
    width = moe.moeIntermediateSize();
    balanced = moe.scoring() == Scoring.SIGMOID;
    String prefix = "blk." + layer + ".";
    // A choice between experts must not hang on rounding.
    ffnGateInp =
        new Linear(blueprint, prefix + "ffn_gate_inp.weight", hidden, experts, spread).exact();
    bias = parameters.add(prefix + "exp_probs_b.bias", Parameter.Kind.BALANCE, 0, experts);
    ffnGateExps =
        parameters.matrix(prefix + "ffn_gate_exps.weight", spread, experts, width, hidden);
    ffnUpExps = parameters.matrix(prefix + "ffn_up_exps.weight", spread, experts, width, hidden);
    ffnDownExps = parameters.matrix(prefix + "ffn_down_exps.weight", out, experts, hidden, width);
    hasShared = moe.sharedIntermediateSize() > 0;
    shared =
        hasShared
            ? new SwiGluFfn(
                blueprint, layer, "_shexp", hidden, moe.sharedIntermediateSize(), spread, out)
            : ffnGateInp;
    scores = blueprint.slab(experts);
    weights = blueprint.slab(used);
    gathered = blueprint.slab(used * hidden);
    gate = blueprint.slab(used * width);
    up = blueprint.slab(used * width);
    product = blueprint.slab(used * width);
    results = blueprint.slab(used * hidden);
    dResults = blueprint.scratch("dResults", used * hidden);
    dProduct = blueprint.scratch("dExpertProduct", used * width);
    dGathered = blueprint.scratch("dGathered", used * hidden);
    dWeights = blueprint.scratch("dWeights", used);
    dScores = blueprint.scratch("dScores", experts);
    starts = new int[experts + 1];
    load = new long[experts];
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    int n = batch.size();
    int rows = n * used;
    if (hasShared) {
      ffnGateInp.queueForward(n, x, scores.data());
      shared.forward(batch, x, y); // runs what is queued
    } else {
      ffnGateInp.forward(batch, x, scores.data());
      java.util.Arrays.fill(y, 0, n * hidden, 0);
    }
    route(n);
    workers.rows(
        rows,
        (from, to, piece) -> {
          for (int row = from; row < to; row++) {
            System.arraycopy(x, tokenOf[row] * hidden, gathered.data(), row * hidden, hidden);
          }
        });
    DenseProducts products = workers.products();
    for (int e = 0; e < experts; e++) {
      forward(e, gathered.data(), ffnGateExps, hidden, width, gate.data());
      forward(e, gathered.data(), ffnUpExps, hidden, width, up.data());
    }
    products.run();
    SwiGluFfn.swiGlu(workers, rows * width, gate.data(), up.data(), product.data());
    for (int e = 0; e < experts; e++) {
      forward(e, product.data(), ffnDownExps, width, hidden, results.data());
    }
    products.run();
    workers.rows(
        n,
        (from, to, piece) -> {
          for (int i = from * used; i < to * used; i++) {
            float weight = weights.data()[i];
            int at = rowOf[i] * hidden;
            Workers.LOOPS.addScaled(weight, results.data(), at, y, i / used * hidden, hidden);
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
        n,
        (from, to, piece) -> {
          for (int t = from; t < to; t++) {
            router.choose(
                scores.data(),
                t * experts,
                parameters.values(),
                bias.offset(),
                chosen,
                weights.data(),
                t * used);
          }
        });
    int[] next = new int[experts];
    for (int i = 0; i < n * used; i++) {
      next[chosen[i]]++;
    }
    int row = 0;
    for (int e = 0; e < experts; e++) {
      starts[e] = row;
      row += next[e];
      load[e] += next[e];
      next[e] = starts[e];
    }
    starts[experts] = row;
    for (int i = 0; i < n * used; i++) {
      rowOf[i] = next[chosen[i]]++;
      tokenOf[rowOf[i]] = i / used;
    }
  }

  private int count(int expert) {
    return starts[expert + 1] - starts[expert];
  }

  private void forward(int e, float[] x, Parameter weight, int in, int out, float[] y) {
    workers
        .products()
        .forward(
            x,
            starts[e] * in,
            count(e),
            parameters.values(),
            weight.offset() + e * in * out,
            in,
            out,
            y,
            starts[e] * out);
  }

  private void toInput(int e, float[] dy, Parameter weight, int in, int out, float[] dx) {
    workers
        .products()
        .toInput(
            dy,
            starts[e] * out,
            count(e),
            parameters.values(),
            weight.offset() + e * in * out,
            in,
            out,
            dx,
            starts[e] * in);
  }

  private void toWeight(int e, float[] dy, float[] x, Parameter weight, int in, int out) {
    workers
        .products()
        .toWeight(
            dy,
            starts[e] * out,
            x,
            starts[e] * in,
            count(e),
            in,
            out,
            parameters.gradients(),
            weight.offset() + e * in * out);
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    int rows = n * used;
    if (hasShared) {
      shared.backward(batch, x, dy, dx);
    }
    workers.rows(n, (from, to, piece) -> toResults(from, to, dy));
    DenseProducts products = workers.products();
    dProduct.cleared(n);
    for (int e = 0; e < experts; e++) {
      toWeight(e, dResults.data(), product.data(), ffnDownExps, width, hidden);
      toInput(e, dResults.data(), ffnDownExps, width, hidden, dProduct.data());
    }
    products.run();
    SwiGluFfn.swiGluGradient(workers, rows * width, gate.data(), up.data(), dProduct.data());
    dGathered.cleared(n);
    for (int e = 0; e < experts; e++) {
      toWeight(e, gate.data(), gathered.data(), ffnGateExps, hidden, width);
      toWeight(e, up.data(), gathered.data(), ffnUpExps, hidden, width);
      toInput(e, gate.data(), ffnGateExps, hidden, width, dGathered.data());
    }
    products.run();
    for (int e = 0; e < experts; e++) {
      toInput(e, up.data(), ffnUpExps, hidden, width, dGathered.data());
    }
    products.run();
    workers.rows(n, (from, to, piece) -> toTokens(from, to, dx));
    ffnGateInp.backward(batch, x, dScores.data(), dx);
  }

  /** Gradients of the experts' results, of the weights, and of the router's logits. */
  private void toResults(int fromToken, int toToken, float[] dy) {
    for (int t = fromToken; t < toToken; t++) {
      for (int i = t * used; i < (t + 1) * used; i++) {
        int at = rowOf[i] * hidden;
        float weight = weights.data()[i];
        dWeights.data()[i] = Workers.LOOPS.dot(dy, t * hidden, results.data(), at, hidden);
        Workers.LOOPS.scale(weight, dy, t * hidden, dResults.data(), at, hidden);
      }
      router.gradient(
          scores.data(), t * experts, chosen, dWeights.data(), t * used, dScores.data());
    }
  }

  private void toTokens(int fromToken, int toToken, float[] dx) {
    for (int i = fromToken * used; i < toToken * used; i++) {
      int at = rowOf[i] * hidden;
      Workers.LOOPS.addScaled(1, dGathered.data(), at, dx, i / used * hidden, hidden);
    }
  }

  /** Tokens that each expert had since the last {@link #balance}. */
  long[] load() {
    return load.clone();
  }

  /**
   * Moves the bias of experts with fewer tokens than the mean up by {@code speed}, of those with
   * more down, and begins to count anew. Without a bias (softmax) it only counts anew.
   */
  void balance(float speed) {
    long sum = 0;
    for (long tokens : load) {
      sum += tokens;
    }
    for (int e = 0; e < experts; e++) {
      long over = load[e] * experts - sum;
      if (balanced) {
        parameters.values()[bias.offset() + e] -= speed * Long.signum(over);
      }
      load[e] = 0;
    }
  }
}
