package io.moineau.model;

import io.moineau.kernels.ExpertGroups;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Scratch memory of a forward pass over at most {@link #maxTokens()} tokens: allocated once, used
 * by one pass at a time.
 */
public final class Workspace implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final int maxTokens;
  private final int vocabSize;
  final FloatMatrix hidden; // [maxTokens, hiddenSize]: the residual stream
  final FloatMatrix normed; // [maxTokens, hiddenSize]
  final FloatMatrix branch; // [maxTokens, hiddenSize]: what a block adds
  final FloatMatrix shared; // [maxTokens, hiddenSize]: what shared experts add
  final FloatMatrix cos; // [maxTokens, rope dim / 2]
  final FloatMatrix sin;
  final FloatMatrix query; // [maxTokens, numHeads * headDim]
  final FloatMatrix key; // [maxTokens, kvKeyColumns]
  final FloatMatrix value; // [maxTokens, kvValueColumns]
  final FloatMatrix queryLora; // [maxTokens, qLoraRank]
  final FloatMatrix queryAbsorbed; // [maxTokens, numHeads * (kvLoraRank + qkRopeHeadDim)]
  final FloatMatrix attended; // [maxTokens, numHeads * value width in the cache]
  final FloatMatrix attendedValue; // [maxTokens, numHeads * vHeadDim]
  final FloatMatrix gate; // [maxTokens, widest dense or shared feed-forward]
  final FloatMatrix up;
  final FloatMatrix routerLogits; // [maxTokens, nRoutedExperts]
  final FloatMatrix expertGate; // [maxTokens * numExpertsPerTok, moeIntermediateSize]
  final FloatMatrix expertUp;
  final FloatMatrix expertDown; // [maxTokens * numExpertsPerTok, hiddenSize]
  final int[] experts; // [maxTokens, numExpertsPerTok]
  final float[] expertWeights; // [maxTokens, numExpertsPerTok]
  final int[] assignmentOf; // [maxTokens, numExpertsPerTok]: row in the sorted order
  final ExpertGroups groups;
  final MemoryTraffic traffic = new MemoryTraffic();
  int firstHidden; // row of normed where the final hidden states that are wanted begin
  private final Room logits = new Room();
  private final Room narrow = new Room();
  private final Room addition = new Room();
  private final Room states = new Room();
  private final Room joined = new Room();

  Workspace(ModelConfig config, int maxTokens) {
    this.maxTokens = maxTokens;
    this.vocabSize = config.vocabSize();
    int heads = config.numAttentionHeads();
    int lora = config.mla().map(ModelConfig.MlaConfig::kvLoraRank).orElse(0);
    int valueDim = config.valueHeadDim();
    int shared = config.moe().map(ModelConfig.MoeConfig::sharedIntermediateSize).orElse(0);
    int routed = config.moe().map(ModelConfig.MoeConfig::nRoutedExperts).orElse(0);
    int perToken = config.moe().map(ModelConfig.MoeConfig::numExpertsPerTok).orElse(0);
    int expertWidth = config.moe().map(ModelConfig.MoeConfig::moeIntermediateSize).orElse(0);
    int wide = Math.max(config.intermediateSize(), shared);
    int assigned = Math.multiplyExact(maxTokens, perToken);
    hidden = matrix(maxTokens, config.hiddenSize());
    normed = matrix(maxTokens, config.hiddenSize());
    branch = matrix(maxTokens, config.hiddenSize());
    this.shared = matrix(shared > 0 ? maxTokens : 0, config.hiddenSize());
    cos = matrix(maxTokens, config.rope().dim() / 2);
    sin = matrix(maxTokens, config.rope().dim() / 2);
    query = matrix(maxTokens, heads * config.headDim());
    key = matrix(maxTokens, config.kvKeyColumns());
    value = matrix(maxTokens, config.kvValueColumns());
    queryLora = matrix(maxTokens, config.mla().map(ModelConfig.MlaConfig::qLoraRank).orElse(0));
    queryAbsorbed =
        matrix(
            maxTokens,
            config.mla().map(m -> heads * (m.kvLoraRank() + m.qkRopeHeadDim())).orElse(0));
    attended = matrix(maxTokens, heads * Math.max(valueDim, lora));
    attendedValue = matrix(lora > 0 ? maxTokens : 0, heads * valueDim);
    gate = matrix(maxTokens, wide);
    up = matrix(maxTokens, wide);
    routerLogits = matrix(maxTokens, routed);
    expertGate = matrix(assigned, expertWidth);
    expertUp = matrix(assigned, expertWidth);
    expertDown = matrix(assigned, config.hiddenSize());
    experts = new int[assigned];
    expertWeights = new float[assigned];
    assignmentOf = new int[assigned];
    groups = new ExpertGroups(routed);
  }

  /**
   * Bytes of native memory for {@code maxTokens} tokens with logits for {@code outputs} of them.
   */
  public static long bytes(ModelConfig config, int maxTokens, int outputs) {
    long heads = config.numAttentionHeads();
    long lora = config.mla().map(ModelConfig.MlaConfig::kvLoraRank).orElse(0);
    long shared = config.moe().map(ModelConfig.MoeConfig::sharedIntermediateSize).orElse(0);
    long perToken = 4L * config.hiddenSize() + config.rope().dim();
    perToken += heads * config.headDim() + config.kvKeyColumns() + config.kvValueColumns();
    perToken +=
        heads * (Math.max(config.valueHeadDim(), lora) + (lora > 0 ? config.valueHeadDim() : 0));
    perToken +=
        config
            .mla()
            .map(m -> m.qLoraRank() + heads * (m.kvLoraRank() + m.qkRopeHeadDim()))
            .orElse(0L);
    perToken += 2 * Math.max(config.intermediateSize(), shared);
    perToken +=
        config
            .moe()
            .map(m ->
                m.nRoutedExperts()
                    + (long) m.numExpertsPerTok()
                        * (2L * m.moeIntermediateSize() + config.hiddenSize() + 3))
            .orElse(0L);
    return 4 * (perToken * maxTokens + (long) outputs * config.vocabSize());
  }

  private FloatMatrix matrix(int rows, int columns) {
    return FloatMatrix.allocate(arena, rows, columns);
  }

  /** What passes read from memory. */
  public MemoryTraffic traffic() {
    return traffic;
  }

  /** Tokens that a batch may have. */
  public int maxTokens() {
    return maxTokens;
  }

  /**
   * Copies a final hidden state of the last pass, normed as the head sees it.
   *
   * @param index counts the tokens with {@link Batch#hidden} set, from 0
   * @param target {@code [hiddenSize]}
   */
  public void copyFinalHidden(int index, float[] target) {
    MemorySegment.copy(
        normed.data(),
        ValueLayout.JAVA_FLOAT,
        normed.offset(firstHidden + index, 0),
        target,
        0,
        normed.columns());
  }

  /** Room for what adapters make of the inputs of a product: {@code [n, rank]}. */
  FloatMatrix narrow(int n, int rank) {
    return narrow.of(n, rank);
  }

  /** Room for what they add to its result. */
  FloatMatrix addition(int n, int columns) {
    return addition.of(n, columns);
  }

  /** Room for the states that a layer for the token after next reads: {@code [n, hiddenSize]}. */
  FloatMatrix states(int n, int hiddenSize) {
    return states.of(n, hiddenSize);
  }

  /** Room for embeddings and states side by side: {@code [n, 2 * hiddenSize]}. */
  FloatMatrix joined(int n, int hiddenSize) {
    return joined.of(n, 2 * hiddenSize);
  }

  /** Bytes that such a layer needs beside {@link #bytes}. */
  public static long nextnBytes(ModelConfig config, int maxTokens) {
    return 4L * 3 * config.hiddenSize() * maxTokens;
  }

  /** Room for the logits of so many tokens; grows when more are wanted than ever before. */
  FloatMatrix logits(int outputs) {
    return logits.of(Math.max(1, outputs), vocabSize);
  }

  /** A matrix that grows; what was in it is lost then. */
  private static final class Room implements AutoCloseable {
    private Arena arena = Arena.ofShared();
    private FloatMatrix matrix = FloatMatrix.allocate(arena, 0, 0);

    FloatMatrix of(int rows, int columns) {
      if ((long) rows * columns > (long) matrix.rows() * matrix.columns()) {
        arena.close();
        arena = Arena.ofShared();
        matrix = FloatMatrix.allocate(arena, rows, columns);
      }
      return matrix.reshape(rows, columns);
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  @Override
  public void close() {
    arena.close();
    logits.close();
    narrow.close();
    addition.close();
    states.close();
    joined.close();
  }
}
