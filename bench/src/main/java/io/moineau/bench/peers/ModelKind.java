package io.moineau.bench.peers;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Shapes of models that are compared: those of well-known ones, and tiny ones of the same
 * architectures for tests. Names are the words of Hugging Face's {@code config.json}.
 */
enum ModelKind {
  /** DeepSeek-V2-Lite: 15.7 B parameters, 2.7 B active; MLA without compressed queries. */
  DSV2_LITE(
      "dsv2-lite",
      deepseek(27, 2048, 16, 10_944, 102_400),
      new Mla(0, 512, 128, 64, 128),
      new Experts(64, 6, 1408, 2, 1, 0, 0)),
  /** A Qwen3-MoE of 0.9 B parameters, small enough to compare quickly. */
  QWEN3MOE_SMALL(
      "qwen3moe-small",
      new Decoder("qwen3moe", 16, 1024, 16, 4, 64, 4096, 32_768, 32_768, 1e-6, 1e6),
      Mla.NONE,
      new Experts(32, 4, 512, 0, 0, 0, 0)),
  /** Llama-3.2-1B: dense, the output matrix is the embedding. */
  LLAMA_1B(
      "llama-1b",
      new Decoder("llama", 16, 2048, 32, 8, 64, 8192, 128_256, 131_072, 1e-5, 500_000),
      Mla.NONE,
      Experts.NONE),
  /**
   * Layers of DeepSeek-R1 with experts, as many as are asked for (the model has 58 of them, and 3
   * dense ones), between an embedding and an output of few tokens, so that what is measured are the
   * layers.
   */
  R1_LAYERS(
      "r1-layers",
      deepseek(1, 7168, 128, 18_432, 4096),
      new Mla(1536, 512, 128, 64, 128),
      new Experts(256, 8, 2048, 1, 0, 8, 4)),
  /** DeepSeek-V3 in small. */
  DSV3_TINY(
      "dsv3-tiny",
      deepseek(5, 256, 8, 512, 4096),
      new Mla(128, 128, 64, 32, 64),
      new Experts(16, 4, 256, 1, 1, 4, 2)),
  /** Qwen3-MoE in small. */
  QWEN3MOE_TINY(
      "qwen3moe-tiny",
      new Decoder("qwen3moe", 3, 256, 4, 2, 64, 1024, 4096, 32_768, 1e-6, 1e6),
      Mla.NONE,
      new Experts(8, 2, 256, 0, 0, 0, 0)),
  /** Llama 3 in small. */
  LLAMA_TINY(
      "llama-tiny",
      new Decoder("llama", 3, 256, 4, 2, 64, 512, 4096, 131_072, 1e-5, 500_000),
      Mla.NONE,
      Experts.NONE);

  /** What all architectures have; {@code headDim} and key-value heads are not MLA's. */
  record Decoder(
      String architecture,
      int numHiddenLayers,
      int hiddenSize,
      int numAttentionHeads,
      int numKeyValueHeads,
      int headDim,
      int intermediateSize,
      int vocabSize,
      int maxPositionEmbeddings,
      double rmsNormEps,
      double ropeTheta) {}

  /**
   * Multi-head latent attention.
   *
   * @param qLoraRank rank of the compressed queries, 0 for plain ones
   * @param kvLoraRank 0 for other attention
   */
  record Mla(int qLoraRank, int kvLoraRank, int qkNopeHeadDim, int qkRopeHeadDim, int vHeadDim) {
    static final Mla NONE = new Mla(0, 0, 0, 0, 0);
  }

  /**
   * Mixture of experts.
   *
   * @param nRoutedExperts 0 for a dense model
   * @param firstKDenseReplace layers at the start that are dense
   * @param nGroup groups of experts, 0 for none
   */
  record Experts(
      int nRoutedExperts,
      int numExpertsPerTok,
      int moeIntermediateSize,
      int nSharedExperts,
      int firstKDenseReplace,
      int nGroup,
      int topkGroup) {
    static final Experts NONE = new Experts(0, 0, 0, 0, 0, 0, 0);
  }

  private final String label;
  private final Decoder decoder;
  private final Mla mla;
  private final Experts experts;

  ModelKind(String label, Decoder decoder, Mla mla, Experts experts) {
    this.label = label;
    this.decoder = decoder;
    this.mla = mla;
    this.experts = experts;
  }

  private static Decoder deepseek(int layers, int hidden, int heads, int ffn, int vocabulary) {
    return new Decoder(
        "deepseek2", layers, hidden, heads, 1, 0, ffn, vocabulary, 163_840, 1e-6, 10_000);
  }

  /** The kind of this name. */
  static Optional<ModelKind> fromLabel(String label) {
    return Arrays.stream(values()).filter(kind -> kind.label.equals(label)).findFirst();
  }

  /** All names, for messages. */
  static String labels() {
    return Arrays.stream(values()).map(ModelKind::label).collect(Collectors.joining(", "));
  }

  /** Its name on the command line and in the file. */
  String label() {
    return label;
  }

  Decoder decoder() {
    return decoder;
  }

  Mla mla() {
    return mla;
  }

  Experts experts() {
    return experts;
  }

  boolean isMla() {
    return mla.kvLoraRank > 0;
  }

  /** DeepSeek V3 and R1: compressed queries, sigmoid gating in groups, a bias that selects. */
  boolean isV3() {
    return mla.qLoraRank > 0;
  }

  boolean isMoe() {
    return experts.nRoutedExperts > 0;
  }
}
