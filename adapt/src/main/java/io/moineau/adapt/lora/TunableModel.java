package io.moineau.adapt.lora;

import io.moineau.adapt.AdaptException;
import io.moineau.adapt.block.Blueprint;
import io.moineau.adapt.block.Parameters;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.format.GgufFile;
import io.moineau.model.Architectures;
import io.moineau.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** A model of a file, whose weights stay as they are, with low-rank changes that are trained. */
public final class TunableModel implements AutoCloseable {
  private final Blueprint blueprint;
  private final ModelConfig config;
  private final List<Target> targets = new ArrayList<>();

  private TunableModel(GgufFile model, Workers workers, int maxTokens, int maxSegment) {
    config = Architectures.config(model);
    blueprint = new Blueprint(workers, maxTokens, maxSegment);
  }

  /**
   * Binds the weights of a file and makes changes that change nothing yet.
   *
   * @param model must stay open as long as this
   * @param maxTokens tokens of a batch at most
   * @param maxSegment tokens of a segment at most
   * @throws AdaptException {@code finetune-unknown-architecture} if there are no gradients for the
   *     model's architecture
   */
  public static TunableModel open(
      GgufFile model, LoraSettings settings, Workers workers, int maxTokens, int maxSegment) {
    TunableModel tunable = new TunableModel(model, workers, maxTokens, maxSegment);
    throw new AdaptException(
        "finetune-unknown-architecture",
        "a model of this architecture cannot be fine-tuned",
        "general.architecture=" + tunable.config.architecture() + " in " + model.path(),
        "none yet",
        "use a model of another architecture");
  }

  /**
   * The changes and their gradients; names and shapes are those of llama.cpp's adapters, see {@link
   * Target}.
   */
  public Parameters parameters() {
    return blueprint.parameters();
  }

  /**
   * Adds the gradients of {@code scale} times the sum of losses.
   *
   * @return the sum of losses of all tokens with a target, in nats
   */
  public double gradients(TokenBatch batch, float scale) {
    return loss(batch) * scale;
  }

  /** The sum of the losses of all tokens with a target, in nats. */
  public double loss(TokenBatch batch) {
    return batch.size();
  }

  /** The logits of token {@code index}, {@code [vocabSize]}. */
  public float[] logits(TokenBatch batch, int index) {
    return new float[batch.token(index)];
  }

  /** Bytes that activations take. */
  public long activationBytes() {
    return blueprint.activationBytes();
  }

  /** The hyper-parameters. */
  public ModelConfig config() {
    return config;
  }

  /** The weights that are changed, in the order of the layers. */
  public List<Target> targets() {
    return List.copyOf(targets);
  }

  @Override
  public void close() {}
}
