package io.moineau.adapt.lora;

import io.moineau.adapt.AdaptException;
import io.moineau.adapt.block.Block;
import io.moineau.adapt.block.Blueprint;
import io.moineau.adapt.block.CausalAttention;
import io.moineau.adapt.block.Parameters;
import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings.Part;
import io.moineau.format.GgufFile;
import io.moineau.kernels.RowDecoder;
import io.moineau.model.Architectures;
import io.moineau.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * A model of a file, whose weights stay as they are, with low-rank changes (LoRA, arXiv 2106.09685)
 * that are trained.
 *
 * <p>Weights are decoded a slice at a time for each product, from any type that can be read; the
 * file is only read. Of each layer only its input is kept; backward computes the layer again first
 * (arXiv 1604.06174), so that memory for activations is that of one layer, whatever the model.
 *
 * <p>Not for several callers at once. The same numbers for any number of threads.
 */
public final class TunableModel implements AutoCloseable {
  private final Tuning tuning;
  private final ModelConfig config;
  private final int maxTokens;
  private final int maxSegment;
  private final FrozenWeight embedding; // [vocabSize, hidden]
  private final List<TunedLayer> layers = new ArrayList<>();
  private final List<Slab> streams = new ArrayList<>(); // before each layer, and after the last
  private final FrozenHead head;
  private final Slab dStream;

  private TunableModel(
      GgufFile file,
      LoraSettings settings,
      Workers workers,
      int maxTokens,
      int maxSegment,
      int buffer) {
    config = Architectures.config(file);
    this.maxTokens = maxTokens;
    this.maxSegment = maxSegment;
    Variant variant = Variant.of(config.architecture(), file);
    FrozenTensors tensors = new FrozenTensors(file);
    Blueprint blueprint = new Blueprint(workers, maxTokens, maxSegment);
    tuning = new Tuning(config, tensors, blueprint, settings, buffer);
    int hidden = config.hiddenSize();
    embedding = tensors.matrix("token_embd.weight", config.vocabSize(), hidden);
    float[] factors =
        tensors.find("rope_freqs.weight", config.rope().dim() / 2).orElse(new float[0]);
    RotaryEmbedding rotary = new RotaryEmbedding(workers, config.rope(), factors, maxSegment);
    CausalAttention attention =
        new CausalAttention(
            blueprint,
            config.numAttentionHeads(),
            config.mla().isPresent() ? config.numAttentionHeads() : config.numKeyValueHeads(),
            config.headDim(),
            config.valueHeadDim(),
            config.attentionScale());
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      streams.add(blueprint.slab(hidden));
      Block attend =
          config.mla().isPresent()
              ? new TunedMla(tuning, rotary, attention, i)
              : new TunedGqa(
                  tuning,
                  rotary,
                  attention,
                  i,
                  variant.qkNorm(),
                  Variant.window(i, config.slidingWindow()));
      layers.add(new TunedLayer(tuning, i, variant.ffnNorm(), attend, feedForward(variant, i)));
    }
    streams.add(blueprint.slab(hidden));
    dStream = blueprint.slab(hidden);
    boolean tied = !tensors.has("output.weight");
    head =
        new FrozenHead(
            tuning,
            tied ? embedding : tensors.matrix("output.weight", config.vocabSize(), hidden),
            maxTokens);
    if (tuning.targets().isEmpty()) {
      throw new AdaptException(
          "finetune-no-targets",
          "nothing of the model would be changed",
          settings.parts() + " of " + file.path(),
          "at least one part that the model has",
          "name another part of the model");
    }
  }

  private FeedForwardBlock feedForward(Variant variant, int layer) {
    if (config.moe().isPresent() && config.moe().get().isMoeLayer(layer)) {
      return new TunedMoe(tuning, layer, variant.unit());
    }
    int width = config.intermediateSize();
    return new TunedFfn(tuning, Part.DENSE_FFN, layer, "", config.hiddenSize(), width);
  }

  /**
   * Binds the weights of a file and makes changes that change nothing yet.
   *
   * @param model must stay open as long as this
   * @param workers must stay open as long as this
   * @param maxTokens tokens of a batch at most
   * @param maxSegment tokens of a segment at most
   * @throws AdaptException {@code finetune-unknown-architecture} if there are no gradients for the
   *     model's architecture, {@code finetune-no-targets} if it has none of the parts, {@code
   *     train-too-large} if the changes are more than 2^31 numbers
   * @throws io.moineau.model.ModelException if a hyper-parameter or tensor is missing or impossible
   */
  public static TunableModel open(
      GgufFile model, LoraSettings settings, Workers workers, int maxTokens, int maxSegment) {
    return open(model, settings, workers, maxTokens, maxSegment, FrozenProducts.BUFFER);
  }

  /** The same with another size of slices, in floats. */
  static TunableModel open(
      GgufFile model,
      LoraSettings settings,
      Workers workers,
      int maxTokens,
      int maxSegment,
      int buffer) {
    TunableModel tunable =
        new TunableModel(model, settings, workers, maxTokens, maxSegment, buffer);
    tunable.tuning.blueprint().allocate(settings.seed());
    return tunable;
  }

  /**
   * The same without its memory: to ask for {@link #targets}, the size of {@link #parameters} and
   * {@link #activationBytes} before anything is allocated. It cannot compute.
   */
  public static TunableModel plan(
      GgufFile model, LoraSettings settings, Workers workers, int maxTokens, int maxSegment) {
    return new TunableModel(model, settings, workers, maxTokens, maxSegment, FrozenProducts.BUFFER);
  }

  /**
   * The changes and their gradients; names and shapes are those of llama.cpp's adapters, see {@link
   * Target}.
   */
  public Parameters parameters() {
    return tuning.blueprint().parameters();
  }

  /** The hyper-parameters. */
  public ModelConfig config() {
    return config;
  }

  /** The weights that are changed, in the order of the layers. */
  public List<Target> targets() {
    return List.copyOf(tuning.targets());
  }

  /** Bytes that activations take, logits and decoded weights of a slice included. */
  public long activationBytes() {
    return tuning.blueprint().activationBytes() + head.bytes() + tuning.products().bytes();
  }

  /**
   * Adds the gradients of {@code scale} times the sum of losses.
   *
   * @return the sum of losses of all tokens with a target, in nats
   */
  public double gradients(TokenBatch batch, float scale) {
    float[] d = dStream.data();
    double loss = head.loss(batch, forward(batch), scale, d);
    for (int i = layers.size() - 1; i >= 0; i--) {
      float[] x = streams.get(i).data();
      if (i < layers.size() - 1) { // what the last layer left is still there
        layers.get(i).recompute(batch, x);
      }
      layers.get(i).backward(batch, x, d);
    }
    return loss;
  }

  /** The sum of the losses of all tokens with a target, in nats. */
  public double loss(TokenBatch batch) {
    return head.loss(batch, forward(batch), 1, new float[0]);
  }

  /** The logits of token {@code index} of a batch, {@code [vocabSize]}. */
  public float[] logits(TokenBatch batch, int index) {
    return head.logits(forward(batch), index);
  }

  private float[] forward(TokenBatch batch) {
    check(batch);
    int hidden = config.hiddenSize();
    float[] first = streams.getFirst().data();
    tuning
        .workers()
        .rows(
            batch.size(),
            (from, to, piece) -> {
              RowDecoder decoder = new RowDecoder();
              for (int t = from; t < to; t++) {
                embedding.decode(decoder, batch.token(t), 1, first, t * hidden);
              }
            });
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).forward(batch, streams.get(i).data(), streams.get(i + 1).data());
    }
    return streams.getLast().data();
  }

  private void check(TokenBatch batch) {
    if (batch.size() > maxTokens) {
      throw bad("a batch is too large", batch.size() + " tokens", "at most " + maxTokens);
    }
    for (int s = 0; s < batch.segments(); s++) {
      int length = batch.start(s + 1) - batch.start(s);
      if (length > maxSegment) {
        throw bad("a segment is too long", length + " tokens", "at most " + maxSegment);
      }
    }
    for (int t = 0; t < batch.size(); t++) {
      int token = Math.max(batch.token(t), batch.target(t));
      if (batch.token(t) < 0 || token >= config.vocabSize()) {
        throw bad(
            "a token is not in the model's vocabulary",
            "token " + token + " at " + t,
            "0 to " + (config.vocabSize() - 1));
      }
    }
  }

  private static AdaptException bad(String what, String where, String allowed) {
    return new AdaptException(
        "finetune-bad-batch", what, where, allowed, "cut the text, or use the model's tokenizer");
  }

  /** Lets go of the file and the threads, which stay open. */
  @Override
  public void close() {}
}
