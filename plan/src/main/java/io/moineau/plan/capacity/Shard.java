package io.moineau.plan.capacity;

import io.moineau.plan.capacity.AttentionShape.GroupedQuery;
import io.moineau.plan.capacity.AttentionShape.Latent;
import io.moineau.plan.chips.Kind;
import io.moineau.plan.chips.Precision;

/**
 * What one chip has of a model: sizes of its parts, and the rates that it works at. Weights are
 * counted in parameters of one layer, on one chip.
 */
final class Shard {
  private static final double ACTIVATION_BYTES = 2; // bf16 between operators
  private static final double DISPATCH_BYTES = 1; // tokens go to experts in 8 bits
  private static final int MATRICES = 3;

  final Parallel parallel;
  final double hidden;
  final double layers; // of a stage
  final double expertLayers;
  final double denseLayers;
  final double projections;
  final double shared;
  final double dense;
  final double expert; // one routed expert, whole
  final double routed;
  final double chosen;
  final double expertRanks; // chips that hold a stage's routed experts once
  final double logits;
  final double kept; // numbers for a token in a layer
  final double promptOperations; // for a position in a layer
  final double decodeOperations;
  final double weightBytes; // of a parameter of routed experts
  final double restBytes; // of any other
  final double keptBytes; // of a number that is kept
  final double gemmRate;
  final double attentionRate;
  final double memoryRate;
  final double linkRate;
  final double networkRate;
  final int domain;
  private final ModelShape model;

  Shard(Question question, Parallel parallel, Factors factors) {
    this.parallel = parallel;
    model = question.model();
    Device device = question.device();
    double tensor = parallel.tensor();
    hidden = model.hiddenSize();
    layers = Math.ceil((double) model.numHiddenLayers() / parallel.pipeline());
    double part = layers / model.numHiddenLayers();
    expertLayers = model.expertLayers() * part;
    denseLayers = model.denseLayers() * part;
    ExpertShape experts = model.experts().orElse(null);
    expert = model.expertParameters();
    routed = experts == null ? 0 : experts.nRoutedExperts();
    chosen = experts == null ? 0 : experts.numExpertsPerTok();
    expertRanks = parallel.expertChips();
    double common = experts == null ? 0 : experts.nSharedExperts() * expert;
    shared = common / tensor + routed * hidden; // every chip has the router
    dense = MATRICES * hidden * model.intermediateSize() / tensor;
    logits = model.outputParameters() / tensor;
    switch (model.attention()) {
      case Latent latent -> {
        double heads = Math.max(1, latent.numAttentionHeads() / tensor);
        projections = projections(latent, heads);
        kept = latent.keptPerToken(); // one for all heads: each chip has it
        promptOperations = latent.promptOperationsPerPosition() * share(latent, heads);
        decodeOperations = latent.decodeOperationsPerPosition() * share(latent, heads);
      }
      case GroupedQuery grouped -> {
        double heads = Math.max(1, grouped.numAttentionHeads() / tensor);
        double pairs = Math.max(1, grouped.numKeyValueHeads() / tensor); // cannot be cut further
        projections = hidden * grouped.headDim() * 2 * (heads + pairs);
        kept = 2 * pairs * grouped.headDim();
        promptOperations = grouped.promptOperationsPerPosition() * share(grouped, heads);
        decodeOperations = grouped.decodeOperationsPerPosition() * share(grouped, heads);
      }
    }
    weightBytes = question.weights().bytesPerParameter();
    restBytes = Question.rest(model, question.weights());
    keptBytes = question.kv().bytesPerParameter();
    gemmRate = factors.gemmRate(device.peak(question.weights().arithmetic()));
    attentionRate = factors.gemmRate(device.peak(Precision.BF16));
    memoryRate =
        device.memoryBytesPerSecond()
            * factors.memory
            * factors.speed
            / (device.kind() == Kind.CPU ? device.numaDomains() : 1);
    linkRate = device.linkBytesPerSecond() * factors.link;
    networkRate = device.networkBytesPerSecond() * factors.network;
    domain = device.linkBytesPerSecond() > 0 ? device.domain() : 1;
  }

  private static double share(AttentionShape attention, double heads) {
    return heads / attention.numAttentionHeads();
  }

  /** Queries and outputs are cut by heads; compressions lie on every chip. */
  private double projections(Latent latent, double heads) {
    double query = latent.qkNopeHeadDim() + latent.qkRopeHeadDim();
    double queries =
        latent.qLoraRank() == 0
            ? hidden * heads * query
            : hidden * latent.qLoraRank() + latent.qLoraRank() * heads * query;
    return queries
        + hidden * latent.keptPerToken()
        + heads * latent.kvLoraRank() * (latent.qkNopeHeadDim() + latent.vHeadDim())
        + heads * latent.vHeadDim() * hidden;
  }

  /** Bytes of weights on the chip that has most. */
  double weights() {
    double held = Math.max(1, routed / expertRanks); // with more chips than experts, copies
    double matrices = layers * projections + expertLayers * shared + denseLayers * dense;
    double ends = parallel.pipeline() == 1 && !model.tieWordEmbeddings() ? 2 : 1;
    double routedBytes = routed == 0 ? 0 : expertLayers * held * expert * weightBytes;
    return (matrices + ends * logits) * restBytes + routedBytes;
  }

  /** Bytes that the tokens of a sequence leave in the memory of a chip. */
  double kvBytes(double tokens) {
    return tokens * layers * kept * keptBytes;
  }

  /** Bytes of a step's activations on a chip. */
  double activations(double tokens, double sequences, Factors factors) {
    double rows = tokens * hidden * ACTIVATION_BYTES * factors.activationRows / parallel.tensor();
    return rows + tokens * hidden * ACTIVATION_BYTES + sequences * logits / hidden * 4; // of fp32
  }

  /**
   * Seconds of an all-reduce among the chips of a group, for tokens: each chip sends and receives
   * about twice their activations (ring).
   */
  double allReduceBytes(double tokens) {
    double tensor = parallel.tensor();
    return 2 * (tensor - 1) / tensor * tokens * hidden * ACTIVATION_BYTES;
  }

  /** Rate of what the chips of a tensor group send each other. */
  double tensorRate() {
    return parallel.tensor() <= domain ? linkRate : networkRate;
  }

  /** Bytes of a token's activations on its way to an expert and back. */
  double roundTripBytes() {
    return hidden * (DISPATCH_BYTES + ACTIVATION_BYTES);
  }

  /** Bytes of a token's activations. */
  double tokenBytes() {
    return hidden * ACTIVATION_BYTES;
  }
}
