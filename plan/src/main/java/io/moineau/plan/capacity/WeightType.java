package io.moineau.plan.capacity;

import io.moineau.plan.Nearest;
import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Precision;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A type that weights, or keys and values, are stored in.
 *
 * @param name such as {@code fp8} or {@code q4_k_m}
 * @param bytesPerParameter on average, scales included
 * @param arithmetic what products run in on chips that have it
 * @param restBytesPerParameter of what a model with experts keeps outside its routed experts, as
 *     some types are only for those
 */
public record WeightType(
    String name, double bytesPerParameter, Precision arithmetic, double restBytesPerParameter) {
  private static final double BITS = 8;

  /** Everything has the type. */
  public WeightType(String name, double bytesPerParameter, Precision arithmetic) {
    this(name, bytesPerParameter, arithmetic, bytesPerParameter);
  }

  /**
   * The type of a name; capitals, hyphens and underscores do not matter.
   *
   * @throws PlanException {@code plan-unknown-weight-type}, with the names there are
   */
  public static WeightType of(String name) {
    WeightType type = Known.BY_NAME.get(key(name));
    if (type == null) {
      throw new PlanException(
          "plan-unknown-weight-type",
          "no type of weights has this name",
          "'" + name + "'",
          "nearest: " + String.join(", ", nearest(name)) + " (" + Known.ALL.size() + " in all)",
          "name one of them");
    }
    return type;
  }

  /** All types, in the order of their file. */
  public static List<WeightType> all() {
    return Known.ALL;
  }

  private static List<String> nearest(String name) {
    return Nearest.of(name, Known.ALL, type -> List.of(type.name()), 5).stream()
        .map(WeightType::name)
        .toList();
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** Read when the first type is asked for. */
  private static final class Known {
    static final Map<String, WeightType> BY_NAME = new LinkedHashMap<>();
    static final List<WeightType> ALL = read();

    private static List<WeightType> read() {
      List<WeightType> all = new ArrayList<>();
      YamlSection file = YamlFile.resource("weight-types.yaml");
      file.has("moineau-weight-types");
      file.has("version");
      for (YamlSection row : file.sections("types")) {
        double bytes = row.number("bits").orElseThrow().doubleValue() / BITS;
        double rest = row.number("rest").map(BigDecimal::doubleValue).orElse(bytes * BITS) / BITS;
        WeightType type =
            new WeightType(
                row.text("name"), bytes, row.requiredChoice("arithmetic", Precision.class), rest);
        all.add(type);
        BY_NAME.put(key(type.name()), type);
        row.texts("aliases").forEach(alias -> BY_NAME.put(key(alias), type));
        row.end();
      }
      file.end();
      return List.copyOf(all);
    }
  }
}
