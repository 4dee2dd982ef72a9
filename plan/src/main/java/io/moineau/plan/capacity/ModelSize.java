package io.moineau.plan.capacity;

import java.util.Optional;

/**
 * How large a model may be that is read from a file: far more than any is, and so little that
 * nothing overflows or takes long.
 */
final class ModelSize {
  static final int MOST_LAYERS = 10_000;
  static final int MOST_COLUMNS = 1 << 26;
  private static final int MOST_EXPERTS = 100_000;
  private static final double MOST_PARAMETERS = 1e15;

  private ModelSize() {}

  /** What is impossible about a model's measures; empty where nothing is. */
  static Optional<String> fault(ModelShape shape) {
    AttentionShape attention = shape.attention();
    double columns = columns(attention);
    if (columns < 1 || columns > MOST_COLUMNS) {
      return Optional.of("attention of " + columns + " columns: heads that do not fit hidden_size");
    }
    int experts = shape.experts().map(ExpertShape::nRoutedExperts).orElse(0);
    int width = shape.experts().map(ExpertShape::moeIntermediateSize).orElse(0);
    int shared = shape.experts().map(ExpertShape::nSharedExperts).orElse(0);
    if (shape.numHiddenLayers() > MOST_LAYERS || experts > MOST_EXPERTS || shared > MOST_EXPERTS) {
      return Optional.of(
          shape.numHiddenLayers() + " layers of " + experts + " experts, " + shared + " shared");
    }
    double perLayer =
        4 * columns + 3.0 * shape.intermediateSize() + 3.0 * width * ((double) experts + shared);
    double parameters =
        shape.hiddenSize() * (shape.numHiddenLayers() * perLayer + 2.0 * shape.vocabSize());
    return parameters > MOST_PARAMETERS
        ? Optional.of(Range.number(parameters / 1e12) + " trillion parameters")
        : Optional.empty();
  }

  /** Columns of the widest matrix of attention. */
  private static double columns(AttentionShape attention) {
    return switch (attention) {
      case AttentionShape.GroupedQuery grouped ->
          (double) grouped.numAttentionHeads() * grouped.headDim();
      case AttentionShape.Latent latent ->
          latent.numAttentionHeads()
                  * ((double) latent.qkNopeHeadDim() + latent.qkRopeHeadDim() + latent.vHeadDim())
              + latent.kvLoraRank()
              + latent.qLoraRank();
    };
  }
}
