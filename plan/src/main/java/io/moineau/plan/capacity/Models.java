package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The models whose measures are known here, and those of a {@code config.json}. */
public final class Models {
  private static final int MOST = 1_000_000_000;

  private Models() {}

  /** Those that are part of this module. */
  public static List<ModelShape> standard() {
    YamlSection file = YamlFile.resource("models.yaml");
    file.has("moineau-models");
    file.has("version");
    List<ModelShape> models = new ArrayList<>();
    for (YamlSection model : file.sections("models")) {
      String name = model.text("name");
      List<String> aliases = model.texts("aliases");
      model.has("published"); // what tests compare with
      model.has("source");
      models.add(read(model, name, aliases));
      model.end();
    }
    file.end();
    return models;
  }

  /**
   * The model of a name or alias; capitals, spaces and signs do not matter.
   *
   * @throws PlanException {@code plan-unknown-model}, with the names there are
   */
  public static ModelShape get(String name) {
    List<ModelShape> models = standard();
    for (ModelShape model : models) {
      if (key(model.name()).equals(key(name))
          || model.aliases().stream().anyMatch(alias -> key(alias).equals(key(name)))) {
        return model;
      }
    }
    throw new PlanException(
        "plan-unknown-model",
        "no model has this name",
        name,
        String.join(", ", models.stream().map(ModelShape::name).toList()),
        "name one of them, or give a model's config.json");
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]", "");
  }

  /**
   * The measures in a file {@code config.json} as Hugging Face has them, of dense models and those
   * with experts, with grouped-query or latent attention.
   *
   * @throws PlanException {@code plan-bad-file}
   */
  public static ModelShape ofConfig(Path file) {
    YamlSection config = YamlFile.read(file); // JSON is YAML
    // A model that also sees keeps its text part in a section of its own.
    YamlSection text = config.isMap("text_config") ? config.section("text_config").get() : config;
    Path folder = file.toAbsolutePath().getParent();
    String name = folder == null ? file.toString() : String.valueOf(folder.getFileName());
    return read(text, name, List.of());
  }

  private static ModelShape read(YamlSection section, String name, List<String> aliases) {
    int hidden = required(section, "hidden_size");
    int heads = required(section, "num_attention_heads");
    Optional<ExpertShape> experts = experts(section);
    int intermediate = number(section, "intermediate_size", 0);
    if (intermediate == 0 && experts.isEmpty()) {
      throw section.bad("intermediate_size", "is missing", "a number of columns");
    }
    boolean tied = section.flag("tie_word_embeddings").orElse(false);
    return new ModelShape(
        name,
        aliases,
        hidden,
        required(section, "num_hidden_layers"),
        attention(section, hidden, heads),
        intermediate,
        experts,
        required(section, "vocab_size"),
        tied);
  }

  private static AttentionShape attention(YamlSection section, int hidden, int heads) {
    int latent = number(section, "kv_lora_rank", 0);
    if (latent > 0) {
      return new AttentionShape.Latent(
          heads,
          number(section, "q_lora_rank", 0),
          latent,
          required(section, "qk_nope_head_dim"),
          required(section, "qk_rope_head_dim"),
          required(section, "v_head_dim"));
    }
    return new AttentionShape.GroupedQuery(
        heads,
        number(section, "num_key_value_heads", heads),
        number(section, "head_dim", hidden / heads));
  }

  /** Families have several names for the same. */
  private static Optional<ExpertShape> experts(YamlSection section) {
    int routed = first(section, "n_routed_experts", "num_local_experts", "num_experts");
    if (routed <= 1) {
      return Optional.empty();
    }
    int chosen = first(section, "num_experts_per_tok", "num_experts_per_token", "moe_topk");
    int size = first(section, "moe_intermediate_size", "intermediate_size");
    if (chosen < 1 || chosen > routed) {
      throw section.bad(
          "num_experts_per_tok", "is " + chosen, "1 to the number of experts, " + routed);
    }
    return Optional.of(
        new ExpertShape(
            routed,
            chosen,
            shared(section, size),
            size,
            number(section, "first_k_dense_replace", 0)));
  }

  /** Some say how many there are, some how large they are together. */
  private static int shared(YamlSection section, int size) {
    int count = first(section, "n_shared_experts", "num_shared_experts");
    int together = number(section, "shared_expert_intermediate_size", 0);
    return count > 0 ? count : Math.ceilDiv(together, Math.max(1, size));
  }

  private static int first(YamlSection section, String... keys) {
    for (String key : keys) {
      int value = number(section, key, 0);
      if (value > 0) {
        return value;
      }
    }
    return 0;
  }

  private static int required(YamlSection section, String key) {
    int value = number(section, key, 0);
    if (value < 1) {
      throw section.bad(key, section.has(key) ? "is " + value : "is missing", "1 or more");
    }
    return value;
  }

  private static int number(YamlSection section, String key, int otherwise) {
    if (section.scalar(key, "a whole number").filter(s -> s.value().equals("null")).isPresent()) {
      return otherwise; // such as the q_lora_rank of a model without
    }
    Optional<BigDecimal> value = section.number(key);
    if (value.isEmpty()) {
      return otherwise;
    }
    BigDecimal number = value.get();
    if (number.stripTrailingZeros().scale() > 0 || number.compareTo(BigDecimal.valueOf(MOST)) > 0) {
      throw section.bad(key, "is " + number, "a whole number up to " + MOST);
    }
    return number.intValue();
  }
}
