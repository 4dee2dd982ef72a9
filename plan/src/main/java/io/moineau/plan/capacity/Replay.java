package io.moineau.plan.capacity;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Published measurements as questions to the planner's formulas: what a row says of its setup goes
 * in, what was measured does not, except a time per token where a row has nothing else to tell how
 * many requests were served at once. What a row leaves open is taken from {@link Benchmark}s, or as
 * this class says, by the same rules for all rows.
 */
public final class Replay {
  private static final double LARGE = 20e9; // parameters above which chips share a model
  private static final int MOST_CHIPS = 72;
  private static final double ACCEPTED = 0.65; // that the next of several drafts is right
  private static final int USUAL_DRAFTS = 3;
  private static final double PREFILL_CONTEXT = 4096; // what most rows have
  private static final double CPU_PROMPT = 512; // what llama-bench takes
  private static final double MOST_TOGETHER =
      8; // chips that cut matrices rather than spread experts

  private final Catalogue catalogue;
  private final Measurements measurements;
  private final Map<String, ModelShape> models = new LinkedHashMap<>();
  private final Map<String, Double> born = new LinkedHashMap<>();

  /** Rows of a list, with chips of a catalogue. */
  public Replay(Catalogue catalogue, Measurements measurements) {
    this.catalogue = catalogue;
    this.measurements = measurements;
    Models.standard().forEach(model -> models.put(model.name(), model));
    for (Chip chip : catalogue.chips()) {
      OptionalDouble month = months(chip.launch());
      if (month.isPresent()) {
        born.merge(generation(chip), month.getAsDouble(), Math::min);
      }
    }
  }

  /** Ultra versions and boards of an architecture run the same kernels. */
  static String generation(Chip chip) {
    return chip.vendor() + " " + chip.architecture().replaceAll(" Ultra|,.*", "");
  }

  /** Months since year 0 of a date such as {@code 2025-06-16}; July of a year alone. */
  static OptionalDouble months(String date) {
    if (!date.matches("\\d{4}(-\\d\\d.*)?")) {
      return OptionalDouble.empty();
    }
    int month = date.length() >= 7 && date.charAt(4) == '-' ? monthOf(date) : 7;
    return OptionalDouble.of(Integer.parseInt(date.substring(0, 4)) * 12 + month);
  }

  private static int monthOf(String date) {
    String month = date.substring(5, 7);
    return month.matches("0[1-9]|1[0-2]") ? Integer.parseInt(month) : 7;
  }

  /** What a row says, ready for formulas. */
  public final class Row {
    final Measurement measurement;
    final ModelShape model;
    final Device device;
    final @Nullable Device beside;
    final Software software;
    final int chips;
    final double dies; // that a chip counts as
    final WeightType weights;
    final WeightType kv;
    final double input;
    final double output;
    final double decodeContext;
    final OptionalDouble limit;
    final Optional<Benchmark> rules;
    final boolean nearlyAll; // of the requests must keep the limit
    final boolean apart;
    final double drafts;
    final double accepted;
    final boolean mayDraft;

    /** The row as it was published. */
    public Measurement measurement() {
      return measurement;
    }

    /** The family of its chips, as factors have it. */
    public String family() {
      return device.family();
    }

    private Row(Measurement row, ModelShape model, Chip chip) {
      measurement = row;
      this.model = model;
      device = Device.of(chip);
      Measurement.Setup setup = row.setup();
      Measurement.Load load = row.load();
      beside = catalogue.find(setup.beside()).map(Device::of).orElse(null);
      software = new Software(Software.kindOf(setup.engine()), youth(row, chip));
      dies = setup.perDie() ? 2 : 1;
      double usual = model.parameters() > LARGE ? Math.min(MOST_CHIPS, device.domain()) : 1;
      double given = setup.group().orElse(setup.chips().orElse(usual)) / dies;
      chips = (int) Math.max(1, Math.round(given * setup.sockets()));
      weights = WeightType.of(setup.weights().isEmpty() ? "fp8" : setup.weights());
      rules = measurements.benchmark(row);
      kv = WeightType.of(setup.kv().isEmpty() ? usualKv(rules.isPresent()) : setup.kv());
      input = load.inputTokens().orElse(rules.map(Benchmark::inputTokens).orElse(0.0));
      output =
          load.outputTokens().orElse(rules.map(Benchmark::outputTokens).orElse(1024.0)); // usual
      double spread = rules.map(Benchmark::spread).orElse(0.0);
      // Long answers are there for longer, so that the average sequence in flight is longer.
      double along = input + output / 2 * (1 + spread);
      decodeContext = load.contextTokens().orElse(input > 0 ? along : PREFILL_CONTEXT);
      OptionalDouble byRule =
          rules.isPresent() ? rules.get().limit(load.phase()) : OptionalDouble.empty();
      nearlyAll = byRule.isPresent();
      limit = nearlyAll ? byRule : reported(row);
      boolean best = setup.engine().contains("best of stack");
      apart =
          load.phase() == Measurement.Phase.END_TO_END_APART
              || best
              || setup.engine().contains("FlexNPU");
      mayDraft = load.drafting() || best;
      drafts = load.drafts().orElse(mayDraft ? USUAL_DRAFTS : 0);
      accepted = load.accepted().orElse(geometric(drafts));
    }

    /**
     * Programs keep keys and values in 16 bits unless told otherwise; who serves weights of 4 bits,
     * takes part in a benchmark or tunes for Gaudi tells them.
     */
    private String usualKv(boolean benchmark) {
      boolean narrow = weights.name().contains("fp4") || benchmark;
      return narrow || device.family().equals("gaudi") ? "fp8" : "bf16";
    }

    private double youth(Measurement row, Chip chip) {
      OptionalDouble then = months(row.date());
      Double first = born.get(generation(chip));
      return then.isEmpty() || first == null ? 0 : Software.youth(then.getAsDouble() - first);
    }
  }

  private static double geometric(double drafts) {
    return (1 - Math.pow(ACCEPTED, drafts + 1)) / (1 - ACCEPTED);
  }

  /** The time per token that users saw. */
  private static OptionalDouble reported(Measurement row) {
    Measurement.Result result = row.result();
    if (row.load().tpotLimit().isPresent()) {
      return row.load().tpotLimit();
    }
    return result.perUser().isPresent()
        ? OptionalDouble.of(1 / result.perUser().getAsDouble())
        : result.tpot();
  }

  /** A row that the formulas can be asked about; empty where it lacks what they need. */
  public Optional<Row> row(Measurement measurement) {
    if (!lacks(measurement).isEmpty()) {
      return Optional.empty();
    }
    Chip chip = catalogue.find(measurement.setup().chip()).orElseThrow();
    return Optional.of(
        new Row(
            measurement, Objects.requireNonNull(models.get(measurement.setup().model())), chip));
  }

  /** Why a row cannot be estimated; empty if it can. */
  public String lacks(Measurement row) {
    Measurement.Setup setup = row.setup();
    if (measured(row).isEmpty()) {
      return "it has no rate of a chip and no latency";
    }
    if (!models.containsKey(setup.model())) {
      return "the measures of " + setup.model() + " are not known";
    }
    if (catalogue.find(setup.chip()).isEmpty()) {
      return "the catalogue has no " + setup.chip();
    }
    boolean served =
        switch (row.load().phase()) {
          case PREFILL, PREFILL_LATENCY, DECODE, MEMORY_MODEL -> true;
          default ->
              row.load().inputTokens().isPresent() || measurements.benchmark(row).isPresent();
        };
    return served ? "" : "it does not tell the lengths of prompts and answers";
  }

  /**
   * What was measured: tokens a second of a chip (of a die, where the row counts these); 1/s of a
   * time to the first token; sequences of a chip, where only its memory is told.
   */
  public static OptionalDouble measured(Measurement row) {
    if (row.load().phase() == Measurement.Phase.PREFILL_LATENCY) {
      OptionalDouble ttft = row.result().ttft();
      return ttft.isPresent() ? OptionalDouble.of(1 / ttft.getAsDouble()) : ttft;
    }
    if (row.load().phase() == Measurement.Phase.MEMORY_MODEL) {
      return row.result().sequences();
    }
    return row.result().perChip();
  }

  /** The same as the formulas have it. */
  public double estimated(Row row, Calibration calibration) {
    Factors own = new Factors(calibration, row.device.family(), row.software);
    Factors beside =
        row.beside == null ? own : new Factors(calibration, row.beside.family(), row.software);
    return switch (row.measurement.load().phase()) {
      case PREFILL_LATENCY -> 1 / prefillSeconds(row, own, beside);
      case PREFILL -> prefill(row, own, beside) / row.dies;
      case DECODE -> decode(row, own, beside) / row.dies;
      case MEMORY_MODEL -> memory(row, own, beside);
      default -> new ReplaySearch(row, own, beside).rate() / row.dies;
    };
  }

  private static Shard shard(Row row, Parallel parallel, Factors own, Factors beside) {
    return new Shard(question(row), parallel, own, row.beside, beside);
  }

  static Question question(Row row) {
    return Question.of(row.model, row.device, row.chips)
        .weights(row.weights)
        .kv(row.kv)
        .workload(new Workload((int) Math.max(1, row.input), (int) Math.max(1, row.output)))
        .build();
  }

  /**
   * Experts over all chips and attention by sequences where many chips share a model of experts.
   */
  private static Parallel usual(Row row, double together) {
    boolean spread = row.model.experts().isPresent() && row.chips > together;
    return spread ? new Parallel(1, 1, row.chips, row.chips) : new Parallel(row.chips, 1, 1, 1);
  }

  private static double prefillSeconds(Row row, Factors own, Factors beside) {
    double batch = row.measurement.load().batch().orElse(1);
    Shard shard = shard(row, new Parallel(row.chips, 1, 1, 1), own, beside);
    return Step.prefill(shard, own, batch * row.input, row.input / 2, batch).seconds();
  }

  private static double prefill(Row row, Factors own, Factors beside) {
    boolean cpu = row.device.family().equals("cpu");
    double prompt = row.input > 0 ? row.input : cpu ? CPU_PROMPT : PREFILL_CONTEXT;
    Measurement.Load load = row.measurement.load();
    boolean counted = load.unit() == Measurement.BatchUnit.TOKENS_PER_CHIP;
    double tokens =
        cpu ? prompt : counted ? load.batch().orElse(own.prefillTokens) : own.prefillTokens;
    Parallel parallel = usual(row, MOST_TOGETHER / 2);
    double group = cpu ? tokens : tokens * parallel.tensor();
    Shard shard = shard(row, parallel, own, beside);
    Step step = Step.prefill(shard, own, group, prompt / 2, Math.max(1, group / prompt));
    double hosts = row.measurement.setup().sockets();
    return parallel.data() * group / step.seconds() / row.chips * hosts;
  }

  private static double decode(Row row, Factors own, Factors beside) {
    Parallel parallel = usual(row, MOST_TOGETHER);
    Shard shard = shard(row, parallel, own, beside);
    Measurement.Load load = row.measurement.load();
    double sequences;
    if (row.device.family().equals("cpu")) {
      sequences = load.batch().orElse(1);
    } else if (load.batch().isPresent()) {
      sequences = load.batch().getAsDouble() * parallel.tensor();
    } else {
      double most = own.sequences * parallel.tensor() / 2; // what was measured is seldom the most
      double room = ReplaySearch.room(row, shard, own, row.decodeContext * 1.25);
      sequences = Math.max(1, Math.min(most, room));
      if (row.limit.isPresent()) {
        sequences =
            ReplaySearch.largest(
                each -> seconds(row, shard, own, each), row.limit.getAsDouble(), sequences);
      }
    }
    double hosts = row.measurement.setup().sockets();
    return parallel.data() * sequences / seconds(row, shard, own, sequences) / row.chips * hosts;
  }

  private static double memory(Row row, Factors own, Factors beside) {
    Shard shard = shard(row, new Parallel(1, 1, row.chips, row.chips), own, beside);
    return ReplaySearch.room(row, shard, own, row.decodeContext);
  }

  /** Seconds until each of a group's sequences has one more token. */
  static double seconds(Row row, Shard shard, Factors own, double sequences) {
    List<Double> times = new ArrayList<>(2);
    if (!row.mayDraft) {
      times.add(drafted(row, shard, own, sequences, row.drafts, row.accepted));
    } else {
      times.add(drafted(row, shard, own, sequences, 0, 1));
      times.add(drafted(row, shard, own, sequences, row.drafts, row.accepted));
    }
    return times.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  private static double drafted(
      Row row, Shard shard, Factors own, double sequences, double drafts, double accepted) {
    return Step.decode(shard, own, sequences, 1 + drafts, row.decodeContext).seconds() / accepted;
  }
}
