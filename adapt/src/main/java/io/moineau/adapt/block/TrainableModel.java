package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A decoder with gradients: embedding, layers, norm, output. */
public final class TrainableModel {
  /**
   * What a model makes of a batch.
   *
   * @param loss sum over the tokens with a target, in nats
   * @param mtpLoss the same of multi-token prediction; 0 without
   * @param mtpCounted tokens after next that were to be predicted
   * @param mtpAccepted how many of them the main model, when it gets there, would choose as well:
   *     what speculative decoding could accept
   */
  public record Evaluation(double loss, double mtpLoss, int mtpCounted, int mtpAccepted) {}

  private final Blueprint blueprint;
  private final ModelConfig config;
  private final boolean tied;
  private final Embedding embedding;
  private final List<TransformerLayer> layers = new ArrayList<>();
  private final List<Slab> streams = new ArrayList<>(); // before each layer, and after the last
  private final RmsNorm outputNorm;
  private final OutputHead head;
  private final Optional<MtpModule> mtp;
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
    this(config, tied, false, workers, maxTokens, maxPositions);
  }

  /**
   * The same.
   *
   * @param nextn whether it has a layer that predicts the token after next; its weights come after
   *     all others, which begin as they do without it
   */
  public TrainableModel(
      ModelConfig config,
      boolean tied,
      boolean nextn,
      Workers workers,
      int maxTokens,
      int maxPositions) {
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
    mtp =
        nextn
            ? Optional.of(new MtpModule(blueprint, config, embedding, head, maxTokens))
            : Optional.empty();
  }

  /** The hyper-parameters. */
  public ModelConfig config() {
    return config;
  }

  /** Whether the embedding is the output matrix too. */
  public boolean tied() {
    return tied;
  }

  /** Whether it has a layer that predicts the token after next. */
  public boolean nextn() {
    return mtp.isPresent();
  }

  /** The weights and gradients. */
  public Parameters parameters() {
    return blueprint.parameters();
  }

  /** Bytes that activations take. */
  public long activationBytes() {
    return blueprint.activationBytes() + head.bytes();
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
    return head.loss(batch, hidden(batch), 1, new float[0], new int[0]);
  }

  /** The losses of a batch, and how often multi-token prediction is right. */
  public Evaluation evaluate(TokenBatch batch) {
    if (mtp.isEmpty()) {
      return new Evaluation(loss(batch), 0, 0, 0);
    }
    int[] best = new int[batch.size()];
    double loss = head.loss(batch, hidden(batch), 1, new float[0], best);
    int[] drafted = new int[batch.size()];
    MtpModule module = mtp.get();
    double mtpLoss = module.loss(batch, normed.data(), drafted);
    TokenBatch shifted = module.shifted();
    int accepted = 0;
    for (int i = 0; i < shifted.size(); i++) {
      // The main model's next token, once it has read the one that the module read.
      if (shifted.target(i) != TokenBatch.NO_TARGET && drafted[i] == best[module.from(i) + 1]) {
        accepted++;
      }
    }
    return new Evaluation(loss, mtpLoss, shifted.counted(), accepted);
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
    return gradients(batch, scale, 0).loss();
  }

  /**
   * Adds the gradients of {@code scale} times the sum of losses, {@code mtpWeight} times those of
   * multi-token prediction among them.
   *
   * @param mtpWeight 0 to leave that out
   * @return the sums, without scale and weight; nothing is said of what would be accepted
   */
  public Evaluation gradients(TokenBatch batch, float scale, float mtpWeight) {
    int n = batch.size();
    float[] x = hidden(batch);
    double loss = head.loss(batch, x, scale, dNormed.cleared(n), new int[0]);
    double mtpLoss = 0;
    int mtpCounted = 0;
    if (mtp.isPresent() && mtpWeight > 0) {
      mtpLoss = mtp.get().gradients(batch, x, scale * mtpWeight, dNormed.data());
      mtpCounted = mtp.get().shifted().counted();
    }
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
    return new Evaluation(loss, mtpLoss, mtpCounted, 0);
  }

  /** Tokens per expert since the last {@link #balance}: one array for each layer with experts. */
  public List<long[]> expertLoad() {
    return moeLayers().map(MoeFfn::load).toList();
  }

  /** Moves every router's bias by {@code speed} towards balance; see {@link MoeFfn#balance}. */
  public void balance(float speed) {
    moeLayers().forEach(moe -> moe.balance(speed));
  }

  private Stream<MoeFfn> moeLayers() {
    return Stream.concat(layers.stream(), mtp.stream().map(MtpModule::layer))
        .flatMap(layer -> layer.moe().stream());
  }
}
