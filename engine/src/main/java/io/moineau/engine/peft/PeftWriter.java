package io.moineau.engine.peft;

import io.moineau.engine.EngineException;
import io.moineau.format.GgufFile;
import io.moineau.format.SafetensorsWriter;
import io.moineau.model.Architectures;
import io.moineau.model.ModelConfig;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Writes an adapter in GGUF form as PEFT's two files; the reverse of {@link PeftReader}. */
final class PeftWriter {
  private static final String A = ".lora_a";
  private static final String B = ".lora_b";

  private final GgufFile adapter;
  private final ModelConfig shape;
  private final PeftNames names;
  private final SafetensorsWriter tensors = new SafetensorsWriter();
  private final Map<String, Integer> ranks = new LinkedHashMap<>(); // of each layer

  private PeftWriter(GgufFile adapter, GgufFile model) {
    this.adapter = adapter;
    shape = Architectures.config(model);
    names = PeftNames.of(shape.architecture());
    tensors.metadata("format", "pt");
  }

  /** What is to be written. */
  record Output(SafetensorsWriter tensors, Map<String, Object> config) {}

  /**
   * The files of an adapter that fits its model; they read it when they are written.
   *
   * @throws EngineException {@code peft-no-layer} if PEFT has no name for what it changes
   */
  static Output convert(GgufFile adapter, GgufFile model) {
    PeftWriter writer = new PeftWriter(adapter, model);
    for (TensorView tensor : adapter.tensors().values()) {
      if (tensor.name().endsWith(A)) {
        writer.add(tensor.name().substring(0, tensor.name().length() - A.length()));
      }
    }
    return new Output(writer.tensors, writer.config(model));
  }

  /**
   * Checks that PEFT has names for these weights of a model, without an adapter.
   *
   * @throws EngineException {@code peft-architecture}, {@code peft-no-layer}
   */
  static void check(Iterable<String> weights, GgufFile model) {
    ModelConfig shape = Architectures.config(model);
    PeftNames names = PeftNames.of(shape.architecture());
    for (String weight : weights) {
      if (names.module(weight, 0).isEmpty()) {
        throw noLayer(weight, model, names);
      }
    }
  }

  private static EngineException noLayer(String weight, GgufFile file, PeftNames names) {
    return new EngineException(
        "peft-no-layer",
        "an adapter changes a weight that is no layer of its own for PEFT",
        weight + " of " + file.path(),
        "weights of layers: " + names.known(),
        "keep the adapter in GGUF form");
  }

  private Map<String, Object> config(GgufFile model) {
    Map<Integer, Integer> counts = new LinkedHashMap<>();
    ranks.values().forEach(rank -> counts.merge(rank, 1, Integer::sum));
    int usual =
        counts.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(1);
    float alpha = adapter.metadata().findNumber("adapter.lora.alpha").orElse(0d).floatValue();
    Map<String, Object> rankPattern = new LinkedHashMap<>();
    Map<String, Object> alphaPattern = new LinkedHashMap<>();
    TreeSet<String> targets = new TreeSet<>();
    ranks.forEach((module, rank) -> {
      targets.add(module.substring(module.lastIndexOf('.') + 1));
      if (rank != usual) {
        rankPattern.put(module, rank);
        if (alpha == 0) { // a GGUF adapter without alpha is added as it is
          alphaPattern.put(module, rank);
        }
      }
    });
    Object written = alpha == 0 ? usual : alpha == Math.rint(alpha) ? (Object) (long) alpha : alpha;
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("peft_type", "LORA");
    config.put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", model.metadata().findString("general.name").orElse(""));
    config.put("inference_mode", true);
    config.put("r", usual);
    config.put("lora_alpha", written);
    config.put("lora_dropout", 0.0);
    config.put("target_modules", new java.util.ArrayList<>(targets));
    config.put("rank_pattern", rankPattern);
    config.put("alpha_pattern", alphaPattern);
    config.put("bias", "none");
    config.put("fan_in_fan_out", false);
    config.put("init_lora_weights", true);
    config.put("use_rslora", false);
    config.put("use_dora", false);
    return config;
  }

  private void add(String weight) {
    TensorView a = adapter.tensor(weight + A);
    TensorView b = adapter.tensor(weight + B);
    int rank = Math.toIntExact(b.columns());
    if (weight.endsWith("attn_k_b.weight")) {
      joinKvB(weight, a, b, rank);
      return;
    }
    if (weight.endsWith("attn_v_b.weight")
        && adapter.find(weight.replace("attn_v_b", "attn_k_b") + A).isPresent()) {
      return; // goes with the keys
    }
    if (weight.equals("token_embd.weight")) {
      String module = module(weight, -1);
      int tokens = Math.toIntExact(a.rows());
      ranks.put(module, rank);
      tensor(
          module + ".lora_embedding_A",
          Shape.of(rank, tokens),
          () -> Matrices.transposed(Matrices.read(a), tokens, rank, 1));
      tensor(module + ".lora_embedding_B", b.shape(), () -> Matrices.read(b));
      return;
    }
    boolean stacked = a.shape().rank() == 3;
    int experts = stacked ? Math.toIntExact(a.shape().dim(0)) : 1;
    for (int e = 0; e < experts; e++) {
      TensorView right = stacked ? a.slice(e) : a;
      TensorView left = stacked ? b.slice(e) : b;
      String module = module(weight, e);
      ranks.put(module, rank);
      tensor(module + ".lora_A.weight", right.shape(), () -> Matrices.read(right));
      int rows = Math.toIntExact(left.rows());
      tensor(
          module + ".lora_B.weight",
          left.shape(),
          () -> {
            int[] order = Matrices.inverse(Matrices.rowOrder(shape, weight, rows));
            float[] to = new float[rows * rank];
            Matrices.copyRows(Matrices.read(left), rank, order, 1, to, rank);
            return to;
          });
    }
  }

  private String module(String weight, int expert) {
    return names.module(weight, expert).orElseThrow(() -> noLayer(weight, adapter, names));
  }

  private void tensor(String name, Shape dims, Supplier<float[]> floats) {
    tensors.tensor(
        "base_model.model." + name,
        DType.F32,
        dims,
        sink -> sink.write(MemorySegment.ofArray(floats.get())));
  }

  /** The two tensors that were one layer, if all heads have the same matrix beside the latent. */
  private void joinKvB(String key, TensorView a, TensorView b, int rank) {
    String values = key.replace("attn_k_b", "attn_v_b");
    float[] latent = new float[0];
    boolean joined = adapter.find(values + A).isPresent();
    int heads = Math.toIntExact(a.shape().dim(0));
    if (joined) {
      TensorView right = adapter.tensor(values + A);
      latent = Matrices.read(right.slice(0));
      joined = right.shape().dim(1) == rank;
      int width = Math.toIntExact(right.columns());
      for (int h = 0; joined && h < heads; h++) {
        joined =
            Arrays.equals(Matrices.read(right.slice(h)), latent)
                && Arrays.equals(
                    Matrices.transposed(Matrices.read(b.slice(h)), width, rank, 1), latent);
      }
    }
    if (!joined) {
      throw new EngineException(
          "peft-no-layer",
          "an adapter changes parts of a layer in ways that one pair of matrices cannot",
          key + " and " + values + " of " + adapter.path(),
          "pairs that were one layer, kv_b_proj, before",
          "keep the adapter in GGUF form");
    }
    TensorView left = adapter.tensor(values + B);
    String module = module(key.replace("attn_k_b", "attn_kv_b"), -1);
    ranks.put(module, rank);
    int nope = Math.toIntExact(a.columns());
    int value = Math.toIntExact(left.shape().dim(1));
    float[] shared = latent;
    tensor(module + ".lora_A.weight", Shape.of(rank, shared.length / rank), () -> shared);
    tensor(
        module + ".lora_B.weight",
        Shape.of((long) heads * (nope + value), rank),
        () -> {
          float[] to = new float[heads * (nope + value) * rank];
          for (int h = 0; h < heads; h++) {
            int at = h * (nope + value) * rank;
            float[] rows = Matrices.transposed(Matrices.read(a.slice(h)), rank, nope, 1);
            System.arraycopy(rows, 0, to, at, rows.length);
            float[] rest = Matrices.read(left.slice(h));
            System.arraycopy(rest, 0, to, at + rows.length, rest.length);
          }
          return to;
        });
  }
}
