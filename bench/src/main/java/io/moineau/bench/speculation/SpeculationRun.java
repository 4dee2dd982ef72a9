package io.moineau.bench.speculation;

import com.sun.management.OperatingSystemMXBean;
import io.moineau.Answer;
import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.Sampling;
import io.moineau.Speculation;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What drafts give: generation with and without, in turns in one run, on a text that repeats what
 * stands in the prompt, as an edit of a text does, and on one that does not. Arguments: the
 * speculation (auto), a GGUF file (the built-in model), rounds (9), tokens per answer (96).
 *
 * <p>The tokens of both must be the same, or it says at which one they part. Beside tokens per
 * second it tells the cpu time of answers, which other programs on the machine disturb less.
 */
public final class SpeculationRun {
  private static final String STORY =
      "Once there was a small brown sparrow who lived under the roof of an old mill. Every morning"
          + " it flew down to the river to drink, and every evening it came back to its nest of"
          + " straw and feathers. One day the wind blew so hard that the nest fell into the grass."
          + " The sparrow looked at it for a long time, and then it began to build another.\n";

  private final Moineau plain;
  private final Moineau drafting;
  private final int rounds;
  private final Sampling sampling;

  private SpeculationRun(Moineau plain, Moineau drafting, int rounds, int tokens) {
    this.plain = plain;
    this.drafting = drafting;
    this.rounds = rounds;
    this.sampling = Sampling.greedy().withMaxTokens(tokens).withIgnoreEos(true);
  }

  /** The main. */
  public static void main(String[] args) {
    Speculation how =
        Speculation.valueOf((args.length > 0 ? args[0] : "auto").toUpperCase(Locale.ROOT));
    Path file = args.length > 1 && !args[1].isEmpty() ? Path.of(args[1]) : null;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 9;
    int tokens = args.length > 3 ? Integer.parseInt(args[3]) : 96;
    ModelOptions options = ModelOptions.defaults();
    ModelOptions off = options.withSpeculation(Speculation.NONE);
    ModelOptions on = options.withSpeculation(how);
    try (Moineau plain = file == null ? Moineau.openDefault(off) : Moineau.open(file, off);
        Moineau drafting = file == null ? Moineau.openDefault(on) : Moineau.open(file, on)) {
      System.out.printf(
          Locale.ROOT,
          "%s, %s, %s, %d threads; %d rounds of %d tokens, greedy; drafts: %s%n",
          plain.card().name(),
          plain.card().quantization(),
          plain.card().provider(),
          plain.card().threads(),
          rounds,
          tokens,
          how);
      SpeculationRun run = new SpeculationRun(plain, drafting, rounds, tokens);
      run.compare("repeats", STORY + STORY + STORY.substring(0, 110));
      run.compare("free", "Once upon a time there was");
    }
  }

  private void compare(String name, String prompt) {
    double[] without = new double[rounds];
    double[] with = new double[rounds];
    double[] ratios = new double[rounds];
    List<Answer> answers = new ArrayList<>();
    double cpuWithout = 0;
    double cpuWith = 0;
    for (int i = -2; i < rounds; i++) {
      boolean first = i % 2 == 0;
      long start = cpuNanos();
      Answer a = (first ? plain : drafting).complete(prompt, sampling);
      long between = cpuNanos();
      Answer b = (first ? drafting : plain).complete(prompt, sampling);
      long end = cpuNanos();
      Answer off = first ? a : b;
      Answer on = first ? b : a;
      if (!off.tokens().equals(on.tokens())) {
        int at = 0;
        while (off.tokens().get(at).equals(on.tokens().get(at))) {
          at++;
        }
        System.out.println(name + ": other tokens from the " + (at + 1) + "th on");
      }
      if (i >= 0) {
        without[i] = off.timings().decodeTokensPerSecond();
        with[i] = on.timings().decodeTokensPerSecond();
        ratios[i] = with[i] / without[i];
        cpuWithout += first ? between - start : end - between;
        cpuWith += first ? end - between : between - start;
        answers.add(on);
      }
    }
    Arrays.sort(ratios);
    int drafted = answers.stream().mapToInt(answer -> answer.timings().draftedTokens()).sum();
    int accepted = answers.stream().mapToInt(answer -> answer.timings().acceptedTokens()).sum();
    System.out.printf(
        Locale.ROOT,
        "%-8s %8.1f tokens/s without, %8.1f with; ratio of a round %.2f (%.2f to %.2f); cpu time"
            + " %.2f times; %d of %d"
            + " drafted kept, of %d tokens%n",
        name,
        median(without),
        median(with),
        ratios[rounds / 2],
        ratios[rounds / 4],
        ratios[rounds - 1 - rounds / 4],
        cpuWith / cpuWithout,
        accepted,
        drafted,
        answers.stream().mapToInt(answer -> answer.tokens().size()).sum());
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
