package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Kind;
import io.moineau.plan.chips.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What is to be planned.
 *
 * @param model that is served
 * @param weights their type
 * @param kv type of keys and values, or of what stands for them
 * @param device the chip
 * @param count how many chips there are
 * @param workload what each request is like
 * @param limits what users are promised
 * @param acceptedDrafts tokens that a step of decoding yields for a sequence; 1 without drafts
 *     (multi-token prediction, speculation)
 * @param usdPerChipHour what a chip costs in an hour
 * @param usdPerKwh what energy costs where the price of a chip is without it
 */
public record Question(
    ModelShape model,
    WeightType weights,
    WeightType kv,
    Device device,
    int count,
    Workload workload,
    Limits limits,
    double acceptedDrafts,
    OptionalDouble usdPerChipHour,
    OptionalDouble usdPerKwh) {
  private static final int MOST_CHIPS = 1_000_000;
  private static final double MOST_DRAFTS = 16;
  private static final double WEIGHTS_SHARE =
      0.88; // of all memory; the rest is for everything else

  /** Checks what no chip could answer. */
  public Question {
    Objects.requireNonNull(model, "model");
    check(
        count >= 1 && count <= MOST_CHIPS,
        "a wrong number of chips",
        String.valueOf(count),
        "1 to " + MOST_CHIPS);
    check(
        acceptedDrafts >= 1 && acceptedDrafts <= MOST_DRAFTS,
        "a wrong number of tokens for each step",
        String.valueOf(acceptedDrafts),
        "1 (no drafts) to " + (int) MOST_DRAFTS);
    check(
        usdPerChipHour.orElse(0) >= 0 && usdPerKwh.orElse(0) >= 0,
        "a price below nothing",
        usdPerChipHour + ", " + usdPerKwh,
        "0 or more");
  }

  private static void check(boolean right, String what, String where, String allowed) {
    if (!right) {
      throw new PlanException("plan-bad-question", what, where, allowed, "");
    }
  }

  /** A question with the usual choices for all that is not set. */
  public static Builder of(ModelShape model, Device device, int count) {
    return new Builder(model, device, count);
  }

  /** A builder with everything as it is here. */
  public Builder toBuilder() {
    return new Builder(model, device, count)
        .weights(weights)
        .kv(kv)
        .workload(workload)
        .limits(limits)
        .acceptedDrafts(acceptedDrafts)
        .usdPerChipHour(usdPerChipHour)
        .usdPerKwh(usdPerKwh);
  }

  /** The same with other weights. */
  public Question withWeights(WeightType other) {
    return toBuilder().weights(other).build();
  }

  /** The same with another number of chips. */
  public Question withCount(int other) {
    Builder builder = toBuilder();
    builder.count = other;
    return builder.build();
  }

  /** The same with other requests. */
  public Question withWorkload(Workload other) {
    return toBuilder().workload(other).build();
  }

  /** The same with other limits. */
  public Question withLimits(Limits other) {
    return toBuilder().limits(other).build();
  }

  /** The same with another chip. */
  public Question withDevice(Device other) {
    Builder builder = toBuilder();
    builder.device = other;
    return builder.build();
  }

  /** Bytes of all weights, each once. */
  public double weightBytes() {
    return weightBytes(model, weights);
  }

  static double weightBytes(ModelShape model, WeightType type) {
    double routed = model.routedParameters();
    return routed * type.bytesPerParameter() + (model.parameters() - routed) * rest(model, type);
  }

  /** Bytes of a weight outside the routed experts. */
  static double rest(ModelShape model, WeightType type) {
    return model.experts().isPresent() ? type.restBytesPerParameter() : type.bytesPerParameter();
  }

  /** Tokens that a step of decoding computes for a sequence: what is accepted, and one beyond. */
  double tokensPerStep() {
    return acceptedDrafts > 1 ? Math.floor(acceptedDrafts) + 1 : 1;
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("model", model.name());
    json.put("weights", weights.name());
    json.put("kv", kv.name());
    json.put("chip", device.name());
    json.put("count", count);
    json.putAll(workload.json());
    json.putAll(limits.json());
    json.put("accepted_drafts", acceptedDrafts);
    json.put("usd_per_chip_hour", Range.plain(usdPerChipHour.orElse(Double.NaN)));
    json.put("usd_per_kwh", Range.plain(usdPerKwh.orElse(Double.NaN)));
    return json;
  }

  /** Collects what differs from the usual. */
  public static final class Builder {
    private final ModelShape model;
    private Device device;
    private int count;
    private Optional<WeightType> weights = Optional.empty();
    private Optional<WeightType> kv = Optional.empty();
    private Workload workload = new Workload(1024, 1024);
    private Limits limits = Limits.NONE;
    private double acceptedDrafts = 1;
    private OptionalDouble usdPerChipHour = OptionalDouble.empty();
    private OptionalDouble usdPerKwh = OptionalDouble.empty();

    private Builder(ModelShape model, Device device, int count) {
      this.model = model;
      this.device = device;
      this.count = count;
    }

    /** Type of weights; otherwise the widest of those that the chip is fast in and that fit. */
    public Builder weights(WeightType type) {
      weights = Optional.of(type);
      return this;
    }

    /** Type of keys and values; otherwise 8 bits with weights of at most 8 bits, and bf16. */
    public Builder kv(WeightType type) {
      kv = Optional.of(type);
      return this;
    }

    /** Requests; otherwise 1024 tokens in and 1024 out. */
    public Builder workload(Workload requests) {
      workload = requests;
      return this;
    }

    /** Limits; otherwise none. */
    public Builder limits(Limits promised) {
      limits = promised;
      return this;
    }

    /** Tokens for each step; otherwise 1. */
    public Builder acceptedDrafts(double tokens) {
      acceptedDrafts = tokens;
      return this;
    }

    /** Price of a chip for an hour. */
    public Builder usdPerChipHour(OptionalDouble price) {
      usdPerChipHour = price;
      return this;
    }

    /** Price of energy. */
    public Builder usdPerKwh(OptionalDouble price) {
      usdPerKwh = price;
      return this;
    }

    /** The question. */
    public Question build() {
      WeightType type = weights.orElseGet(this::usualWeights);
      return new Question(
          model,
          type,
          kv.orElseGet(() -> usualKv(type)),
          device,
          count,
          workload,
          limits,
          acceptedDrafts,
          usdPerChipHour,
          usdPerKwh);
    }

    private WeightType usualWeights() {
      List<String> names;
      if (device.kind() == Kind.CPU) {
        names = List.of("q8_0", "q4_k_m", "iq2_m");
      } else if (device.has(Precision.FP8)) {
        names = List.of("fp8", device.has(Precision.FP4) ? "fp4" : "int4");
      } else if (device.has(Precision.INT8)) {
        names = List.of("int8", "int4");
      } else {
        names = List.of("bf16", "int4");
      }
      double room = WEIGHTS_SHARE * device.memoryBytes() * count;
      for (String name : names) {
        WeightType type = WeightType.of(name);
        if (weightBytes(model, type) <= room) {
          return type;
        }
      }
      return WeightType.of(names.getFirst());
    }

    private WeightType usualKv(WeightType type) {
      boolean small = type.bytesPerParameter() <= 1 && device.kind() != Kind.CPU;
      return WeightType.of(!small ? "bf16" : device.has(Precision.FP8) ? "fp8" : "int8");
    }
  }
}
