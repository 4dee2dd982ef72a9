package io.moineau.plan.capacity;

import java.util.Locale;

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

  /** How young an architecture was, {@code months} after it came out. */
  static double youth(double months) {
    return Math.clamp(1 - months / MATURE, 0, 1);
  }
}
