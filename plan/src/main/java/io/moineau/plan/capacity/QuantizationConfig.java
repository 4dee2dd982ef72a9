package io.moineau.plan.capacity;

import io.moineau.plan.yaml.YamlSection;
import java.util.Locale;
import java.util.Optional;

/** What a {@code quantization_config} of Hugging Face says of the weights' type. */
final class QuantizationConfig {
  private QuantizationConfig() {}

  /** The name of a {@link WeightType}; empty where the method is not known. */
  static Optional<String> type(YamlSection config) {
    String method = config.text("quant_method", "").toLowerCase(Locale.ROOT);
    return switch (method) {
      case "fp8", "fbgemm_fp8" -> Optional.of("fp8");
      case "mxfp4" -> Optional.of("mxfp4");
      case "awq", "gptq", "auto-round", "bitsandbytes" -> bits(config);
      case "compressed-tensors" -> compressed(config);
      case "modelopt" -> modelOpt(config);
      default -> Optional.empty();
    };
  }

  private static Optional<String> bits(YamlSection config) {
    int bits = config.number("bits").map(Number::intValue).orElse(0);
    boolean four = bits == 4 || config.flag("load_in_4bit").orElse(false);
    boolean eight = bits == 8 || config.flag("load_in_8bit").orElse(false);
    return four ? Optional.of("int4") : eight ? Optional.of("int8") : Optional.empty();
  }

  /** One of its groups speaks of the linear layers; all that are published have one. */
  private static Optional<String> compressed(YamlSection config) {
    if (!config.isMap("config_groups")) {
      return Optional.empty();
    }
    YamlSection groups = config.section("config_groups").orElseThrow();
    for (String name : groups.keys()) {
      Optional<YamlSection> weights =
          groups.isMap(name)
              ? groups
                  .section(name)
                  .filter(one -> one.isMap("weights"))
                  .flatMap(QuantizationConfig::weights)
              : Optional.empty();
      if (weights.isPresent()) {
        int bits = weights.get().number("num_bits").map(Number::intValue).orElse(0);
        boolean real = weights.get().text("type", "int").equals("float");
        return switch (bits) {
          case 4 -> Optional.of(real ? "nvfp4" : "int4");
          case 8 -> Optional.of(real ? "fp8" : "int8");
          default -> Optional.empty();
        };
      }
    }
    return Optional.empty();
  }

  private static Optional<YamlSection> weights(YamlSection group) {
    return group.section("weights");
  }

  private static Optional<String> modelOpt(YamlSection config) {
    String algorithm = config.text("quant_algo", "").toUpperCase(Locale.ROOT);
    return switch (algorithm) {
      case "NVFP4" -> Optional.of("nvfp4");
      case "FP8" -> Optional.of("fp8");
      default -> Optional.empty();
    };
  }
}
