package io.moineau.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** What was measured, of all files and programs, for table, JSON and chart. */
final class Comparison {
  /** Units of figures, and which way is better. */
  enum Unit {
    /** More is better. */
    TOKENS_PER_SECOND("tokens/s", true),
    /** Less is better. */
    SECONDS("s", false),
    /** Less is better. */
    GIGABYTES("GB", false);

    private final String label;
    private final boolean moreIsBetter;

    Unit(String label, boolean moreIsBetter) {
      this.label = label;
      this.moreIsBetter = moreIsBetter;
    }

    String label() {
      return label;
    }
  }

  /** What bounds a work in the end. */
  enum Limit {
    /** Nothing that was measured. */
    NONE,
    /** How fast weights are read. */
    MEMORY,
    /** How fast is multiplied and added. */
    ARITHMETIC;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One program's figures of one work with one file.
   *
   * @param samples one per round
   * @param discarded repetitions that did not count, since others took the processor
   * @param disturbed samples that count although others took it, since no better one was had
   * @param limit what bounds it in the end
   * @param perToken bytes or operations per token that the limit is about; 0 where it has none
   */
  record Figure(
      String model,
      String work,
      String program,
      Unit unit,
      List<Double> samples,
      int discarded,
      int disturbed,
      Limit limit,
      double perToken) {
    Figure {
      samples = List.copyOf(samples);
    }

    double median() {
      return Comparison.median(samples);
    }

    /** Share of what the machine can do; empty where no limit is known. */
    OptionalDouble share(MachineFacts machine) {
      double most =
          switch (limit) {
            case NONE -> 0;
            case MEMORY -> machine.gigabytesPerSecond();
            case ARITHMETIC -> machine.gigaoperationsPerSecond();
          };
      return most > 0 && perToken > 0
          ? OptionalDouble.of(median() * perToken / (1e9 * most))
          : OptionalDouble.empty();
    }
  }

  /**
   * A program with a file.
   *
   * @param setting how it ran, as it says itself
   */
  record Setting(String model, String program, String setting) {}

  /**
   * A program that was not measured with a file.
   *
   * @param failed whether it should have been
   */
  record Gap(String model, String program, String reason, boolean failed) {}

  /**
   * How many times better Moineau is than a peer.
   *
   * @param ratio of the medians
   * @param lowest of the rounds, each compared with its own
   * @param highest of the rounds
   */
  record Ratio(double ratio, double lowest, double highest) {
    static Ratio of(Figure ours, Figure theirs) {
      double lowest = Double.POSITIVE_INFINITY;
      double highest = 0;
      for (int i = 0; i < Math.min(ours.samples().size(), theirs.samples().size()); i++) {
        double one = ratio(ours.unit(), ours.samples().get(i), theirs.samples().get(i));
        lowest = Math.min(lowest, one);
        highest = Math.max(highest, one);
      }
      return new Ratio(ratio(ours.unit(), ours.median(), theirs.median()), lowest, highest);
    }

    private static double ratio(Unit unit, double ours, double theirs) {
      return unit.moreIsBetter ? ours / theirs : theirs / ours;
    }
  }

  private final List<Figure> figures = new ArrayList<>();
  private final List<Setting> settings = new ArrayList<>();
  private final List<Gap> gaps = new ArrayList<>();

  /** The middle one, or the mean of the two in the middle. */
  static double median(List<Double> samples) {
    List<Double> sorted = samples.stream().sorted().toList();
    int n = sorted.size();
    return n % 2 == 1 ? sorted.get(n / 2) : (sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2;
  }

  void add(Figure figure) {
    figures.add(figure);
  }

  void add(Setting setting) {
    settings.add(setting);
  }

  void add(Gap gap) {
    gaps.add(gap);
  }

  List<Figure> figures() {
    return List.copyOf(figures);
  }

  List<Setting> settings() {
    return List.copyOf(settings);
  }

  List<Gap> gaps() {
    return List.copyOf(gaps);
  }

  boolean failed() {
    return gaps.stream().anyMatch(Gap::failed);
  }

  /** Moineau's figure of the same work with the same file. */
  Optional<Figure> ours(Figure theirs) {
    return figures.stream()
        .filter(figure ->
            figure.program().equals(MoineauContestant.NAME)
                && figure.model().equals(theirs.model())
                && figure.work().equals(theirs.work()))
        .findFirst();
  }
}
