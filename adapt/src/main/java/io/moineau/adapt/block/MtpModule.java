package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;

/**
 * Predicts the token after next: a layer of its own over the main model's last hidden state and the
 * embedding of the next token (DeepSeek-V3, arXiv 2412.19437, section 2.2). Embedding and output
 * matrix are the main model's.
 *
 * <p>The hidden state is taken after the main model's norm, and the embedding comes first in what
 * {@code eh_proj} reads, as vLLM and llama.cpp do for DeepSeek's own weights.
 */
final class MtpModule {
  private final Workers workers;
  private final int hidden;
  private final Embedding embedding;
  private final OutputHead head;
  private final RmsNorm embeddingNorm;
  private final RmsNorm hiddenNorm;
  private final Linear projection; // [hidden, 2 * hidden]
  private final TransformerLayer layer;
  private final RmsNorm outputNorm;
  private final TokenBatch shifted;
  private final int[] from; // the main model's token, whose next one is ours
  private final Slab embedded;
  private final Slab state; // the main model's
  private final Slab joined; // both, normed
  private final Slab x; // the layer's input
  private final Slab y; // and output
  private final Slab z; // normed
  private final Slab part;
  private final Slab dPart;
  private final Slab dJoined;
  private final Slab dY;
  private final Slab dX;

  MtpModule(
      Blueprint blueprint,
      ModelConfig config,
      Embedding embedding,
      OutputHead head,
      int maxTokens) {
    workers = blueprint.workers();
    hidden = config.hiddenSize();
    this.embedding = embedding;
    this.head = head;
    int number = config.numHiddenLayers();
    String prefix = "blk." + number + ".nextn.";
    float eps = config.rmsNormEps();
    embeddingNorm = new RmsNorm(blueprint, prefix + "enorm.weight", 1, hidden, eps);
    hiddenNorm = new RmsNorm(blueprint, prefix + "hnorm.weight", 1, hidden, eps);
    double spread = 0.5 / Math.sqrt(hidden);
    projection = new Linear(blueprint, prefix + "eh_proj.weight", 2 * hidden, hidden, spread);
    layer = new TransformerLayer(blueprint, config, number);
    outputNorm = new RmsNorm(blueprint, prefix + "shared_head_norm.weight", 1, hidden, eps);
    shifted = new TokenBatch(maxTokens);
    from = new int[maxTokens];
    embedded = blueprint.slab(hidden);
    state = blueprint.slab(hidden);
    joined = blueprint.slab(2 * hidden);
    x = blueprint.slab(hidden);
    y = blueprint.slab(hidden);
    z = blueprint.slab(hidden);
    part = blueprint.slab(hidden);
    dPart = blueprint.slab(hidden);
    dJoined = blueprint.slab(2 * hidden);
    dY = blueprint.slab(hidden);
    dX = blueprint.slab(hidden);
  }

  TransformerLayer layer() {
    return layer;
  }

  /** The tokens that the last forward pass read: of each segment all but the first. */
  TokenBatch shifted() {
    return shifted;
  }

  /** The main batch's token whose hidden state token {@code i} of {@link #shifted} was given. */
  int from(int i) {
    return from[i];
  }

  /** No token reads beyond its segment, so the last one of a segment predicts nothing here. */
  private void shift(TokenBatch batch) {
    shifted.clear();
    for (int s = 0; s < batch.segments(); s++) {
      if (batch.start(s) + 1 < batch.start(s + 1)) {
        shifted.beginSegment();
      }
      for (int i = batch.start(s); i + 1 < batch.start(s + 1); i++) {
        from[shifted.size()] = i;
        shifted.add(batch.token(i + 1), batch.target(i + 1));
      }
    }
  }

  private void forward(TokenBatch batch, float[] states) {
    shift(batch);
    if (shifted.size() == 0) {
      return;
    }
    embedding.forward(shifted, embedded.data());
    embeddingNorm.forward(shifted, embedded.data(), part.data());
    join(0);
    for (int i = 0; i < shifted.size(); i++) {
      System.arraycopy(states, from[i] * hidden, state.data(), i * hidden, hidden);
    }
    hiddenNorm.forward(shifted, state.data(), part.data());
    join(hidden);
    projection.forward(shifted, joined.data(), x.data());
    layer.forward(shifted, x.data(), y.data());
    outputNorm.forward(shifted, y.data(), z.data());
  }

  private void join(int column) {
    for (int i = 0; i < shifted.size(); i++) {
      int to = 2 * i * hidden + column;
      System.arraycopy(part.data(), i * hidden, joined.data(), to, hidden);
    }
  }

  /**
   * The sum of the losses of tokens after next that are targets, in nats.
   *
   * @param states of the main model, after its norm
   * @param best where each token of {@link #shifted} gets its most probable next one; or empty
   */
  double loss(TokenBatch batch, float[] states, int[] best) {
    forward(batch, states);
    return shifted.size() == 0 ? 0 : head.loss(shifted, z.data(), 1, new float[0], best);
  }

  /**
   * Adds the gradients of {@code scale} times the loss.
   *
   * @param dStates gradient of {@code states}, added to
   * @return the sum of losses, in nats
   */
  double gradients(TokenBatch batch, float[] states, float scale, float[] dStates) {
    forward(batch, states);
    int n = shifted.size();
    if (n == 0) {
      return 0;
    }
    double loss = head.loss(shifted, z.data(), scale, dPart.cleared(n), new int[0]);
    outputNorm.backward(shifted, y.data(), dPart.data(), dY.cleared(n));
    layer.backward(shifted, x.data(), dY.data(), dX.cleared(n));
    projection.backward(shifted, joined.data(), dX.data(), dJoined.cleared(n));
    half(0);
    embeddingNorm.backward(shifted, embedded.data(), part.data(), dPart.cleared(n));
    embedding.backward(shifted, dPart.data());
    half(hidden);
    hiddenNorm.backward(shifted, state.data(), part.data(), dPart.cleared(n));
    for (int i = 0; i < n; i++) {
      Workers.LOOPS.addScaled(1, dPart.data(), i * hidden, dStates, from[i] * hidden, hidden);
    }
    return loss;
  }

  /** A half of the joined gradient, as rows of their own. */
  private void half(int column) {
    workers.rows(
        shifted.size(),
        (a, b, piece) -> {
          for (int i = a; i < b; i++) {
            int at = 2 * i * hidden + column;
            System.arraycopy(dJoined.data(), at, part.data(), i * hidden, hidden);
          }
        });
  }
}
