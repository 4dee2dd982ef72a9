package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** A decoder with gradients: embedding, layers, norm, output. */
public final class TrainableModel {
  private final Blueprint blueprint;
  private final ModelConfig config;
  private final boolean tied;
  private final Embedding embedding;
  private final List<TransformerLayer> layers = new ArrayList<>();
  private final List<Slab> streams = new ArrayList<>(); // before each layer, and after the last
  private final RmsNorm outputNorm;
  private final OutputHead head;
  private final Slab normed;
  private final Slab dNormed;
  private final Slab dStream;
  private final Slab dNext;

  /**
   * Names a model's weights and memory; {@link #allocate} makes them.
   *
   * @param tied whether the embedding is the output matrix too
   * @param maxTokens tokens of a batch at most
   * @param maxPositions tokens of a segment at most
   */
  public TrainableModel(
      ModelConfig config, boolean tied, Workers workers, int maxTokens, int maxPositions) {
    this.config = config;
    this.tied = tied;
    blueprint = new Blueprint(workers, maxTokens, maxPositions);
    int hidden = config.hiddenSize();
    double spread = 0.5 / Math.sqrt(hidden);
    embedding = new Embedding(blueprint, config.vocabSize(), hidden, spread);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      streams.add(blueprint.slab(hidden));
      layers.add(new TransformerLayer(blueprint, config, i));
    }
    streams.add(blueprint.slab(hidden));
    outputNorm = new RmsNorm(blueprint, "output_norm.weight", 1, hidden, config.rmsNormEps());
    Parameter output =
        tied
            ? embedding.table()
            : blueprint.parameters().matrix("output.weight", spread, config.vocabSize(), hidden);
    head = new OutputHead(blueprint, output, maxTokens);
    normed = blueprint.slab(hidden);
    dNormed = blueprint.scratch("dNormed", hidden);
    dStream = blueprint.slab(hidden);
    dNext = blueprint.slab(hidden);
  }

  /** The hyper-parameters. */
  public ModelConfig config() {
    return config;
  }

  /** Whether the embedding is the output matrix too. */
  public boolean tied() {
    return tied;
  }

  /** The weights and gradients. */
  public Parameters parameters() {
    return blueprint.parameters();
  }

  /** Bytes that activations take. */
  public long activationBytes() {
    return blueprint.activationBytes();
  }

  /** Allocates weights, gradients and activations, with first weights from a seed. */
  public void allocate(long seed) {
    blueprint.allocate(seed);
  }

  private float[] hidden(TokenBatch batch) {
    embedding.forward(batch, streams.getFirst().data());
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).forward(batch, streams.get(i).data(), streams.get(i + 1).data());
    }
    outputNorm.forward(batch, streams.getLast().data(), normed.data());
    return normed.data();
  }

  /** The sum of the losses of all tokens with a target, in nats. */
  public double loss(TokenBatch batch) {
    return head.loss(batch, hidden(batch), 1, new float[0]);
  }

  /** The logits of token {@code i} after a forward pass over the batch. */
  public float[] logits(TokenBatch batch, int i) {
    float[] out = new float[config.vocabSize()];
    head.logits(hidden(batch), i, 1, out);
    return out;
  }

  /**
   * Adds the gradients of {@code scale} times the sum of losses.
   *
   * @return the sum of losses, in nats
   */
  public double gradients(TokenBatch batch, float scale) {
    int n = batch.size();
    float[] x = hidden(batch);
    double loss = head.loss(batch, x, scale, dNormed.cleared(n));
    float[] dy = dStream.cleared(n);
    float[] dx = dNext.data();
    outputNorm.backward(batch, streams.getLast().data(), dNormed.data(), dy);
    for (int i = layers.size() - 1; i >= 0; i--) {
      java.util.Arrays.fill(dx, 0, n * config.hiddenSize(), 0);
      layers.get(i).backward(batch, streams.get(i).data(), dy, dx);
      float[] turned = dy;
      dy = dx;
      dx = turned;
    }
    embedding.backward(batch, dy);
    return loss;
  }

  /** Tokens per expert since the last {@link #balance}: one array for each layer with experts. */
  public List<long[]> expertLoad() {
    List<long[]> loads = new ArrayList<>();
    for (TransformerLayer layer : layers) {
      layer.moe().ifPresent(moe -> loads.add(moe.load()));
    }
    return loads;
  }

  /** Moves every router's bias by {@code speed} towards balance; see {@link MoeFfn#balance}. */
  public void balance(float speed) {
    for (TransformerLayer layer : layers) {
      layer.moe().ifPresent(moe -> moe.balance(speed));
    }
  }
}
