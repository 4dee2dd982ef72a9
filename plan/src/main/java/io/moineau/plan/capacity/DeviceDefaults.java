package io.moineau.plan.capacity;

import io.moineau.plan.chips.Kind;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * What is taken for a kind of chip where the catalogue has no figure.
 *
 * @param memoryGb 10^9 bytes
 * @param linkGbs 10^9 bytes a second, both directions
 * @param linkDomain chips
 * @param networkGbs 10^9 bytes a second, one direction
 */
record DeviceDefaults(double memoryGb, double linkGbs, double linkDomain, double networkGbs) {
  static DeviceDefaults of(Kind kind) {
    return Objects.requireNonNull(Known.BY_KIND.get(kind), () -> "no defaults for " + kind);
  }

  /** Read when the first is asked for. */
  private static final class Known {
    static final Map<Kind, DeviceDefaults> BY_KIND = new EnumMap<>(Kind.class);

    static {
      YamlSection file = YamlFile.resource("device-defaults.yaml");
      file.has("moineau-device-defaults");
      file.has("version");
      for (YamlSection row : file.sections("kinds")) {
        BY_KIND.put(
            row.requiredChoice("kind", Kind.class),
            new DeviceDefaults(
                row.number("memory_gb").orElseThrow().doubleValue(),
                row.number("link_gbs").orElseThrow().doubleValue(),
                row.number("link_domain").orElseThrow().doubleValue(),
                row.number("network_gbs").orElseThrow().doubleValue()));
        row.end();
      }
      file.end();
    }
  }
}
