package io.moineau.model;

import io.moineau.tensor.TensorView;

/**
 * A layer that predicts the token after next (multi-token prediction: DeepSeek-V3, arXiv
 * 2412.19437, section 2.2): it reads the embedding of the next token beside the state that the main
 * model had before it, and shares embedding and output matrix with it unless the file has others.
 *
 * @param index block in the file, and layer of the keys and values
 * @param embedding {@code [vocabSize, hiddenSize]}
 * @param embeddingNorm {@code enorm [hiddenSize]}
 * @param stateNorm {@code hnorm [hiddenSize]}
 * @param projection {@code eh_proj [hiddenSize, 2 * hiddenSize]}; the embedding comes first
 * @param outputNorm {@code shared_head_norm [hiddenSize]}
 * @param output {@code [vocabSize, hiddenSize]}
 */
record NextnLayer(
    int index,
    TensorView embedding,
    float[] embeddingNorm,
    float[] stateNorm,
    TensorView projection,
    Layer layer,
    float[] outputNorm,
    TensorView output) {

  /** Binds {@code blk.N.nextn.*} and the layer itself, with llama.cpp's names. */
  static NextnLayer bind(
      Architecture architecture,
      ModelConfig config,
      TensorBinder tensors,
      TensorView embedding,
      float[] outputNorm,
      TensorView output) {
    int index = config.numHiddenLayers();
    int hidden = config.hiddenSize();
    int vocabulary = config.vocabSize();
    String prefix = "blk." + index + ".nextn.";
    return new NextnLayer(
        index,
        tensors.findMatrix(prefix + "embed_tokens.weight", vocabulary, hidden).orElse(embedding),
        tensors.vector(prefix + "enorm.weight", hidden),
        tensors.vector(prefix + "hnorm.weight", hidden),
        tensors.matrix(prefix + "eh_proj.weight", hidden, 2L * hidden),
        architecture.nextnLayer(config, tensors, index),
        tensors.findVector(prefix + "shared_head_norm.weight", hidden).orElse(outputNorm),
        tensors.findMatrix(prefix + "shared_head_head.weight", vocabulary, hidden).orElse(output));
  }
}
