package io.moineau.plan.capacity;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The measures of a model, as far as its memory and its work follow from them, by the names of
 * Hugging Face's {@code config.json}. Feed-forward parts are gated: three matrices each. Norms and
 * biases are left out, which is under a thousandth.
 *
 * @param name its full name
 * @param aliases other names that find it
 * @param hiddenSize columns of a token
 * @param numHiddenLayers without layers that only draft
 * @param attention of every layer
 * @param intermediateSize of a feed-forward part without experts; 0 where there is none
 * @param experts empty for a dense model
 * @param vocabSize tokens
 * @param tieWordEmbeddings whether the first and the last matrix are one
 */
public record ModelShape(
    String name,
    List<String> aliases,
    int hiddenSize,
    int numHiddenLayers,
    AttentionShape attention,
    int intermediateSize,
    Optional<ExpertShape> experts,
    int vocabSize,
    boolean tieWordEmbeddings) {
  private static final int MATRICES = 3; // gate, up, down

  /** Checks that there is something of everything. */
  public ModelShape {
    Objects.requireNonNull(name, "name");
    aliases = List.copyOf(aliases);
    if (hiddenSize < 1 || numHiddenLayers < 1 || vocabSize < 1) {
      throw new IllegalArgumentException(
          "hiddenSize, numHiddenLayers and vocabSize must be 1 or more: "
              + hiddenSize
              + ", "
              + numHiddenLayers
              + ", "
              + vocabSize);
    }
  }

  /** Layers with experts. */
  public int expertLayers() {
    return experts.map(e -> Math.max(0, numHiddenLayers - e.firstKDenseReplace())).orElse(0);
  }

  /** Layers without experts. */
  public int denseLayers() {
    return numHiddenLayers - expertLayers();
  }

  /** Weights of one routed expert; 0 in a dense model. */
  public long expertParameters() {
    return experts.map(e -> (long) MATRICES * hiddenSize * e.moeIntermediateSize()).orElse(0L);
  }

  /** Weights of the matrix that makes logits. */
  public long outputParameters() {
    return (long) vocabSize * hiddenSize;
  }

  /** Weights that every token goes through: attention, dense parts, shared experts, logits. */
  public long commonParameters() {
    long perLayer = attention.parameters(hiddenSize);
    long dense = (long) MATRICES * hiddenSize * intermediateSize;
    long shared =
        experts.map(e -> e.nSharedExperts() * expertParameters() + routerParameters()).orElse(0L);
    return numHiddenLayers * perLayer
        + denseLayers() * dense
        + expertLayers() * shared
        + outputParameters();
  }

  private long routerParameters() {
    return experts.map(e -> (long) e.nRoutedExperts() * hiddenSize).orElse(0L);
  }

  /** Weights of all routed experts. */
  public long routedParameters() {
    return experts.map(e -> expertLayers() * e.nRoutedExperts() * expertParameters()).orElse(0L);
  }

  /** All weights. */
  public long parameters() {
    return commonParameters() + routedParameters() + (tieWordEmbeddings ? 0 : outputParameters());
  }

  /** Weights that one token is multiplied with; looking up its embedding is none. */
  public long activeParameters() {
    return commonParameters()
        + experts.map(e -> expertLayers() * e.numExpertsPerTok() * expertParameters()).orElse(0L);
  }

  /** Numbers that are kept for a token in all layers: keys and values, or what stands for them. */
  public long keptPerToken() {
    return (long) numHiddenLayers * attention.keptPerToken();
  }
}
