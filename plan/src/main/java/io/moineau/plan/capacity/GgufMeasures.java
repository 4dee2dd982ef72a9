package io.moineau.plan.capacity;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import io.moineau.plan.PlanException;
import io.moineau.plan.capacity.ModelSource.WeightFormat;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads a model's measures from the header of a GGUF file. What tensors show is taken from them
 * (widths, which layers have experts, how queries are compressed), the rest from llama.cpp's keys,
 * so that files of architectures that cannot be run here can be planned for too.
 */
final class GgufMeasures {
  private static final String DRAFTS = "nextn_predict_layers";
  private static final long MOST = ModelSize.MOST_COLUMNS;

  private final GgufFile file;
  private final GgufMetadata metadata;
  private final String architecture;
  private final int layers;
  private final List<String> remarks = new ArrayList<>();

  private GgufMeasures(GgufFile file) {
    this.file = file;
    this.metadata = file.metadata();
    this.architecture = metadata.string("general.architecture");
    int drafts = number(DRAFTS).orElse(0);
    this.layers = required("block_count") - drafts;
    if (layers > ModelSize.MOST_LAYERS) {
      throw bad("block_count=" + layers, "1 to " + ModelSize.MOST_LAYERS);
    }
    if (layers < 1) {
      throw bad(DRAFTS + "=" + drafts, "fewer than block_count");
    }
    if (drafts > 0) {
      remarks.add("layers that only draft (" + drafts + ") are left out");
    }
  }

  static ModelSource read(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      GgufMeasures measures = new GgufMeasures(file);
      ModelShape shape = measures.shape(path);
      Optional<String> fault = ModelSize.fault(shape);
      if (fault.isPresent()) {
        throw measures.bad(fault.get(), "the measures of a model");
      }
      return new ModelSource(
          shape, path.toString(), Optional.of(measures.weights()), measures.remarks);
    }
  }

  private ModelShape shape(Path path) {
    int hidden = required("embedding_length");
    Optional<ExpertShape> experts = experts();
    int window = number("attention.sliding_window").orElse(0);
    if (window > 0) {
      remarks.add("a window of " + window + " positions in some layers is taken as full attention");
    }
    if (number("ssm.state_size").orElse(0) > 0) {
      remarks.add("layers with linear attention are taken as full attention: memory is less");
    }
    return new ModelShape(
        name(path),
        List.of(),
        hidden,
        layers,
        attention(hidden),
        dense(experts),
        experts,
        vocabulary(),
        file.find("output.weight").isEmpty());
  }

  private String name(Path path) {
    String file = String.valueOf(path.getFileName());
    return metadata
        .findString("general.name")
        .filter(name -> !name.isBlank())
        .orElse(file.substring(0, Math.max(1, file.length() - ".gguf".length())));
  }

  private int vocabulary() {
    TensorView embedding = file.tensor("token_embd.weight");
    return (int) Math.min(MOST, embedding.rows());
  }

  private AttentionShape attention(int hidden) {
    int heads = required("attention.head_count");
    int key = number("attention.key_length").orElse(hidden / heads);
    int latent = number("attention.kv_lora_rank").orElse(0);
    if (latent > 0) {
      int rotated = required("rope.dimension_count");
      int whole = number("attention.key_length_mla").orElse(key);
      if (whole <= rotated) {
        throw bad("attention.key_length_mla=" + whole, "more than rope.dimension_count=" + rotated);
      }
      // A Lite file may carry the key although its queries are not compressed.
      boolean compressed = file.find("blk.0.attn_q_a.weight").isPresent();
      return new AttentionShape.Latent(
          heads,
          compressed ? required("attention.q_lora_rank") : 0,
          latent,
          whole - rotated,
          rotated,
          number("attention.value_length_mla")
              .orElse(number("attention.value_length").orElse(hidden / heads)));
    }
    int keyHeads = number("attention.head_count_kv").orElse(heads);
    if (keyHeads < 1 || heads % keyHeads != 0) {
      throw bad("attention.head_count_kv=" + keyHeads, "a divisor of head_count=" + heads);
    }
    int value = number("attention.value_length").orElse(hidden / heads);
    if ((key + value) % 2 != 0) {
      throw bad("attention.value_length=" + value, "as odd or even as key_length=" + key);
    }
    // Weights, memory and work depend on the sum of the two only.
    return new AttentionShape.GroupedQuery(heads, keyHeads, (key + value) / 2);
  }

  private Optional<ExpertShape> experts() {
    int routed = number("expert_count").orElse(0);
    List<Integer> with = layersWith("ffn_down_exps.weight");
    if (with.isEmpty()) {
      if (routed > 0) {
        throw bad(
            "expert_count=" + routed + ", and no tensor blk.*.ffn_down_exps.weight",
            "experts of a layer in one tensor, as files have them since 2024");
      }
      return Optional.empty();
    }
    int chosen = required("expert_used_count");
    if (chosen > routed) {
      throw bad("expert_used_count=" + chosen, "1 to expert_count=" + routed);
    }
    int width = width(with, "ffn_down_exps.weight");
    int shared = width(with, "ffn_down_shexp.weight");
    if (shared % width != 0) {
      remarks.add(
          "shared experts of "
              + shared
              + " columns are counted as "
              + Math.ceilDiv(shared, width)
              + " of "
              + width);
    }
    return Optional.of(
        new ExpertShape(routed, chosen, Math.ceilDiv(shared, width), width, layers - with.size()));
  }

  private int dense(Optional<ExpertShape> experts) {
    List<Integer> with = layersWith("ffn_down.weight");
    if (with.isEmpty() && experts.isEmpty()) {
      throw bad("no tensor blk.*.ffn_down.weight", "feed-forward parts by llama.cpp's names");
    }
    if (!with.isEmpty() && layersWith("ffn_gate.weight").isEmpty()) {
      int up = layerTensor(with.getFirst(), "ffn_up.weight").map(t -> (int) t.rows()).orElse(0);
      if (up != 2 * width(with, "ffn_down.weight")) { // gate and up may be one tensor
        remarks.add("feed-forward parts of two matrices are counted with three");
      }
    }
    return width(with, "ffn_down.weight");
  }

  private List<Integer> layersWith(String tensor) {
    List<Integer> with = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      if (layerTensor(layer, tensor).isPresent()) {
        with.add(layer);
      }
    }
    return with;
  }

  private Optional<TensorView> layerTensor(int layer, String tensor) {
    return file.find("blk." + layer + "." + tensor);
  }

  /** Columns of a matrix down, which must be as many in all layers that have it. */
  private int width(List<Integer> with, String tensor) {
    int width = 0;
    for (int layer : with) {
      long columns = layerTensor(layer, tensor).map(TensorView::columns).orElse(0L);
      if (width > 0 && columns != width) {
        throw bad(
            "blk." + layer + "." + tensor + " of " + columns + " columns", "as many as before");
      }
      width = (int) Math.min(MOST, columns);
    }
    return width;
  }

  /** Counts matrices only, as {@link ModelShape} does; norms and biases are no thousandth. */
  private WeightFormat weights() {
    Map<DType, Long> byType = new EnumMap<>(DType.class);
    long parameters = 0;
    long expertParameters = 0;
    long bytes = 0;
    long expertBytes = 0;
    for (TensorView tensor : file.tensors().values()) {
      if (isDraft(tensor.name())) {
        continue;
      }
      long size = tensor.data().byteSize();
      long count = tensor.shape().elements();
      boolean isMatrix = tensor.shape().rank() > 1 && tensor.name().endsWith(".weight");
      bytes += size;
      parameters += isMatrix ? count : 0;
      byType.merge(tensor.type(), isMatrix ? count : 0, Long::sum);
      if (tensor.name().contains("_exps.")) {
        expertParameters += isMatrix ? count : 0;
        expertBytes += size;
      }
    }
    if (parameters == 0) {
      throw bad("no matrices", "the weights of a model");
    }
    return new WeightFormat(mostUsed(byType), parameters, expertParameters, bytes, expertBytes);
  }

  private static String mostUsed(Map<DType, Long> byType) {
    DType most =
        byType.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    return most.toString().toLowerCase(Locale.ROOT);
  }

  private boolean isDraft(String name) {
    String[] parts = name.split("\\.", 3);
    return parts.length == 3
        && parts[0].equals("blk")
        && parts[1].matches("[0-9]{1,9}")
        && Integer.parseInt(parts[1]) >= layers;
  }

  private int required(String key) {
    int value =
        number(key)
            .orElseThrow(() -> bad("no key " + architecture + "." + key, "llama.cpp's keys"));
    if (value < 1) {
      throw bad(key + "=" + value, "1 or more");
    }
    return value;
  }

  /** One number for all layers. */
  private OptionalInt number(String key) {
    Optional<long[]> values = metadata.findIntegers(architecture + "." + key);
    if (values.isEmpty() || values.get().length == 0) {
      return OptionalInt.empty();
    }
    long first = values.get()[0];
    for (long value : values.get()) {
      if (value != first) {
        throw bad(key + " differs by layer: " + first + " and " + value, "one for all layers");
      }
    }
    if (first < 0 || first > MOST) {
      throw bad(key + "=" + first, "0 to " + MOST);
    }
    return OptionalInt.of((int) first);
  }

  private PlanException bad(String what, String allowed) {
    return new PlanException(
        "plan-unsupported-model",
        "the file's model cannot be planned for",
        what + " in " + file.path(),
        allowed,
        "give a config.json, or a preset that is like it");
  }
}
