package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads layouts as {@link Layout#text} writes them, and shorter: {@code TP8 x DP2, EP16}; {@code
 * tp8 ep16}; {@code TP8 x DP4, EP32, prefill and decode apart (16 + 32; prefill TP8 x DP2, EP16)}.
 */
public final class LayoutText {
  private enum Degree {
    TP,
    PP,
    EP,
    DP
  }

  private static final String ALLOWED =
      "TP, PP, DP and EP, each with a number: TP8 x DP2, EP16; with prompts on chips of their own:"
          + " TP8 x DP2, EP16 apart (16 + 16), or apart (16 + 16; prefill TP16)";

  private static final Pattern APART =
      Pattern.compile(
          "(.*?),?\\s*(?:prefill and decode )?apart\\s*"
              + "\\(\\s*([0-9]{1,7})\\s*\\+\\s*([0-9]{1,7})\\s*(?:;\\s*prefill (.*))?\\)");

  private static final Pattern PART = Pattern.compile("(tp|pp|ep|dp)\\s*([0-9]{1,6})");
  private static final Pattern BETWEEN = Pattern.compile("[\\s,x*+]*");

  private LayoutText() {}

  /**
   * The layout that a text means. A number of data groups that is not given follows from the number
   * of chips.
   *
   * @param text such as {@code TP8 x DP2, EP16}
   * @param chips in all
   * @throws PlanException {@code plan-bad-layout}
   */
  public static Layout parse(String text, int chips) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    Matcher apart = APART.matcher(lower);
    if (!apart.matches()) {
      return Layout.together(parallel(lower, text, chips));
    }
    int prefillChips = Integer.parseInt(apart.group(2));
    int decodeChips = Integer.parseInt(apart.group(3));
    if (prefillChips + decodeChips != chips) {
      throw bad(
          text + ", which is " + (prefillChips + decodeChips) + " chips", "as many as --count");
    }
    Parallel decode = parallel(apart.group(1), text, decodeChips);
    if (apart.group(4) != null) {
      return Layout.apart(parallel(apart.group(4), text, prefillChips), decode);
    }
    return new Layout(
        decode.tensor(),
        decode.pipeline(),
        decode.expert(),
        decode.data(),
        true,
        prefillChips,
        decodeChips);
  }

  private static Parallel parallel(String text, String whole, int chips) {
    Map<Degree, Integer> degrees = new EnumMap<>(Degree.class);
    Matcher part = PART.matcher(text);
    int end = 0;
    while (part.find()) {
      Degree degree = Degree.valueOf(part.group(1).toUpperCase(Locale.ROOT));
      boolean isFirst = degrees.put(degree, Integer.parseInt(part.group(2))) == null;
      if (!isFirst || !BETWEEN.matcher(text.substring(end, part.start())).matches()) {
        throw bad("'" + whole + "'", ALLOWED);
      }
      end = part.end();
    }
    if (degrees.isEmpty() || !BETWEEN.matcher(text.substring(end)).matches()) {
      throw bad("'" + whole + "'", ALLOWED);
    }
    int tensor = degrees.getOrDefault(Degree.TP, 1);
    int pipeline = degrees.getOrDefault(Degree.PP, 1);
    long group = Math.max(1, (long) tensor * pipeline);
    int data = degrees.getOrDefault(Degree.DP, (int) Math.max(1, chips / group));
    if (group * data != chips) {
      throw bad(
          "'" + whole + "' is " + tensor + " x " + pipeline + " x " + data + " chips",
          "TP x PP x DP = " + chips + " chips");
    }
    return new Parallel(tensor, pipeline, degrees.getOrDefault(Degree.EP, 1), data);
  }

  private static PlanException bad(String where, String allowed) {
    return new PlanException(
        "plan-bad-layout",
        "the layout cannot be used",
        where,
        allowed,
        "leave it out: the best one is searched");
  }
}
