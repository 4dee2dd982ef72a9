package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The program that serves a model, as far as it changes what chips reach.
 *
 * @param kind what sort of program
 * @param youth 1 when the architecture of the chips has just come out, 0 from a year and a half
 *     after: kernels for experts catch up meanwhile
 */
public record Software(Kind kind, double youth) {
  /** Months after which an architecture is no longer young. */
  static final double MATURE = 18;

  /** Parts of names of programs that are made for a model or by a maker of chips. */
  private static final List<String> MADE_FOR_ONE =
      List.of(
          "tensorrt", "trt", "mlperf", "deepseek", "cloudmatrix", "flexnpu", "synapse", "mindie");

  /** Sorts of programs. */
  public enum Kind {
    /** Made for one model on one sort of chip: by the chip's maker, or for a record. */
    TUNED,
    /** A program for many models and chips: SGLang, vLLM. */
    GENERAL,
    /** A port whose host starts each operator on its own: what PyTorch does without graphs. */
    EAGER
  }

  /** A program for many models, on chips that it knows well: what is assumed if nothing is said. */
  public static final Software USUAL = new Software(Kind.GENERAL, 0);

  /** Checks the range. */
  public Software {
    if (!(youth >= 0 && youth <= 1)) {
      throw new IllegalArgumentException("youth must be 0 to 1: " + youth);
    }
  }

  /**
   * The sort of an engine by its name.
   *
   * @param engine such as {@code SGLang + Dynamo}; empty if it is not known
   */
  static Kind kindOf(String engine) {
    String name = engine.toLowerCase(Locale.ROOT);
    if (name.contains("vllm-ascend") || name.contains("vllm-kunlun")) {
      return Kind.EAGER;
    }
    boolean general =
        name.contains("sglang") || name.contains("vllm") || name.contains("best of stack");
    return general ? Kind.GENERAL : Kind.TUNED;
  }

  /**
   * The program of a name, as it was on a date.
   *
   * @param engine a sort ({@code general}, {@code tuned}, {@code eager}) or a program such as
   *     {@code SGLang}, {@code TensorRT-LLM} or {@code vllm-ascend}; what is not known is taken as
   *     general
   * @param date such as {@code 2025-09} or {@code 2025-09-15}; empty for software that knows the
   *     chip well
   * @throws PlanException {@code plan-bad-question} for what is no date
   */
  public static Software of(String engine, String date, Chip chip, Catalogue catalogue) {
    if (date.isEmpty()) {
      return of(engine);
    }
    Kind kind = sort(engine);
    OptionalDouble then = Replay.months(date);
    if (then.isEmpty()) {
      throw new PlanException(
          "plan-bad-question",
          "this is no date",
          "'" + date + "'",
          "a year, a month or a day: 2025, 2025-09, 2025-09-15",
          "give the day that the programs are of, or leave it out for software of today");
    }
    double first = Double.POSITIVE_INFINITY;
    for (Chip other : catalogue.chips()) {
      if (Replay.generation(other).equals(Replay.generation(chip))) {
        first = Math.min(first, Replay.months(other.launch()).orElse(first));
      }
    }
    return new Software(kind, Double.isFinite(first) ? youth(then.getAsDouble() - first) : 0);
  }

  /** The same, on chips that it knows well. */
  public static Software of(String engine) {
    return new Software(sort(engine), 0);
  }

  private static Kind sort(String engine) {
    String name = engine.toLowerCase(Locale.ROOT);
    for (Kind kind : Kind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
        return kind;
      }
    }
    Kind kind = kindOf(name);
    boolean known = kind != Kind.TUNED || MADE_FOR_ONE.stream().anyMatch(name::contains);
    return known ? kind : USUAL.kind();
  }

  /** How young an architecture was, {@code months} after it came out. */
  static double youth(double months) {
    return Math.clamp(1 - months / MATURE, 0, 1);
  }
}
