package io.moineau.model;

import io.moineau.tensor.DType;
import java.util.Optional;

/**
 * The hyper-parameters of a model, under the words of Hugging Face's {@code config.json}.
 *
 * @param architecture {@code general.architecture} of the file
 * @param vocabSize logits per position
 * @param contextLength positions that the model was trained for
 * @param hiddenSize width of the residual stream
 * @param numHiddenLayers layers that run (layers for multi-token prediction not counted)
 * @param intermediateSize width of a dense feed-forward layer; 0 if there is none
 * @param numAttentionHeads query heads
 * @param numKeyValueHeads key and value heads
 * @param headDim elements of a query or key per head
 * @param valueHeadDim elements of a value per head
 * @param rmsNormEps epsilon of every norm
 * @param attentionScale factor on the products of query and key
 * @param slidingWindow positions that layers with a window see; 0 for none
 * @param rope rotary embedding
 * @param moe routed experts; empty for a dense model
 * @param mla multi-head latent attention; empty for grouped-query attention
 */
public record ModelConfig(
    String architecture,
    int vocabSize,
    int contextLength,
    int hiddenSize,
    int numHiddenLayers,
    int intermediateSize,
    int numAttentionHeads,
    int numKeyValueHeads,
    int headDim,
    int valueHeadDim,
    float rmsNormEps,
    float attentionScale,
    int slidingWindow,
    RopeConfig rope,
    Optional<MoeConfig> moe,
    Optional<MlaConfig> mla) {

  /**
   * Routed experts.
   *
   * @param nRoutedExperts experts of a layer
   * @param numExpertsPerTok experts that a token uses
   * @param moeIntermediateSize width of an expert
   * @param sharedIntermediateSize width of the shared experts together; 0 for none
   * @param firstKDenseReplace layers at the start that are dense
   * @param moeLayerFreq every so many layers has experts, from the start
   * @param scoring how logits of the router become weights
   * @param normTopkProb whether the chosen weights are made to sum to 1
   * @param routedScalingFactor factor on the weights
   * @param nGroup groups of experts; 1 for none
   * @param topkGroup groups that a token may choose from
   */
  public record MoeConfig(
      int nRoutedExperts,
      int numExpertsPerTok,
      int moeIntermediateSize,
      int sharedIntermediateSize,
      int firstKDenseReplace,
      int moeLayerFreq,
      Scoring scoring,
      boolean normTopkProb,
      float routedScalingFactor,
      int nGroup,
      int topkGroup) {

    /** Whether a layer has experts. */
    public boolean isMoeLayer(int layer) {
      return layer >= firstKDenseReplace && (layer + 1) % moeLayerFreq == 0;
    }
  }

  /** How the router's logits become probabilities; numbers are llama.cpp's. */
  public enum Scoring {
    /** Softmax over all experts. */
    SOFTMAX,
    /** Sigmoid of each. */
    SIGMOID,
    /** Softmax over the chosen experts only. */
    SOFTMAX_CHOSEN
  }

  /**
   * Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1).
   *
   * @param qLoraRank width of the compressed query; 0 where queries are not compressed
   * @param kvLoraRank width of the compressed keys and values
   * @param qkNopeHeadDim elements of a head without rotary embedding
   * @param qkRopeHeadDim elements of a head with it
   * @param vHeadDim elements of a value
   */
  public record MlaConfig(
      int qLoraRank, int kvLoraRank, int qkNopeHeadDim, int qkRopeHeadDim, int vHeadDim) {}

  /** Elements that the KV cache keeps as key per token and layer. */
  public int kvKeyColumns() {
    return mla.map(m -> m.kvLoraRank() + m.qkRopeHeadDim()).orElse(numKeyValueHeads * headDim);
  }

  /** Elements kept as value; 0 where the value is the beginning of the key. */
  public int kvValueColumns() {
    return mla.isPresent() ? 0 : numKeyValueHeads * valueHeadDim;
  }

  /** Bytes of KV cache per token over all layers. */
  public long kvBytesPerToken(DType type) {
    return io.moineau.kernels.PagedKv.bytesPerToken(
        type, numHiddenLayers, kvKeyColumns(), kvValueColumns());
  }

  /** Bytes of KV cache per token of one layer. */
  public long kvBytesPerLayer(DType type) {
    return io.moineau.kernels.PagedKv.bytesPerToken(type, 1, kvKeyColumns(), kvValueColumns());
  }

  /** The same with these experts. */
  public ModelConfig withMoe(MoeConfig newMoe) {
    return new ModelConfig(
        architecture,
        vocabSize,
        contextLength,
        hiddenSize,
        numHiddenLayers,
        intermediateSize,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        valueHeadDim,
        rmsNormEps,
        attentionScale,
        slidingWindow,
        rope,
        Optional.of(newMoe),
        mla);
  }

  /** The same with a window. */
  public ModelConfig withSlidingWindow(int window) {
    return new ModelConfig(
        architecture,
        vocabSize,
        contextLength,
        hiddenSize,
        numHiddenLayers,
        intermediateSize,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        valueHeadDim,
        rmsNormEps,
        attentionScale,
        window,
        rope,
        moe,
        mla);
  }

  /** The same with another factor on the products of query and key. */
  public ModelConfig withAttentionScale(float scale) {
    return new ModelConfig(
        architecture,
        vocabSize,
        contextLength,
        hiddenSize,
        numHiddenLayers,
        intermediateSize,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        valueHeadDim,
        rmsNormEps,
        scale,
        slidingWindow,
        rope,
        moe,
        mla);
  }

  /**
   * The same with latent attention; the head sizes become those of a head that is not compressed.
   */
  public ModelConfig withMla(MlaConfig newMla, RopeConfig newRope) {
    return new ModelConfig(
        architecture,
        vocabSize,
        contextLength,
        hiddenSize,
        numHiddenLayers,
        intermediateSize,
        numAttentionHeads,
        1,
        newMla.qkNopeHeadDim() + newMla.qkRopeHeadDim(),
        newMla.vHeadDim(),
        rmsNormEps,
        attentionScale,
        slidingWindow,
        newRope,
        moe,
        Optional.of(newMla));
  }
}
