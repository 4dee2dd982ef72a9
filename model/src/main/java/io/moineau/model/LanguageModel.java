package io.moineau.model;

import io.moineau.format.GgufFile;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A decoder, loaded and ready to run: immutable, shared by all sequences. Weights stay in the
 * file's mapping, which must stay open as long as the model.
 */
public final class LanguageModel implements AutoCloseable {
  private final ModelConfig config;
  private final Kernels kernels;
  private final Arena arena;
  private final TensorView tokenEmbd; // [vocabSize, hiddenSize]
  private final float[] outputNorm; // [hiddenSize]
  private final TensorView output; // [vocabSize, hiddenSize]
  private final RopeTable rope;
  private final List<Layer> layers;
  private final Adapters adapters;
  private final @Nullable NextnLayer nextn;

  private LanguageModel(
      GgufFile file,
      Kernels kernels,
      Arena arena,
      List<LoraAdapter> loraAdapters,
      boolean withNextn) {
    adapters = new Adapters(loraAdapters);
    this.kernels = kernels;
    this.arena = arena;
    Architecture architecture = Architectures.of(file);
    this.config = Architectures.config(file);
    TensorBinder tensors = new TensorBinder(file, kernels, arena, adapters);
    int hidden = config.hiddenSize();
    tokenEmbd = tensors.matrix("token_embd.weight", config.vocabSize(), hidden);
    outputNorm = tensors.vector("output_norm.weight", hidden);
    output = tensors.findMatrix("output.weight", config.vocabSize(), hidden).orElse(tokenEmbd);
    adapters.bind(tokenEmbd, output == tokenEmbd ? turnedChanges(tensors) : List.of());
    int half = config.rope().dim() / 2;
    Optional<float[]> factors = tensors.findVector("rope_freqs.weight", half);
    rope = new RopeTable(config.rope(), factors.orElse(new float[0]));
    layers = architecture.layers(config, tensors);
    nextn =
        withNextn
            ? NextnLayer.bind(architecture, config, tensors, tokenEmbd, outputNorm, output)
            : null;
    adapters.checkAllBound();
  }

  /**
   * What is added to the output matrix where it is the embedding, whose two matrices stand the
   * other way round.
   */
  private List<LowRank> turnedChanges(TensorBinder tensors) {
    return adapters.named(LoraAdapter.EMBEDDING).stream()
        .map(change ->
            new LowRank(
                tensors.transposed(change.b(), 0, config.hiddenSize()), change.a(), change.scale()))
        .toList();
  }

  /**
   * Binds and checks every tensor.
   *
   * @throws ModelException if the architecture is unknown, or a hyper-parameter or tensor is
   *     missing or impossible
   */
  public static LanguageModel load(GgufFile file, Kernels kernels) {
    return load(file, kernels, List.of());
  }

  /**
   * The same with adapters, which must stay open as long as the model.
   *
   * @throws ModelException {@code lora-not-used} if an adapter changes a tensor that takes part in
   *     no product
   */
  public static LanguageModel load(GgufFile file, Kernels kernels, List<LoraAdapter> loraAdapters) {
    return load(file, kernels, loraAdapters, false);
  }

  /**
   * The same, with the layer for the token after next if {@code nextn} is set, which needs {@link
   * Architectures#hasNextn}: then {@link #draft} may follow {@link #forward}.
   */
  public static LanguageModel load(
      GgufFile file, Kernels kernels, List<LoraAdapter> loraAdapters, boolean nextn) {
    Arena arena = Arena.ofShared();
    try {
      return new LanguageModel(file, kernels, arena, loraAdapters, nextn);
    } catch (ArithmeticException e) {
      arena.close();
      throw Architectures.tooLarge(file);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** The arithmetic that computes it. */
  public Kernels kernels() {
    return kernels;
  }

  /** The hyper-parameters. */
  public ModelConfig config() {
    return config;
  }

  /** Numbers of the layers that have experts, ascending; without that for the token after next. */
  public int[] moeLayers() {
    return IntStream.range(0, layers.size())
        .filter(i -> layers.get(i).ffn() instanceof MoeFfn)
        .toArray();
  }

  /** A KV cache of this model's shape. */
  public PagedKv newKv(DType type, int blockTokens, int numBlocks) {
    return new PagedKv(
        type,
        config.numHiddenLayers() + (nextn == null ? 0 : 1),
        config.kvKeyColumns(),
        config.kvValueColumns(),
        blockTokens,
        numBlocks);
  }

  /** Scratch memory for batches of at most {@code maxTokens} tokens. */
  public Workspace newWorkspace(int maxTokens) {
    return new Workspace(config, maxTokens);
  }

  /**
   * {@link #forward(Batch, PagedKv, Workspace, ExpertListener, ActivationListener)}, unobserved.
   */
  public FloatMatrix forward(Batch batch, PagedKv kv, Workspace workspace) {
    return forward(batch, kv, workspace, null, null);
  }

  /**
   * Runs a batch and keeps its keys and values.
   *
   * @return logits {@code [numOutputs, vocabSize]} of the tokens that want them, in their order;
   *     valid until the workspace is used again, as is {@link Workspace#copyFinalHidden}
   * @throws ModelException {@code model-bad-token} if a token is not in the vocabulary
   */
  public FloatMatrix forward(
      Batch batch,
      PagedKv kv,
      Workspace workspace,
      @Nullable ExpertListener experts,
      @Nullable ActivationListener activations) {
    check(batch, workspace);
    Pass pass = new Pass(kernels, batch, kv, workspace, experts, activations, adapters);
    kernels.asAlone(batch.alone);
    try {
      return forward(pass);
    } finally {
      kernels.asAlone(false);
    }
  }

  private FloatMatrix forward(Pass pass) {
    Batch batch = pass.batch();
    Workspace workspace = pass.workspace();
    int n = batch.size;
    FloatMatrix hidden = workspace.hidden;
    kernels.parallel(n, t -> kernels.dequantizeRow(tokenEmbd, batch.tokens[t], hidden, t));
    adapters.embed(pass, tokenEmbd, hidden);
    rope.fill(batch.positions, n, workspace.cos, workspace.sin);
    for (int i = 0; i < layers.size(); i++) {
      forward(pass, layers.get(i), i, hidden);
    }
    if (nextn != null) {
      FloatMatrix states = workspace.states(n, config.hiddenSize());
      kernels.rmsNorm(hidden, n, config.hiddenSize(), 1, outputNorm, config.rmsNormEps(), states);
    }
    return logits(pass, hidden, outputNorm, output);
  }

  /** Whether it has a layer for the token after next. */
  public boolean drafts() {
    return nextn != null;
  }

  /**
   * Runs the layer for the token after next over tokens that come right after those of the last
   * {@link #forward} with this workspace, and keeps its keys and values at their positions.
   *
   * @param before for each token the row of that pass which stood before it in its sequence, or -1
   *     if that was computed earlier or there is none
   * @return logits of what comes after the tokens that want them; valid until the workspace is used
   *     again
   */
  public FloatMatrix draft(Batch batch, int[] before, PagedKv kv, Workspace workspace) {
    NextnLayer own = nextn;
    if (own == null) {
      throw new IllegalStateException("loaded without a layer for the token after next");
    }
    check(batch, workspace);
    int n = batch.size;
    int width = config.hiddenSize();
    float eps = config.rmsNormEps();
    Pass pass = new Pass(kernels, batch, kv, workspace, null, null, adapters);
    FloatMatrix joined = workspace.joined(n, width);
    FloatMatrix part = workspace.branch;
    kernels.parallel(n, t -> kernels.dequantizeRow(own.embedding(), batch.tokens[t], part, t));
    adapters.embed(pass, own.embedding(), part);
    kernels.rmsNorm(part, n, width, 1, own.embeddingNorm(), eps, workspace.normed);
    for (int t = 0; t < n; t++) {
      copyRow(workspace.normed, t, joined, t, 0);
    }
    FloatMatrix states = workspace.states(0, width);
    for (int t = 0; t < n; t++) {
      if (before[t] < 0) {
        part.data().asSlice(part.offset(t, 0), 4L * width).fill((byte) 0);
      } else {
        MemorySegment.copy(
            states.data(), 4L * width * before[t], part.data(), part.offset(t, 0), 4L * width);
      }
    }
    kernels.rmsNorm(part, n, width, 1, own.stateNorm(), eps, workspace.normed);
    for (int t = 0; t < n; t++) {
      copyRow(workspace.normed, t, joined, t, width);
    }
    FloatMatrix hidden = workspace.hidden;
    pass.matmul(own.projection(), joined, n, hidden);
    rope.fill(batch.positions, n, workspace.cos, workspace.sin);
    forward(pass, own.layer(), own.index(), hidden);
    return logits(pass, hidden, own.outputNorm(), own.output());
  }

  private void copyRow(FloatMatrix from, int row, FloatMatrix to, int toRow, int column) {
    MemorySegment.copy(
        from.data(),
        from.offset(row, 0),
        to.data(),
        to.offset(toRow, column),
        4L * config.hiddenSize());
  }

  private void forward(Pass pass, Layer layer, int index, FloatMatrix hidden) {
    Workspace scratch = pass.workspace();
    int n = pass.size();
    int width = config.hiddenSize();
    float eps = config.rmsNormEps();
    kernels.rmsNorm(hidden, n, width, 1, layer.attnNorm(), eps, scratch.normed);
    pass.seen("attn_norm", index, scratch.normed);
    layer.attention().forward(pass, index, scratch.normed, scratch.branch);
    kernels.add(hidden, scratch.branch, n, width);
    pass.seen("ffn_inp", index, hidden);
    kernels.rmsNorm(hidden, n, width, 1, layer.ffnNorm(), eps, scratch.normed);
    pass.seen("ffn_norm", index, scratch.normed);
    layer.ffn().forward(pass, index, scratch.normed, scratch.branch);
    kernels.add(hidden, scratch.branch, n, width);
    pass.seen("l_out", index, hidden);
  }

  /** The head runs over the tokens that want logits only; those wanted for themselves follow. */
  private FloatMatrix logits(Pass pass, FloatMatrix hidden, float[] norm, TensorView head) {
    Batch batch = pass.batch();
    Workspace scratch = pass.workspace();
    int width = config.hiddenSize();
    int count = gather(batch, batch.output, hidden, scratch.branch, 0);
    int states = gather(batch, batch.hidden, hidden, scratch.branch, count);
    FloatMatrix logits = scratch.logits(count);
    kernels.rmsNorm(scratch.branch, states, width, 1, norm, config.rmsNormEps(), scratch.normed);
    scratch.firstHidden = count;
    if (count > 0) {
      pass.matmul(head, scratch.normed, count, logits);
    }
    return logits;
  }

  /** Copies the rows that are wanted to {@code at} and on; returns where they end. */
  private int gather(Batch batch, boolean[] wanted, FloatMatrix from, FloatMatrix to, int at) {
    for (int t = 0; t < batch.size; t++) {
      if (wanted[t]) {
        copyRow(from, t, to, at++, 0);
      }
    }
    return at;
  }

  private void check(Batch batch, Workspace workspace) {
    if (batch.size < 1 || batch.size > workspace.maxTokens()) {
      throw new ModelException(
          "model-bad-batch",
          "a batch is too large for its workspace, or empty",
          "tokens=" + batch.size,
          "1 to " + workspace.maxTokens(),
          "cut it into chunks");
    }
    for (int t = 0; t < batch.size; t++) {
      if (batch.tokens[t] < 0 || batch.tokens[t] >= config.vocabSize()) {
        throw new ModelException(
            "model-bad-token",
            "a token is not in the model's vocabulary",
            "token " + batch.tokens[t] + " at position " + batch.positions[t],
            "0 to " + (config.vocabSize() - 1),
            "use the tokenizer of this model");
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
