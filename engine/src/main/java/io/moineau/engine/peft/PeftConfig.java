package io.moineau.engine.peft;

import io.moineau.engine.EngineException;
import io.moineau.text.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code adapter_config.json} says of an adapter, as PEFT 0.18 writes it ({@code LoraConfig}).
 *
 * @param rank {@code r}
 * @param alpha {@code lora_alpha}
 * @param ranks {@code rank_pattern}: ranks of layers that end so
 * @param alphas {@code alpha_pattern}: alphas of layers that end so
 * @param rankStabilised {@code use_rslora}: the factor is alpha by the root of the rank (arXiv
 *     2312.03732)
 * @param targets {@code target_modules} where it is a list of names; empty otherwise
 */
record PeftConfig(
    int rank,
    double alpha,
    Map<String, Integer> ranks,
    Map<String, Double> alphas,
    boolean rankStabilised,
    List<String> targets) {
  static final String FILE = "adapter_config.json";

  private static final Pattern LITERAL = Pattern.compile("(?:[\\w-]|\\\\?\\.)+");

  /** What changes nothing of how an adapter's matrices are used. */
  private static final Set<String> HARMLESS =
      Set.of(
          "auto_mapping",
          "base_model_name_or_path",
          "corda_config",
          "ensure_weight_tying",
          "eva_config",
          "exclude_modules",
          "inference_mode",
          "layers_pattern",
          "layers_to_transform",
          "lora_dropout",
          "loftq_config",
          "megatron_config",
          "megatron_core",
          "peft_version",
          "qalora_group_size",
          "revision",
          "runtime_config",
          "task_type");

  /** Ways to begin that change the weights of the model itself. */
  private static final List<String> CHANGES_MODEL = List.of("pissa", "olora", "loftq", "corda");

  /**
   * Reads a configuration.
   *
   * @param notes told of each key that is not known here
   * @throws EngineException {@code peft-bad-config}, {@code peft-unsupported}
   */
  static PeftConfig read(Path file, Consumer<String> notes) {
    if (!(Json.parse(file) instanceof Map<?, ?> json)) {
      throw bad(file, "no object", "an object");
    }
    Object type = json.get("peft_type");
    if (!"LORA".equals(type)) {
      throw unsupported(file, "peft_type=" + type, "LORA", "train the adapter as LoRA");
    }
    for (String flag :
        List.of("use_dora", "fan_in_fan_out", "lora_bias", "use_qalora", "layer_replication")) {
      Object value = json.get(flag);
      if (isSet(value)) {
        throw unsupported(
            file, flag + "=" + value, "false or null", "merge it with PEFT, or train without it");
      }
    }
    for (String list :
        List.of(
            "modules_to_save",
            "target_parameters",
            "trainable_token_indices",
            "alora_invocation_tokens")) {
      Object value = json.get(list);
      if (isSet(value)) {
        throw unsupported(
            file, list + "=" + value, "none", "merge it with PEFT, or train without it");
      }
    }
    Object bias = json.get("bias");
    if (bias != null && !bias.equals("none")) {
      throw unsupported(file, "bias=" + bias, "none", "merge it with PEFT, or train without it");
    }
    if (json.get("init_lora_weights") instanceof String how
        && CHANGES_MODEL.stream().anyMatch(how::startsWith)) {
      throw unsupported(
          file,
          "init_lora_weights=" + how,
          "ways to begin that leave the model's weights as they are",
          "save it with PEFT's path_initial_model_for_weight_conversion");
    }
    for (Map.Entry<?, ?> entry : json.entrySet()) {
      if (!KNOWN.contains(String.valueOf(entry.getKey())) && isSet(entry.getValue())) {
        notes.accept(
            PeftConfig.FILE
                + ": "
                + entry.getKey()
                + "="
                + Json.write(entry.getValue())
                + " is not known here and changes nothing.");
      }
    }
    Map<String, Integer> ranks = new LinkedHashMap<>();
    patterns(file, json, "rank_pattern").forEach((key, value) -> ranks.put(key, value.intValue()));
    Map<String, Double> alphas = new LinkedHashMap<>();
    patterns(file, json, "alpha_pattern")
        .forEach((key, value) -> alphas.put(key, value.doubleValue()));
    List<String> targets = new ArrayList<>();
    if (json.get("target_modules") instanceof List<?> names) {
      names.forEach(name -> targets.add(String.valueOf(name)));
    }
    return new PeftConfig(
        (int) positive(file, json, "r", 1 << 20),
        positive(file, json, "lora_alpha", Double.MAX_VALUE),
        ranks,
        alphas,
        Boolean.TRUE.equals(json.get("use_rslora")),
        targets);
  }

  private static final Set<String> KNOWN =
      java.util.stream.Stream.concat(
              HARMLESS.stream(),
              java.util.stream.Stream.of(
                  "peft_type",
                  "r",
                  "lora_alpha",
                  "rank_pattern",
                  "alpha_pattern",
                  "use_rslora",
                  "target_modules",
                  "bias",
                  "init_lora_weights"))
          .collect(java.util.stream.Collectors.toUnmodifiableSet());

  private static boolean isSet(@Nullable Object value) {
    return value != null
        && !value.equals(false)
        && !(value instanceof List<?> list && list.isEmpty())
        && !(value instanceof Map<?, ?> map && map.isEmpty());
  }

  private static double positive(Path file, Map<?, ?> json, String key, double most) {
    Object value = json.get(key);
    if (value instanceof Number number
        && number.doubleValue() > 0
        && number.doubleValue() <= most
        && (!key.equals("r") || number instanceof Long)) {
      return number.doubleValue();
    }
    throw bad(file, key + "=" + value, "a number above 0");
  }

  private static Map<String, Number> patterns(Path file, Map<?, ?> json, String key) {
    Map<String, Number> patterns = new LinkedHashMap<>();
    if (json.get(key) instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String name = String.valueOf(entry.getKey());
        boolean valid =
            entry.getValue() instanceof Number number
                && number.doubleValue() > 0
                && LITERAL.matcher(name).matches();
        if (!valid) {
          throw unsupported(
              file,
              key + " has " + name + ": " + entry.getValue(),
              "names of layers, or their ends, with numbers above 0; no regular expressions",
              "list the layers by name");
        }
        patterns.put(name.replace("\\.", "."), (Number) entry.getValue());
      }
    } else if (isSet(json.get(key))) {
      throw bad(file, key + "=" + json.get(key), "an object of numbers");
    }
    return patterns;
  }

  /** The factor that PEFT multiplies a layer's matrices with. */
  double scale(String module, int rankOfLayer) {
    double own = alpha;
    for (Map.Entry<String, Double> entry : alphas.entrySet()) {
      if (isEnd(entry.getKey(), module)) {
        own = entry.getValue();
        break;
      }
    }
    return own / (rankStabilised ? Math.sqrt(rankOfLayer) : rankOfLayer);
  }

  /** The rank that a layer is to have. */
  int rank(String module) {
    for (Map.Entry<String, Integer> entry : ranks.entrySet()) {
      if (isEnd(entry.getKey(), module)) {
        return entry.getValue();
      }
    }
    return rank;
  }

  /** Whether a layer is one of the targets, where these are names. */
  boolean isTarget(String module) {
    return targets.isEmpty() || targets.stream().anyMatch(target -> isEnd(target, module));
  }

  private static boolean isEnd(String end, String module) {
    return module.equals(end) || module.endsWith("." + end);
  }

  private static EngineException bad(Path file, String where, String allowed) {
    return new EngineException(
        "peft-bad-config",
        "an adapter's configuration is not as PEFT writes it",
        file + ": " + where,
        allowed,
        "save the adapter again");
  }

  private static EngineException unsupported(
      Path file, String where, String allowed, String action) {
    return new EngineException(
        "peft-unsupported",
        "an adapter does more than add two small matrices to weights",
        file + ": " + where,
        allowed,
        action);
  }
}
