package io.moineau.bench.serve;

import java.util.Random;

/**
 * How many tokens prompts or answers have: always the same ({@code 128}), evenly between two
 * ({@code 64-512}), or around a median with a long tail, as people's are ({@code ~200}: log-normal,
 * sigma 0.7).
 *
 * @param least tokens, or the median where {@code tail}
 * @param most tokens
 */
record Lengths(int least, int most, boolean tail) {
  private static final double SIGMA = 0.7;
  private static final int LONGEST = 1 << 17;

  /** Reads one of the forms above. */
  static Lengths parse(String option, String text) {
    try {
      if (text.startsWith("~")) {
        int median = Integer.parseInt(text.substring(1));
        return checked(option, text, new Lengths(median, 8 * median, true));
      }
      int dash = text.indexOf('-');
      int least = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
      int most = dash < 0 ? least : Integer.parseInt(text.substring(dash + 1));
      return checked(option, text, new Lengths(least, most, false));
    } catch (NumberFormatException e) {
      throw wrong(option, text);
    }
  }

  private static Lengths checked(String option, String text, Lengths lengths) {
    if (lengths.least < 1 || lengths.most < lengths.least || lengths.most > LONGEST) {
      throw wrong(option, text);
    }
    return lengths;
  }

  private static ServeBenchException wrong(String option, String text) {
    return ServeBenchException.usage(
        "not a number of tokens", option + " " + text, "128, 64-512 or ~200, up to " + LONGEST);
  }

  /** One of them. */
  int next(Random random) {
    return tail
        ? (int) Math.clamp(Math.round(least * Math.exp(SIGMA * random.nextGaussian())), 1, most)
        : random.nextInt(least, most + 1);
  }

  @Override
  public String toString() {
    return tail ? "~" + least : least == most ? "" + least : least + "-" + most;
  }
}
