package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Kind;
import io.moineau.plan.chips.Precision;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the planner needs of a chip. Of a CPU, a chip is a socket.
 *
 * @param name of the chip
 * @param kind what it is
 * @param family whose factors hold for it: {@code nvidia}, {@code amd}, {@code ascend}, {@code
 *     gaudi}, {@code cpu} or {@code other}
 * @param peaks dense peaks in operations a second; bf16 is always there
 * @param memoryBytes its memory
 * @param memoryBytesPerSecond bandwidth of it
 * @param linkBytesPerSecond of the links to other chips, one direction; 0 for none
 * @param domain chips that one fast interconnect joins
 * @param networkBytesPerSecond beyond that, one direction
 * @param watts at most; 0 where it is not known
 * @param priceUsd where the catalogue has one
 * @param numaDomains of its memory
 * @param attentionGain how much faster attention is than arithmetic alone would make it: 1, or more
 *     where the unit for exponentials was enlarged
 * @param assumptions what was taken where the catalogue has no figure
 */
public record Device(
    String name,
    Kind kind,
    String family,
    Map<Precision, Double> peaks,
    double memoryBytes,
    double memoryBytesPerSecond,
    double linkBytesPerSecond,
    int domain,
    double networkBytesPerSecond,
    double watts,
    Optional<Double> priceUsd,
    int numaDomains,
    double attentionGain,
    List<String> assumptions) {
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;

  /** Makes its own copies. */
  public Device {
    peaks = java.util.Collections.unmodifiableMap(new EnumMap<>(peaks));
    assumptions = List.copyOf(assumptions);
    if (!peaks.containsKey(Precision.BF16) || domain < 1 || numaDomains < 1) {
      throw new IllegalArgumentException("a peak in bf16, domain >= 1, numaDomains >= 1: " + name);
    }
  }

  /**
   * The figures of a chip of the catalogue.
   *
   * @throws PlanException {@code plan-missing-figure} where it has no peak, memory or bandwidth
   */
  public static Device of(Chip chip) {
    return new Reader(chip).device();
  }

  /** Operations a second in a type; of one that it has not, in bf16, which every chip has. */
  public double peak(Precision precision) {
    double common = peaks.getOrDefault(Precision.BF16, 0.0);
    Double own = peaks.get(precision);
    if (own == null && precision == Precision.FP4) {
      own = peaks.get(Precision.FP8);
    }
    return own == null ? common : Math.max(own, common);
  }

  /** Whether a type's arithmetic is faster than bf16 here. */
  boolean has(Precision precision) {
    Double own = peaks.get(precision);
    return own != null && own > peaks.getOrDefault(Precision.BF16, 0.0);
  }

  /** The same with other bandwidth and peaks: for what-if questions and tests. */
  public Device scaled(double peak, double bandwidth) {
    Map<Precision, Double> more = new EnumMap<>(Precision.class);
    peaks.forEach((precision, value) -> more.put(precision, value * peak));
    return new Device(
        name,
        kind,
        family,
        more,
        memoryBytes,
        memoryBytesPerSecond * bandwidth,
        linkBytesPerSecond,
        domain,
        networkBytesPerSecond,
        watts,
        priceUsd,
        numaDomains,
        attentionGain,
        assumptions);
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("family", family);
    Map<String, Object> rates = new LinkedHashMap<>();
    peaks.forEach((precision, value) -> rates.put(precision.key(), value));
    json.put("peak_flops", rates);
    json.put("memory_bytes", memoryBytes);
    json.put("memory_bytes_per_second", memoryBytesPerSecond);
    json.put("link_bytes_per_second", linkBytesPerSecond);
    json.put("domain", domain);
    json.put("network_bytes_per_second", networkBytesPerSecond);
    json.put("watts", watts > 0 ? watts : null);
    json.put("price_usd", priceUsd.orElse(null));
    json.put("numa_domains", numaDomains);
    return json;
  }

  /** Takes figures out of a row, and says what it assumed. */
  private static final class Reader {
    private final Chip chip;
    private final DeviceDefaults defaults;
    private final List<String> assumptions = new ArrayList<>();

    Reader(Chip chip) {
      this.chip = chip;
      if (chip.kind() == Kind.SYSTEM || chip.kind() == Kind.STORAGE) {
        throw new PlanException(
            "plan-no-chip",
            "this row of the catalogue is no chip that computes alone",
            chip.name() + " is a " + chip.kind().name().toLowerCase(Locale.ROOT),
            "a GPU, NPU, accelerator or CPU",
            "name the chip in it, and how many");
      }
      defaults = DeviceDefaults.of(chip.kind());
    }

    Device device() {
      Map<Precision, Double> peaks = peaks();
      double memory =
          chip.kind() == Kind.CPU
              ? optional(Chip.Field.MEMORY_GB, defaults.memoryGb())
              : required(Chip.Field.MEMORY_GB);
      double bandwidth = required(Chip.Field.MEMORY_GBS);
      double link = optional(Chip.Field.LINK_GBS, defaults.linkGbs()) / 2; // one direction
      int domain = (int) optional(Chip.Field.LINK_DOMAIN, defaults.linkDomain());
      double network = optional(Chip.Field.NETWORK_GBS, defaults.networkGbs());
      double watts = point(Chip.Field.TDP_W).orElse(0.0);
      if (watts == 0) {
        assumptions.add("the power of " + chip.name() + " is not known: no energy is estimated");
      }
      int numa =
          chip.kind() == Kind.CPU ? point(Chip.Field.NUMA_DOMAINS).orElse(1.0).intValue() : 1;
      return new Device(
          chip.name(),
          chip.kind(),
          family(),
          peaks,
          memory * GIGA,
          bandwidth * GIGA,
          link * GIGA,
          Math.max(1, domain),
          network * GIGA,
          watts,
          point(Chip.Field.PRICE_USD),
          Math.max(1, numa),
          point(Chip.Field.ATTENTION_GAIN).orElse(1.0),
          assumptions);
    }

    private String family() {
      if (chip.kind() == Kind.CPU) {
        return "cpu";
      }
      String vendor = chip.vendor().toLowerCase(Locale.ROOT);
      return switch (vendor.split("[^a-z]")[0]) {
        case "nvidia" -> "nvidia";
        case "amd" -> "amd";
        case "huawei" -> "ascend";
        case "intel" -> "gaudi";
        default -> "other";
      };
    }

    private Map<Precision, Double> peaks() {
      Map<Precision, Double> peaks = new EnumMap<>(Precision.class);
      chip.peaks()
          .forEach(
              (precision, figure) -> peaks.put(precision, middle(figure, precision.key()) * TERA));
      if (!peaks.containsKey(Precision.BF16)) {
        peaks.put(Precision.BF16, instead(peaks));
      }
      return peaks;
    }

    /** A chip without bf16 computes in fp16; where that is not known, at half of its 8-bit rate. */
    private double instead(Map<Precision, Double> peaks) {
      Double half = peaks.get(Precision.FP16);
      if (half != null) {
        return half;
      }
      for (Precision eight : new Precision[] {Precision.FP8, Precision.INT8}) {
        Double known = peaks.get(eight);
        if (known != null) {
          assumptions.add(
              "the peak of " + chip.name() + " in bf16 is taken as half of that in " + eight.key());
          return known / 2;
        }
      }
      throw missing("a peak in bf16, fp16, fp8 or int8", "peak");
    }

    private double required(Chip.Field field) {
      return point(field).orElseThrow(() -> missing(field.key(), field.key()));
    }

    private double optional(Chip.Field field, double otherwise) {
      Optional<Double> known = point(field);
      if (known.isEmpty()) {
        assumptions.add(
            field.key()
                + " of "
                + chip.name()
                + " is not in the catalogue: "
                + BigDecimal.valueOf(otherwise).stripTrailingZeros().toPlainString()
                + " "
                + field.unit()
                + " is assumed");
      }
      return known.orElse(otherwise);
    }

    private Optional<Double> point(Chip.Field field) {
      return chip.figure(field).map(figure -> middle(figure, field.key()));
    }

    private double middle(Figure figure, String key) {
      if (figure.value().isPresent()) {
        return figure.value().get().doubleValue();
      }
      BigDecimal middle = figure.low().add(figure.high()).divide(BigDecimal.TWO);
      assumptions.add(
          key + " of " + chip.name() + " is disputed (" + figure.text() + "): the middle is taken");
      return middle.doubleValue();
    }

    private PlanException missing(String what, String key) {
      return new PlanException(
          "plan-missing-figure",
          "the catalogue lacks a figure that an estimate needs",
          chip.name() + ": " + what,
          "a number",
          "give a file with this chip's name and " + key + " by --catalogue DIR");
    }
  }
}
