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

  /**
   * Checks that arrays of so many bytes fit on the heap, before the first is made.
   *
   * @param choose what else would help: {@code choose a smaller model}
   * @throws AdaptException {@code train-too-little-memory}
   */
  static void checkHeap(long bytes, String choose) {
    long most = Runtime.getRuntime().maxMemory();
    if (bytes > 0.9 * most) {
      long wanted = (bytes * 5 / 4) >> 20;
      throw new AdaptException(
          "train-too-little-memory",
          "the training needs more memory than Java may use",
          "needs " + (bytes >> 20) + " MB; the heap has " + (most >> 20) + " MB",
          "a heap of " + wanted + " MB or more",
          "give java -Xmx (MOINEAU_JAVA_OPTS=-Xmx" + wanted + "m), or " + choose);
    }
  }

  /** All of it. */
  public long bytes() {
    return weights + gradients + optimizer + activations;
  }
}
