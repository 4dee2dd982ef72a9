package io.moineau.plan.capacity;

import io.moineau.plan.capacity.AttentionShape.GroupedQuery;
import io.moineau.plan.capacity.AttentionShape.Latent;
import io.moineau.plan.chips.Kind;
import io.moineau.plan.chips.Precision;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one chip has of a model: sizes of its parts, and the rates that it works at. Weights are
 * counted in parameters of one layer, on one chip.
 */
final class Shard {
  private static final double ACTIVATION_BYTES = 2; // bf16 between operators
  private static final double DISPATCH_BYTES = 1; // tokens go to experts in 8 bits
  private static final int MATRICES = 3;
  private static final double INNER_BYTES = 7; // gate and up written, read, their product quantised
  private static final double COPY_BYTES = 8; // of a token for an expert: sorted, read, summed
  private static final double LENIENCE = 1.05;
  private static final double WIDE = 1.5; // bytes of a parameter
  private static final double VECTOR_8_BITS = 4;
  private static final Pattern BLOCKS = Pattern.compile("(i?q|tq)\\d.*");

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
  final double restRate; // of products outside the routed experts
  final double expertRate; // of those of routed experts
  final double attentionRate; // of a unit's peak; phases reach different shares of it
  final double memoryRate;
  final double restMemoryRate;
  final double maturity; // 1, or less where software for experts is young
  final double launches; // operators of a layer with the most
  final double linkRate;
  final double networkRate;
  final int domain;
  private final ModelShape model;

  Shard(Question question, Parallel parallel, Factors factors) {
    this(question, parallel, factors, null, factors);
  }

  /**
   * A shard whose routed experts are on the question's device, and everything else on another that
   * stands beside it.
   *
   * @param beside null for none
   * @param besideFactors of its family
   */
  Shard(
      Question question,
      Parallel parallel,
      Factors factors,
      @Nullable Device beside,
      Factors besideFactors) {
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
    double speed = speed(model, factors);
    int sockets = parallel.tensor();
    expertRate =
        factors.gemmRate(peak(device, question.weights(), weightBytes))
            * (experts == null ? 1 : factors.expertGemm)
            * speed
            / numa(device, sockets, factors);
    memoryRate = memoryRate(device, sockets, factors, speed);
    Device rest = beside == null ? device : beside;
    double whole = beside == null ? 1 : parallel.tensor(); // it is one, and does all of the rest
    double restSpeed = beside == null ? speed : speed(model, besideFactors);
    restRate =
        besideFactors.gemmRate(peak(rest, question.weights(), restBytes))
            * restSpeed
            / numa(rest, sockets, besideFactors)
            / whole;
    restMemoryRate = memoryRate(rest, sockets, besideFactors, restSpeed) / whole;
    Precision attention = keptBytes <= 1 ? Precision.FP8 : Precision.BF16;
    attentionRate =
        besideFactors.unit(rest.peak(attention))
            * rest.attentionGain()
            * restSpeed
            / numa(rest, sockets, besideFactors)
            / whole;
    maturity = experts == null ? 1 : factors.young;
    launches = launches(model);
    linkRate = device.linkBytesPerSecond() * factors.link;
    networkRate = device.networkBytesPerSecond() * factors.network;
    domain = device.linkBytesPerSecond() > 0 ? device.domain() : 1;
  }

  private static double speed(ModelShape model, Factors factors) {
    return factors.speed * (model.experts().isPresent() ? factors.expertSpeed : 1);
  }

  /** What reaches other domains of a host's memory, or comes from there, is slower. */
  private static double numa(Device device, int sockets, Factors factors) {
    return device.kind() == Kind.CPU
        ? 1 + factors.numaLoss * (device.numaDomains() * sockets - 1)
        : 1;
  }

  /** A family's slow software leaves arithmetic idle more than memory. */
  private static double memoryRate(Device device, int sockets, Factors factors, double speed) {
    return device.memoryBytesPerSecond()
        * factors.memory
        * Math.min(1, speed * LENIENCE)
        / numa(device, sockets, factors);
  }

  /**
   * The peak for weights of a type. Parts that are kept wider than the type says compute in 8 or 16
   * bits. Blocks of GGUF files are computed by the vector unit of a CPU, which has four times the
   * rate in 8 bits that it has in fp32.
   */
  private static double peak(Device device, WeightType type, double bytes) {
    if (device.kind() == Kind.CPU && BLOCKS.matcher(type.name()).matches()) {
      Double vector = device.peaks().get(Precision.FP32);
      return vector == null ? device.peak(Precision.INT8) : VECTOR_8_BITS * vector;
    }
    if (bytes > type.bytesPerParameter()) {
      return device.peak(bytes > WIDE ? Precision.BF16 : Precision.FP8);
    }
    return device.peak(type.arithmetic());
  }

  /** Operators that PyTorch starts for a layer of most layers, as the published code has them. */
  private static double launches(ModelShape model) {
    double attention = model.attention() instanceof Latent ? 22 : 9;
    double feedForward =
        model.experts().map(experts -> experts.nSharedExperts() > 0 ? 16 : 9).orElse(5);
    return attention + feedForward;
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

  /**
   * Bytes that a token's activations move through memory in a stage, besides weights and what is
   * kept: residuals and norms, queries to outputs, the inner columns of feed-forward parts, and the
   * copies that go to experts.
   */
  double trafficBytes() {
    double tensor = parallel.tensor();
    double heads = promptOperations / 4; // columns of queries and of outputs here
    double attention = 10 * hidden * ACTIVATION_BYTES / tensor + 2 * heads * ACTIVATION_BYTES;
    double inner = INNER_BYTES / tensor;
    double each = model.experts().map(ExpertShape::moeIntermediateSize).orElse(0);
    double shared = model.experts().map(ExpertShape::nSharedExperts).orElse(0);
    double experts = each * (chosen + shared) * inner + chosen * hidden * COPY_BYTES / tensor;
    return layers * attention
        + denseLayers * model.intermediateSize() * inner
        + expertLayers * experts;
  }

  /** Bytes of a token's activations. */
  double tokenBytes() {
    return hidden * ACTIVATION_BYTES;
  }
}
