package io.moineau.engine.peft;

import io.moineau.engine.EngineException;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.format.SafetensorsFile;
import io.moineau.format.TensorSink;
import io.moineau.model.Architectures;
import io.moineau.model.ModelConfig;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a PEFT adapter what llama.cpp's {@code convert_lora_to_gguf.py} would: tensors {@code
 * NAME.lora_a} and {@code NAME.lora_b} of F32.
 *
 * <p>Experts become slices of one tensor. Where GGUF holds the rows of a weight in another order,
 * or in two tensors, so it holds {@code lora_b}. A GGUF adapter has one alpha: a layer whose factor
 * differs has it multiplied into {@code lora_b}.
 */
final class PeftReader {
  private static final String PREFIX = "base_model.model.";

  /** The two matrices of a layer: {@code [rank, columns]} and {@code [rows, rank]}. */
  private record Pair(String module, @Nullable TensorView a, @Nullable TensorView b) {
    TensorView right() {
      return java.util.Objects.requireNonNull(a);
    }

    TensorView left() {
      return java.util.Objects.requireNonNull(b);
    }

    int rank() {
      return Math.toIntExact(left().columns());
    }
  }

  private final SafetensorsFile file;
  private final PeftConfig config;
  private final GgufFile model;
  private final ModelConfig shape;
  private final PeftNames names;
  private final Consumer<String> notes;
  private final GgufWriter writer = new GgufWriter();
  private double alpha;
  private int scaled;

  private PeftReader(
      SafetensorsFile file, PeftConfig config, GgufFile model, Consumer<String> notes) {
    this.file = file;
    this.config = config;
    this.model = model;
    this.notes = notes;
    shape = Architectures.config(model);
    names = PeftNames.of(shape.architecture());
  }

  /**
   * A writer of the adapter as GGUF, which reads the safetensors file when it writes.
   *
   * @param notes told what is done beyond copying
   * @throws EngineException {@code peft-...}
   */
  static GgufWriter convert(
      SafetensorsFile file, PeftConfig config, GgufFile model, Consumer<String> notes) {
    return new PeftReader(file, config, model, notes).convert();
  }

  private GgufWriter convert() {
    Map<String, Map<Integer, Pair>> weights = new LinkedHashMap<>();
    for (Pair pair : pairs().values()) {
      PeftNames.Weight weight =
          names.weight(pair.module()).orElseThrow(() -> unknown(pair.module()));
      weights.computeIfAbsent(weight.weight(), w -> new TreeMap<>()).put(weight.expert(), pair);
    }
    if (weights.isEmpty()) {
      throw bad("no tensors", "at least one pair of lora_A and lora_B");
    }
    // The alpha that most adapters have everywhere; only layers that differ are multiplied.
    Pair first = weights.values().iterator().next().values().iterator().next();
    alpha = (float) (config.scale(first.module(), first.rank()) * first.rank());
    writer.metadata("general.type", GgufValue.string("adapter"));
    writer.metadata("general.architecture", GgufValue.string(shape.architecture()));
    writer.metadata("general.name", GgufValue.string(String.valueOf(file.path().getFileName())));
    writer.metadata("adapter.type", GgufValue.string("lora"));
    writer.metadata("adapter.lora.alpha", GgufValue.float32((float) alpha));
    weights.forEach(this::add);
    if (scaled > 0) {
      notes.accept(
          scaled
              + " weights have a factor of their own (alpha_pattern, or ranks that differ): it was"
              + " multiplied into lora_b.");
    }
    return writer;
  }

  private Map<String, Pair> pairs() {
    Map<String, Pair> pairs = new LinkedHashMap<>();
    for (TensorView tensor : file.tensors().values()) {
      String name = tensor.name();
      int part = Math.max(name.indexOf(".lora_A"), name.indexOf(".lora_B"));
      int embedding =
          Math.max(name.indexOf(".lora_embedding_A"), name.indexOf(".lora_embedding_B"));
      int cut = Math.max(part, embedding);
      if (!name.startsWith(PREFIX) || cut < 0 || tensor.shape().rank() != 2) {
        throw bad(
            "tensor " + name + " " + tensor.shape(),
            "matrices base_model.model.LAYER.lora_A.weight and lora_B.weight");
      }
      String module = name.substring(PREFIX.length(), cut);
      boolean isA = name.startsWith("_A", cut + (embedding >= 0 ? 15 : 5));
      Pair old = pairs.getOrDefault(module, new Pair(module, null, null));
      pairs.put(
          module, isA ? new Pair(module, tensor, old.b()) : new Pair(module, old.a(), tensor));
    }
    for (Pair pair : pairs.values()) {
      check(pair);
    }
    return pairs;
  }

  private void check(Pair pair) {
    String module = pair.module();
    if (pair.a() == null || pair.b() == null) {
      throw bad(module + " has one matrix of two", "lora_A and lora_B");
    }
    if (pair.right().rows() != pair.rank()) {
      throw bad(
          module + ": lora_A " + pair.right().shape() + ", lora_B " + pair.left().shape(),
          "[rank, columns] and [rows, rank]");
    }
    if (config.rank(module) != pair.rank()) {
      throw bad(
          module + " has rank " + pair.rank(),
          "rank " + config.rank(module) + ", as " + PeftConfig.FILE + " says (r, rank_pattern)");
    }
    if (!config.isTarget(module)) {
      throw bad(module + " is there", "layers of target_modules: " + config.targets());
    }
  }

  private EngineException bad(String where, String allowed) {
    return new EngineException(
        "peft-bad-tensors",
        "an adapter's tensors are not as PEFT writes them",
        file.path() + ": " + where,
        allowed,
        "save the adapter again");
  }

  private EngineException unknown(String module) {
    return new EngineException(
        "peft-unknown-layer",
        "an adapter changes a layer for which the GGUF file has no weight of its own",
        module + " in " + file.path(),
        "layers of " + shape.architecture() + ": " + names.known(),
        "train the adapter on other layers, or merge it with PEFT");
  }

  private void add(String weight, Map<Integer, Pair> pairs) {
    Pair first = pairs.values().iterator().next();
    if (first.module().endsWith(PeftNames.KV_B) && model.find(weight).isEmpty()) {
      splitKvB(weight, first);
      return;
    }
    TensorView base =
        model
            .find(weight)
            .orElseThrow(() ->
                new EngineException(
                    "peft-unknown-weight",
                    "an adapter changes a layer that the model does not have",
                    first.module() + " in " + file.path(),
                    "weights of " + model.path() + ", which has no " + weight,
                    "use the adapter with the model that it was trained on"));
    if (weight.equals("token_embd.weight")) {
      embedding(weight, base, first);
      return;
    }
    boolean stacked = base.shape().rank() == 3;
    int experts = stacked ? Math.toIntExact(base.shape().dim(0)) : 1;
    long rows = stacked ? base.shape().dim(1) : base.rows();
    int rank = 0;
    for (Map.Entry<Integer, Pair> entry : pairs.entrySet()) {
      Pair pair = entry.getValue();
      boolean fits =
          entry.getKey() < experts
              && (entry.getKey() >= 0) == stacked
              && pair.right().columns() == base.columns()
              && pair.left().rows() == rows;
      if (!fits) {
        throw badShape(pair, weight + " " + base.shape() + " of " + model.path());
      }
      rank = Math.max(rank, pair.rank());
    }
    if (pairs.size() < experts) {
      notes.accept(
          weight + ": " + pairs.size() + " of " + experts + " experts are changed, the rest not.");
    }
    int widest = rank;
    int[] order = rowOrder(weight, Math.toIntExact(rows));
    tensor(
        weight + ".lora_a",
        stacked,
        sink -> {
          for (int e = 0; e < experts; e++) {
            Pair pair = pairs.get(stacked ? e : -1);
            float[] a = pair == null ? new float[0] : Matrices.read(pair.right());
            sink.write(
                MemorySegment.ofArray(
                    java.util.Arrays.copyOf(a, Math.toIntExact(widest * base.columns()))));
          }
        },
        experts,
        widest,
        base.columns());
    Map<Integer, Float> factors = new LinkedHashMap<>();
    pairs.forEach((expert, pair) -> factors.put(expert, factor(pair, widest)));
    tensor(
        weight + ".lora_b",
        stacked,
        sink -> {
          for (int e = 0; e < experts; e++) {
            Pair pair = pairs.get(stacked ? e : -1);
            float[] to = new float[Math.toIntExact(rows * widest)];
            if (pair != null) {
              float factor = factors.getOrDefault(stacked ? e : -1, 1f);
              Matrices.copyRows(Matrices.read(pair.left()), pair.rank(), order, factor, to, widest);
            }
            sink.write(MemorySegment.ofArray(to));
          }
        },
        experts,
        rows,
        widest);
  }

  private EngineException badShape(Pair pair, String allowed) {
    return new EngineException(
        "peft-bad-shape",
        "an adapter's matrices do not fit the weight that they change",
        pair.module()
            + " in "
            + file.path()
            + ": lora_A "
            + pair.right().shape()
            + ", lora_B "
            + pair.left().shape(),
        allowed,
        "use the adapter with the model that it was trained on");
  }

  /** What {@code lora_b} is multiplied with, so that one alpha does for all. */
  private float factor(Pair pair, int rank) {
    double wanted = config.scale(pair.module(), pair.rank()) * rank;
    if ((float) wanted == (float) alpha) {
      return 1;
    }
    scaled++;
    return (float) (wanted / alpha);
  }

  /** Row {@code i} of the GGUF tensor is row {@code order[i]} of the layer. */
  private int[] rowOrder(String weight, int rows) {
    return Matrices.rowOrder(shape, weight, rows);
  }

  private interface Body {
    void writeTo(TensorSink sink) throws IOException;
  }

  private void tensor(
      String name, boolean stacked, Body body, long experts, long rows, long columns) {
    Shape dims = stacked ? Shape.of(experts, rows, columns) : Shape.of(rows, columns);
    writer.tensor(name, DType.F32, dims, body::writeTo);
  }

  /** PEFT keeps the embedding's matrix with tokens as columns; GGUF has a row per token. */
  private void embedding(String weight, TensorView base, Pair pair) {
    if (pair.right().columns() != base.rows() || pair.left().rows() != base.columns()) {
      throw badShape(pair, weight + " " + base.shape() + " of " + model.path());
    }
    int rank = pair.rank();
    float factor = factor(pair, rank);
    int tokens = Math.toIntExact(base.rows());
    tensor(
        weight + ".lora_a",
        false,
        sink ->
            sink.write(
                MemorySegment.ofArray(
                    Matrices.transposed(Matrices.read(pair.right()), rank, tokens, 1))),
        1,
        tokens,
        rank);
    tensor(
        weight + ".lora_b",
        false,
        sink ->
            sink.write(MemorySegment.ofArray(Matrices.scaled(Matrices.read(pair.left()), factor))),
        1,
        base.columns(),
        rank);
  }

  /**
   * New files hold {@code kv_b_proj} as one matrix per head for values and one, turned, for keys:
   * {@code b a} of a head's rows is a product of {@code a} and those rows of {@code b}.
   */
  private void splitKvB(String weight, Pair pair) {
    ModelConfig.MlaConfig mla = shape.mla().orElseThrow();
    int heads = shape.numAttentionHeads();
    int nope = mla.qkNopeHeadDim();
    int value = mla.vHeadDim();
    int width = mla.kvLoraRank();
    if (pair.right().columns() != width || pair.left().rows() != (long) heads * (nope + value)) {
      throw badShape(pair, "[rank, " + width + "] and [" + heads * (nope + value) + ", rank]");
    }
    int rank = pair.rank();
    float factor = factor(pair, rank);
    String block = weight.substring(0, weight.length() - "attn_kv_b.weight".length());
    String key = block + "attn_k_b.weight";
    tensor(
        key + ".lora_a",
        true,
        sink -> {
          float[] b = Matrices.scaled(Matrices.read(pair.left()), factor);
          for (int h = 0; h < heads; h++) {
            int from = h * (nope + value) * rank;
            float[] rows = java.util.Arrays.copyOfRange(b, from, from + nope * rank);
            sink.write(MemorySegment.ofArray(Matrices.transposed(rows, nope, rank, 1)));
          }
        },
        heads,
        rank,
        nope);
    tensor(
        key + ".lora_b",
        true,
        sink -> {
          float[] turned = Matrices.transposed(Matrices.read(pair.right()), rank, width, 1);
          for (int h = 0; h < heads; h++) {
            sink.write(MemorySegment.ofArray(turned));
          }
        },
        heads,
        width,
        rank);
    String values = block + "attn_v_b.weight";
    tensor(
        values + ".lora_a",
        true,
        sink -> {
          float[] a = Matrices.read(pair.right());
          for (int h = 0; h < heads; h++) {
            sink.write(MemorySegment.ofArray(a));
          }
        },
        heads,
        rank,
        width);
    tensor(
        values + ".lora_b",
        true,
        sink -> {
          float[] b = Matrices.scaled(Matrices.read(pair.left()), factor);
          for (int h = 0; h < heads; h++) {
            int from = (h * (nope + value) + nope) * rank;
            sink.write(
                MemorySegment.ofArray(java.util.Arrays.copyOfRange(b, from, from + value * rank)));
          }
        },
        heads,
        value,
        rank);
  }
}
