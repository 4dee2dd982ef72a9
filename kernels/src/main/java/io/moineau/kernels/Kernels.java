package io.moineau.kernels;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The arithmetic as a model sees it: operations over all tokens of a batch, checked and spread over
 * the thread team, done by the provider that was chosen at start.
 *
 * <p>Not for several callers at once: one forward pass owns it at a time.
 *
 * <p>Every operation raises {@code kernel-bad-shape} where matrices are too small for what is
 * asked, and products {@code kernel-unsupported-type} where a weight's type has no kernel.
 */
public final class Kernels implements AutoCloseable {
  /** Below so many floats an operation on rows is not worth a region of the team. */
  private static final int FLOATS_WORTH_SHARING = 16_384;

  private final KernelProvider provider;
  private final KernelChoice choice;
  private final Precision precision;
  private final ThreadTeam team;
  private final ProductRun products;
  private final AttentionRun attention;

  Kernels(KernelChoice choice, Precision precision, ThreadTeam team) {
    this.choice = choice;
    this.provider = choice.provider();
    this.precision = precision;
    this.team = team;
    this.products = new ProductRun(provider, team, precision);
    this.attention = new AttentionRun(provider, team);
  }

  /**
   * Chooses a provider and starts the team. Why a better provider was not chosen is told by {@link
   * #whyNotBetter}.
   *
   * @throws KernelException {@code kernel-unknown-provider} if the options name a provider that
   *     there is not, {@code kernel-provider-unavailable} if the one named cannot work here, {@code
   *     kernel-bad-threads} if the number of threads is impossible, {@code kernel-bad-pin} if
   *     {@code MOINEAU_PIN} is neither {@code on} nor {@code off}
   */
  public static Kernels open(KernelOptions options) {
    return open(options, line -> {});
  }

  /** The same; {@code warnings} is told each line of {@link #whyNotBetter} once. */
  public static Kernels open(KernelOptions options, Consumer<String> warnings) {
    int threads = options.threads() == 0 ? CpuFeatures.get().usableCores() : options.threads();
    ThreadTeam team = ThreadTeam.pinned(threads);
    try {
      KernelChoice choice = KernelChoice.choose(options.provider(), threads);
      choice.whyNotBetter().forEach(warnings);
      return new Kernels(choice, options.precision(), team);
    } catch (RuntimeException e) {
      team.close();
      throw e;
    }
  }

  /**
   * The providers that work on this machine, as {@link KernelOptions#provider} takes them, from the
   * simplest to the best; those of machine code once per level of instruction sets ({@code
   * x86:avx2}). {@code notHere} is told a line of each that does not, with the reason.
   */
  public static List<String> providersHere(Consumer<String> notHere) {
    return KernelChoice.here(notHere);
  }

  /** The provider's name: {@code scalar}, {@code vector} or {@code x86}. */
  public String providerName() {
    return provider.name();
  }

  /** The provider and what it uses, for people: {@code vector: Vector API, 512 bit}. */
  public String describe() {
    return provider.describe();
  }

  /** Why no better provider was chosen, a line each with what cures it; empty for the best. */
  public List<String> whyNotBetter() {
    return choice.whyNotBetter();
  }

  /** Threads at work, the calling one included. */
  public int threads() {
    return team.size();
  }

  /**
   * Computes from now on with each weight on the node where a plan has it at home.
   *
   * @param plan for the nodes of {@link #nodes}
   * @throws KernelException {@code kernel-bad-shape} if it is for another number of nodes
   */
  public void homes(NodePlan plan) {
    int nodes = team.affinity().nodeCount();
    Checks.that(
        plan.isTrivial() || plan.nodeCount() == nodes,
        "a plan is for another number of nodes",
        "nodes=" + plan.nodeCount(),
        "" + nodes);
    products.homes(plan);
  }

  /** Linux's numbers of the nodes of memory that the team's threads are pinned to; may be empty. */
  public List<Integer> nodes() {
    return team.affinity().nodes();
  }

  /** Whether and where the team's threads are pinned, and why, for people. */
  public String pinning() {
    return team.pinning();
  }

  /**
   * Runs {@code work}, which will do the forward passes, with the calling thread pinned as the
   * team's other threads are; afterwards it may run where it could before. Threads that are started
   * from it meanwhile inherit its cpu.
   */
  public void runPinned(Runnable work) {
    team.runPinned(work);
  }

  /**
   * Whether products and attention give each token, from now on, the very bits that it would get
   * alone, whatever is computed beside it. That costs speed: kernels for many tokens add floats in
   * another order, and are left aside. As all operations, for one thread at a time.
   */
  public void asAlone(boolean value) {
    products.asAlone(value);
    attention.asAlone(value);
  }

  /** How activations are held. */
  public Precision precision() {
    return precision;
  }

  /** Whether products with weights of this type can be computed. */
  public boolean supports(DType weight) {
    return provider.supports(weight);
  }

  /**
   * Writes row {@code row} of a tensor, as floats, to row {@code outRow} of {@code out}. May be
   * called from pieces of {@link #parallel}.
   */
  public void dequantizeRow(TensorView weight, long row, FloatMatrix out, int outRow) {
    if (!WeightTypes.supports(weight.type())) {
      throw WeightTypes.unsupported(weight);
    }
    int columns = (int) weight.columns();
    Checks.that(
        row >= 0 && row < weight.rows(), "no such row of a weight", "row=" + row, weight.name());
    Checks.that(
        outRow >= 0 && outRow < out.rows() && columns <= out.columns(),
        "a matrix is too small for a row of a weight",
        "outRow=" + outRow + " of " + out.rows() + " x " + out.columns(),
        columns + " columns");
    BlockCodecs.of(weight.type())
        .dequantize(
            weight.data(), row * weight.rowBytes(), out.data(), out.offset(outRow, 0), columns);
  }

  /** {@code out[t][r] = sum over c of weight[r][c] * x[t][c]} for tokens 0 to n-1. */
  public void matmul(TensorView weight, FloatMatrix x, int n, FloatMatrix out) {
    checkProduct(weight, x, n, out, weight.rows());
    products.begin(x, n, 1, 0, 0, (int) weight.columns());
    products.uses(weight.type());
    products.pack();
    products.listRows(n);
    products.add(weight, 0, (int) weight.rows(), 0, n, out, 0, 0);
    products.run();
  }

  /** Several products over the same {@code x}: it is rounded and packed once. */
  public void matmul(TensorView[] weights, FloatMatrix x, int n, FloatMatrix[] outs) {
    if (weights.length == 0) {
      return;
    }
    Checks.that(
        outs.length >= weights.length, "a product has no matrix for its result", "", "one each");
    long columns = weights[0].columns();
    products.begin(x, n, 1, 0, 0, (int) columns);
    for (int i = 0; i < weights.length; i++) {
      checkProduct(weights[i], x, n, outs[i], weights[i].rows());
      checkColumns(weights[i], columns);
      products.uses(weights[i].type());
    }
    products.pack();
    products.listRows(n);
    for (int i = 0; i < weights.length; i++) {
      products.add(weights[i], 0, (int) weights[i].rows(), 0, n, outs[i], 0, 0);
    }
    products.run();
  }

  /**
   * One product per expert over all tokens that chose it: {@code outs[j][i] = weights[j][e] x[row]}
   * for assignment i of expert e.
   *
   * @param weights tensors {@code [numExperts, rows, columns]} that share {@code x}; one alone may
   *     have rows for several results, which follow one another within each expert
   * @param gather true: assignment i reads row {@code groups.token(i)} of x (gate and up); false:
   *     it reads row i (down)
   */
  public void expertMatmul(
      TensorView[] weights,
      FloatMatrix x,
      ExpertGroups groups,
      boolean gather,
      FloatMatrix[] outs) {
    if (weights.length == 0 || groups.size() == 0) {
      return;
    }
    int n = groups.size();
    int packedRows = n;
    if (gather) {
      packedRows = 0;
      for (int i = 0; i < n; i++) {
        packedRows = Math.max(packedRows, groups.token(i) + 1);
      }
    }
    long columns = weights[0].columns();
    int parts = weights.length == 1 ? outs.length : 1;
    products.begin(x, packedRows, 1, 0, 0, (int) columns);
    for (int j = 0; j < weights.length; j++) {
      Checks.that(
          weights[j].shape().rank() == 3
              && weights[j].shape().dim(0) == groups.numExperts()
              && weights[j].shape().dim(1) % parts == 0,
          "a weight is no stack of one matrix per expert",
          weights[j].name() + " " + weights[j].shape(),
          "[" + groups.numExperts() + ", rows for " + parts + " results, columns]");
      for (int part = 0; part < parts; part++) {
        long rows = weights[j].shape().dim(1) / parts;
        checkProduct(weights[j], x, packedRows, outs[j + part], rows);
        Checks.matrix("out", outs[j + part], n, (int) rows);
      }
      checkColumns(weights[j], columns);
      products.uses(weights[j].type());
    }
    products.pack();
    products.listRows(n);
    for (int i = 0; gather && i < n; i++) {
      products.listRow(i, groups.token(i));
    }
    for (int e = 0; e < groups.numExperts(); e++) {
      for (int j = 0; j < weights.length; j++) {
        int rows = (int) weights[j].shape().dim(1) / parts;
        int from = groups.start(e);
        for (int part = 0; part < parts; part++) {
          int slice = e * parts + part;
          FloatMatrix out = outs[j + part];
          products.add(weights[j], slice, rows, from, groups.count(e), out, from, 0);
        }
      }
    }
    products.run();
  }

  /**
   * A product per attention head: {@code out[t][h * outStride + outOffset + r] = sum over c of
   * heads[h][r][c] * x[t][h * xStride + xOffset + c]} (MLA's absorbed products).
   */
  public void headMatmul(
      TensorView[] heads,
      FloatMatrix x,
      int xStride,
      int xOffset,
      int n,
      FloatMatrix out,
      int outStride,
      int outOffset) {
    if (heads.length == 0) {
      return;
    }
    int numHeads = heads.length;
    long columns = heads[0].columns();
    Checks.that(
        xStride >= 0 && xOffset >= 0 && outStride >= 0 && outOffset >= 0,
        "a stride or offset is negative",
        "xStride=" + xStride + " xOffset=" + xOffset + " outStride=" + outStride,
        "0 or more");
    products.begin(x, n, numHeads, xStride, xOffset, (int) columns);
    for (TensorView head : heads) {
      checkWeight(head);
      checkColumns(head, columns);
      products.uses(head.type());
    }
    Checks.matrix("x", x, n, (numHeads - 1L) * xStride + xOffset + columns);
    products.pack();
    products.listRows(n * numHeads);
    for (int h = 0; h < numHeads; h++) {
      for (int t = 0; t < n; t++) {
        products.listRow(h * n + t, t * numHeads + h);
      }
      int rows = (int) heads[h].rows();
      Checks.matrix("out", out, n, (long) h * outStride + outOffset + rows);
      products.add(heads[h], 0, rows, h * n, n, out, 0, h * outStride + outOffset);
    }
    products.run();
  }

  /**
   * RMS norm of each of {@code groups} equal parts of a row on its own (1: the row; number of
   * heads: per head). {@code weight} has as many elements as a part, or as the whole row. {@code
   * out} may be {@code x}. Only the first {@code columns} elements of each row take part.
   */
  public void rmsNorm(
      FloatMatrix x, int n, int columns, int groups, float[] weight, float eps, FloatMatrix out) {
    Checks.matrix("x", x, n, columns);
    Checks.matrix("out", out, n, columns);
    Checks.that(
        groups > 0
            && columns % groups == 0
            && (weight.length == columns / groups || weight.length == columns),
        "a norm's parts and weight do not match its columns",
        "columns=" + columns + " groups=" + groups + " weight.length=" + weight.length,
        "weight of columns / groups or of columns elements");
    if (small(n, columns)) {
      for (int t = 0; t < n; t++) {
        provider.rmsNorm(x, t, columns, groups, weight, eps, out);
      }
    } else {
      team.run(n, (t, thread) -> provider.rmsNorm(x, t, columns, groups, weight, eps, out));
    }
  }

  /**
   * Rotary position embedding in place on {@code ropeDim} elements of each head, from {@code
   * offset} of the head on.
   *
   * @param cos {@code [n, ropeDim / 2]}, any factor on the magnitude included
   * @param sin the same
   * @param neox pairs are (i, i + ropeDim/2) if true, (2i, 2i + 1) if false
   */
  public void rope(
      FloatMatrix x,
      int n,
      int numHeads,
      int headStride,
      int offset,
      int ropeDim,
      FloatMatrix cos,
      FloatMatrix sin,
      boolean neox) {
    Checks.that(
        ropeDim >= 0 && ropeDim % 2 == 0 && offset >= 0 && headStride >= 0,
        "a rotary embedding cannot have these dimensions",
        "ropeDim=" + ropeDim + " offset=" + offset + " headStride=" + headStride,
        "an even ropeDim, nothing negative");
    Checks.matrix("x", x, n, (numHeads - 1L) * headStride + offset + ropeDim);
    Checks.matrix("cos", cos, n, ropeDim / 2);
    Checks.matrix("sin", sin, n, ropeDim / 2);
    if (small(n, numHeads * ropeDim)) {
      for (int t = 0; t < n; t++) {
        provider.rope(x, t, numHeads, headStride, offset, ropeDim, cos, sin, neox);
      }
    } else {
      team.run(
          n,
          (t, thread) ->
              provider.rope(x, t, numHeads, headStride, offset, ropeDim, cos, sin, neox));
    }
  }

  /**
   * Attention of {@code n} tokens over the paged keys and values, which must hold the tokens' own
   * already. Token t sees positions 0 to {@code positions[t]} of its sequence, or as many of the
   * last ones as the sliding window has.
   *
   * @param q {@code [n, numHeads * keyDim]}
   * @param sequences which row of {@code blockTables} is token t's
   * @param blockTables blocks of each sequence in order of position
   * @param out {@code [n, numHeads * valueDim]}
   * @throws KernelException {@code kernel-bad-kv-slot} if a position lies outside its sequence's
   *     blocks or a block that is seen does not exist
   */
  public void attention(
      AttentionShape shape,
      FloatMatrix q,
      int n,
      int[] positions,
      int[] sequences,
      int[][] blockTables,
      PagedKv kv,
      int layer,
      FloatMatrix out) {
    Checks.matrix("q", q, n, (long) shape.numHeads() * shape.keyDim());
    Checks.matrix("out", out, n, (long) shape.numHeads() * shape.valueDim());
    Checks.attention(shape, n, positions, sequences, blockTables, kv, layer);
    if (n > 0) {
      attention.run(shape, q, n, positions, sequences, blockTables, kv, layer, out);
    }
  }

  /** {@code gate[t][c] = silu(gate[t][c]) * up[t][c]} in place. */
  public void swiGlu(FloatMatrix gate, FloatMatrix up, int n, int columns) {
    Checks.matrix("gate", gate, n, columns);
    Checks.matrix("up", up, n, columns);
    if (small(n, columns)) {
      for (int t = 0; t < n; t++) {
        provider.swiGlu(gate, up, t, columns);
      }
    } else {
      team.run(n, (t, thread) -> provider.swiGlu(gate, up, t, columns));
    }
  }

  /**
   * gpt-oss's SwiGLU in place: with g = min(gate, limit) and u = clamp(up, -limit, limit), {@code
   * gate = (u + 1) * g * sigmoid(alpha * g)}.
   */
  public void clampedSwiGlu(
      FloatMatrix gate, FloatMatrix up, int n, int columns, float alpha, float limit) {
    Checks.matrix("gate", gate, n, columns);
    Checks.matrix("up", up, n, columns);
    if (small(n, columns)) {
      for (int t = 0; t < n; t++) {
        provider.clampedSwiGlu(gate, up, t, columns, alpha, limit);
      }
    } else {
      team.run(n, (t, thread) -> provider.clampedSwiGlu(gate, up, t, columns, alpha, limit));
    }
  }

  /** {@code x[t][c] += y[t][c]} in place. */
  public void add(FloatMatrix x, FloatMatrix y, int n, int columns) {
    Checks.matrix("x", x, n, columns);
    Checks.matrix("y", y, n, columns);
    if (small(n, columns)) {
      for (int t = 0; t < n; t++) {
        provider.addScaled(x, t, y, t, columns, 1);
      }
    } else {
      team.run(n, (t, thread) -> provider.addScaled(x, t, y, t, columns, 1));
    }
  }

  /** {@code x[row][c] += factor * y[yRow][c]}: the sum of experts by weight, one at a time. */
  public void addScaled(FloatMatrix x, int row, FloatMatrix y, int yRow, int columns, float f) {
    Checks.matrix("x", x, row + 1, columns);
    Checks.matrix("y", y, yRow + 1, columns);
    provider.addScaled(x, row, y, yRow, columns, f);
  }

  /** {@code x[t][c] += bias[c]} in place. */
  public void addBias(FloatMatrix x, int n, float[] bias) {
    Checks.matrix("x", x, n, bias.length);
    for (int t = 0; t < n; t++) {
      provider.addBias(x, t, bias);
    }
  }

  /**
   * Runs {@code task} for 0 to {@code count - 1}, spread over the team; returns when all are done.
   */
  public void parallel(int count, IntConsumer task) {
    team.run(count, (piece, thread) -> task.accept(piece));
  }

  private boolean small(int n, int columns) {
    return team.size() == 1 || (long) n * columns < FLOATS_WORTH_SHARING;
  }

  private void checkWeight(TensorView weight) {
    if (!provider.supports(weight.type())) {
      throw WeightTypes.unsupported(weight);
    }
    Checks.shared(weight.name(), weight.data());
    Checks.that(
        weight.columns() <= Integer.MAX_VALUE - 64 && weight.rows() <= Integer.MAX_VALUE - 64,
        "a weight is too large for one product",
        weight.name() + " " + weight.shape(),
        "rows and columns below 2^31 - 64");
  }

  private void checkProduct(TensorView weight, FloatMatrix x, int n, FloatMatrix out, long rows) {
    checkWeight(weight);
    Checks.matrix("x", x, n, weight.columns());
    Checks.matrix("out", out, 0, rows);
    Checks.that(n >= 0 && n <= x.rows(), "too many tokens", "n=" + n, "0 to " + x.rows());
  }

  private static void checkColumns(TensorView weight, long columns) {
    Checks.that(
        weight.columns() == columns,
        "weights of one call have different columns",
        weight.name() + " " + weight.shape(),
        "" + columns);
  }

  /** Ends the threads and frees scratch memory. */
  @Override
  public void close() {
    team.close();
    products.close();
    attention.close();
    provider.close();
  }
}
