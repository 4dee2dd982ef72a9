package io.moineau.adapt;

import io.moineau.adapt.block.Optimizer;
import io.moineau.adapt.block.TrainableModel;
import io.moineau.adapt.block.Workers;

/**
 * What a training keeps on the heap, but for its text.
 *
 * @param parameters numbers of the model
 * @param weights bytes
 * @param gradients bytes
 * @param optimizer bytes of moments
 * @param activations bytes of one micro-batch, some logits among them
 */
public record TrainingMemory(
    long parameters, long weights, long gradients, long optimizer, long activations) {

  /** Of a training by this recipe, of which nothing is begun. */
  public static TrainingMemory of(Recipe recipe) {
    try (Workers workers = new Workers(1)) {
      return of(model(recipe, workers));
    }
  }

  static TrainableModel model(Recipe recipe, Workers workers) {
    return new TrainableModel(
        recipe.model(),
        recipe.tieWordEmbeddings(),
        recipe.mtp().isPresent(),
        workers,
        recipe.training().microBatchTokens(),
        recipe.model().contextLength());
  }

  static TrainingMemory of(TrainableModel model) {
    long size = model.parameters().size();
    return new TrainingMemory(
        size,
        4 * size,
        4 * size,
        Optimizer.stateBytes(model.parameters()),
        model.activationBytes());
  }

  /** All of it. */
  public long bytes() {
    return weights + gradients + optimizer + activations;
  }
}
