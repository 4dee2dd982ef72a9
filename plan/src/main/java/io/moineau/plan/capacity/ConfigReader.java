package io.moineau.plan.capacity;

import io.moineau.plan.yaml.Scalar;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a model's measures by the names of Hugging Face's {@code config.json}: dense models and
 * those with experts, with grouped-query or latent attention. Families have several names for the
 * same; the first that is there counts.
 */
final class ConfigReader {
  private static final int MOST = ModelSize.MOST_COLUMNS;

  /** Where models that also see or hear keep their text part. */
  private static final List<String> TEXT_PARTS =
      List.of("text_config", "language_config", "llm_config");

  private final YamlSection whole;
  private final YamlSection section;

  ConfigReader(YamlSection section) {
    this(section, section);
  }

  private ConfigReader(YamlSection whole, YamlSection section) {
    this.whole = whole;
    this.section = section;
  }

  /** A reader of a whole file, which may keep the text part in a section of its own. */
  static ConfigReader ofFile(YamlSection file) {
    YamlSection outer = file.isMap("thinker_config") ? inner(file, "thinker_config") : file;
    for (String part : TEXT_PARTS) {
      if (outer.isMap(part)) {
        return new ConfigReader(file, inner(outer, part));
      }
    }
    return new ConfigReader(file, outer);
  }

  private static YamlSection inner(YamlSection section, String key) {
    return section.section(key).orElseThrow();
  }

  ModelShape shape(String name, List<String> aliases) {
    int hidden = required("hidden_size");
    int heads = required("num_attention_heads");
    int layers = required("num_hidden_layers");
    if (layers > ModelSize.MOST_LAYERS) {
      throw section.bad("num_hidden_layers", "is " + layers, "1 to " + ModelSize.MOST_LAYERS);
    }
    Optional<ExpertShape> experts = experts(layers);
    int intermediate = dense();
    if (intermediate == 0 && experts.isEmpty()) {
      throw section.bad("intermediate_size", "is missing", "a number of columns");
    }
    ModelShape shape =
        new ModelShape(
            name,
            aliases,
            hidden,
            layers,
            attention(hidden, heads),
            intermediate,
            experts,
            required("vocab_size"),
            tied());
    Optional<String> fault = ModelSize.fault(shape);
    if (fault.isPresent()) {
      throw section.bad("hidden_size", "makes " + fault.get(), "the measures of a model");
    }
    return shape;
  }

  private boolean tied() {
    return flag(section, "tie_word_embeddings")
        .or(() -> flag(whole, "tie_word_embeddings"))
        .orElse(false);
  }

  private static Optional<Boolean> flag(YamlSection of, String key) {
    return isNull(of, key) ? Optional.empty() : of.flag(key);
  }

  private static boolean isNull(YamlSection of, String key) {
    return !of.isMap(key)
        && !of.isList(key)
        && of.scalar(key, "a value").filter(s -> s.value().equals("null")).isPresent();
  }

  /** Columns of a feed-forward part without experts. */
  private int dense() {
    // Llama 4 gives an expert's as intermediate_size.
    int dense = number("intermediate_size_mlp", 0);
    return dense > 0 ? dense : number("intermediate_size", 0);
  }

  private AttentionShape attention(int hidden, int heads) {
    int latent = number("kv_lora_rank", 0);
    if (latent > 0) {
      return new AttentionShape.Latent(
          heads,
          number("q_lora_rank", 0),
          latent,
          required("qk_nope_head_dim"),
          required("qk_rope_head_dim"),
          required("v_head_dim"));
    }
    int dim = first("head_dim", "attention_head_dim");
    int keys = number("num_key_value_heads", heads);
    if (keys < 1 || heads % keys != 0) {
      throw section.bad("num_key_value_heads", "is " + keys, "a divisor of the heads, " + heads);
    }
    return new AttentionShape.GroupedQuery(heads, keys, dim > 0 ? dim : hidden / heads);
  }

  private Optional<ExpertShape> experts(int layers) {
    int routed = first("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts");
    if (routed <= 1) {
      return Optional.empty();
    }
    String chosenKey =
        firstKey("num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_topk");
    int chosen = Math.max(number(chosenKey, 0), first("moe_k", "num_selected_experts"));
    int size = first("moe_intermediate_size", "intermediate_size");
    if (chosen < 1 || chosen > routed) {
      throw section.bad(chosenKey, "is " + chosen, "1 to the number of experts, " + routed);
    }
    return Optional.of(new ExpertShape(routed, chosen, shared(size), size, denseLayers(layers)));
  }

  /** Some say how many there are, some how large they are together. */
  private int shared(int size) {
    int count =
        first(
            "n_shared_experts",
            "num_shared_experts",
            "num_shared_expert",
            "moe_num_shared_experts");
    int together = first("shared_expert_intermediate_size", "shared_intermediate_size");
    if (count == 0 && together == 0 && section.text("model_type", "").startsWith("llama4")) {
      return 1; // it always has one, and does not say so
    }
    return count > 0 ? count : Math.ceilDiv(together, Math.max(1, size));
  }

  /** Layers without experts; only their number counts here, not which they are. */
  private int denseLayers(int layers) {
    int first = Math.max(number("first_k_dense_replace", 0), number("moe_layer_start_index", 0));
    int end = number("moe_layer_end_index", layers - 1);
    int step =
        Math.max(
            1,
            first(
                "moe_layer_freq",
                "interleave_moe_layer_step",
                "decoder_sparse_step",
                "moe_layer_interval"));
    List<Scalar> named = section.isList("moe_layers") ? section.scalars("moe_layers") : List.of();
    if (!named.isEmpty()) {
      return Math.max(0, layers - named.size());
    }
    int without = 0;
    List<String> dense =
        section.isList("mlp_only_layers") ? section.texts("mlp_only_layers") : List.of();
    for (int layer = 0; layer < layers; layer++) {
      boolean hasExperts = layer >= first && layer <= end && (layer + 1) % step == 0;
      without += hasExperts && !dense.contains(Integer.toString(layer)) ? 0 : 1;
    }
    return without;
  }

  /** The type that the file says its weights have, by the names of {@link WeightType}. */
  Optional<String> weightType() {
    YamlSection holder = whole.isMap("quantization_config") ? whole : section;
    if (holder.isMap("quantization_config")) {
      return QuantizationConfig.type(inner(holder, "quantization_config"));
    }
    for (YamlSection of : List.of(section, whole)) {
      String type = of.text("torch_dtype", of.text("dtype", ""));
      switch (type) {
        case "bfloat16" -> {
          return Optional.of("bf16");
        }
        case "float16" -> {
          return Optional.of("fp16");
        }
        case "float8_e4m3fn" -> {
          return Optional.of("fp8");
        }
        default -> {} // float32 and what is not said: chosen as for a preset
      }
    }
    return Optional.empty();
  }

  /** What the file says and {@link ModelShape} does not carry. */
  List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    int window = first("sliding_window", "attention_chunk_size");
    if (window > 0 && !flag(section, "use_sliding_window").filter(use -> !use).isPresent()) {
      remarks.add("a window of " + window + " positions in some layers is taken as full attention");
    }
    if (first("linear_num_key_heads", "full_attention_interval", "mamba_d_state") > 0
        || (section.isList("attn_type_list") && section.texts("attn_type_list").contains("0"))) {
      remarks.add("layers with linear attention are taken as full attention: memory is less");
    }
    if (number("index_topk", 0) > 0) {
      remarks.add("sparse attention is taken as full attention: long contexts are faster");
    }
    int drafts = first("num_nextn_predict_layers", "num_mtp_modules");
    if (drafts > 0) {
      remarks.add("layers that only draft (" + drafts + ") are left out");
    }
    return remarks;
  }

  private String firstKey(String... keys) {
    for (String key : keys) {
      if (number(key, 0) > 0) {
        return key;
      }
    }
    return keys[0];
  }

  private int first(String... keys) {
    return number(firstKey(keys), 0);
  }

  private int required(String key) {
    int value = number(key, 0);
    if (value < 1) {
      throw section.bad(key, section.has(key) ? "is " + value : "is missing", "1 or more");
    }
    return value;
  }

  private int number(String key, int otherwise) {
    if (section.isList(key)) {
      return same(key);
    }
    if (isNull(section, key)) {
      return otherwise; // such as the q_lora_rank of a model without
    }
    return section.number(key).map(value -> whole(key, value)).orElse(otherwise);
  }

  /** Some give one value for each layer. */
  private int same(String key) {
    List<String> values = section.texts(key).stream().distinct().toList();
    if (values.size() != 1 || !values.getFirst().matches("[0-9]{1,10}")) {
      throw section.bad(
          key, "differs by layer or is no list of numbers: " + values, "one value for all layers");
    }
    return whole(key, new BigDecimal(values.getFirst()));
  }

  private int whole(String key, BigDecimal number) {
    if (number.stripTrailingZeros().scale() > 0 || number.compareTo(BigDecimal.valueOf(MOST)) > 0) {
      throw section.bad(key, "is " + number, "a whole number up to " + MOST);
    }
    return number.intValue();
  }
}
