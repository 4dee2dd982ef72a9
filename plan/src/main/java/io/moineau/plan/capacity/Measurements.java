package io.moineau.plan.capacity;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Source;
import io.moineau.plan.yaml.Scalar;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Published measurements of serving language models, each with its source.
 *
 * @param version date of the data
 * @param benchmarks what holds for all rows of a benchmark
 * @param rows in the order of the file
 */
public record Measurements(String version, List<Benchmark> benchmarks, List<Measurement> rows) {
  private static final double MILLI = 1e-3;

  /** Copies the lists. */
  public Measurements {
    benchmarks = List.copyOf(benchmarks);
    rows = List.copyOf(rows);
  }

  /** Those that are part of this module. */
  public static Measurements standard() {
    Measurements table = read(YamlFile.resource("measurements.yaml"));
    List<Measurement> rows = new ArrayList<>(table.rows());
    rows.addAll(read(YamlFile.resource("measurements-more.yaml")).rows());
    return new Measurements(table.version(), table.benchmarks(), rows);
  }

  /**
   * Those of a file.
   *
   * @throws io.moineau.plan.PlanException {@code plan-bad-file}
   */
  public static Measurements read(Path file) {
    return read(YamlFile.read(file));
  }

  private static Measurements read(YamlSection file) {
    String format = file.text("moineau-measurements");
    if (!format.equals("1")) {
      throw file.bad("moineau-measurements", "is " + format, "1");
    }
    String version = file.requiredDate("version").toString();
    Map<String, Source> sources = new LinkedHashMap<>();
    file.section("sources").ifPresent(all -> sources(all, sources));
    List<Benchmark> benchmarks = new ArrayList<>();
    for (YamlSection row : file.sections("benchmarks")) {
      benchmarks.add(
          new Benchmark(
              row.text("engine"),
              row.text("model"),
              number(row, "input").orElseThrow(() -> row.bad("input", "is missing", "tokens")),
              number(row, "output").orElseThrow(() -> row.bad("output", "is missing", "tokens")),
              number(row, "spread").orElse(0),
              number(row, "longest").orElse(0),
              number(row, "run_s").orElse(0),
              seconds(row, "server_ttft_ms"),
              seconds(row, "interactive_ttft_ms"),
              seconds(row, "server_tpot_ms"),
              seconds(row, "interactive_tpot_ms")));
      row.end();
    }
    List<Measurement> rows = new ArrayList<>();
    for (YamlSection row : file.sections("measurements")) {
      rows.add(row(row, sources));
      row.end();
    }
    file.end();
    return new Measurements(version, benchmarks, rows);
  }

  private static void sources(YamlSection all, Map<String, Source> sources) {
    for (String id : all.keys()) {
      YamlSection one = all.section(id).orElseThrow();
      sources.put(id, new Source(id, one.text("title"), one.text("url", ""), one.text("date", "")));
      one.end();
    }
  }

  private static Measurement row(YamlSection row, Map<String, Source> known) {
    return new Measurement(
        row.text("id"),
        row.text("date", ""),
        setup(row),
        load(row),
        result(row),
        row.requiredChoice("origin", Measurement.Origin.class),
        row.requiredChoice("use", Measurement.Use.class),
        row.text("why", ""),
        row.text("note", ""),
        sourcesOf(row, known));
  }

  private static Measurement.Setup setup(YamlSection row) {
    String model = row.text("model");
    String chip = row.text("chip");
    String unit = row.text("unit", "");
    if (!unit.isEmpty() && !unit.equals("die")) {
      throw row.bad("unit", "is " + unit, "die");
    }
    return new Measurement.Setup(
        model,
        row.text("named", model),
        chip,
        row.text("machine", chip),
        row.text("beside", ""),
        unit.equals("die"),
        (int) number(row, "sockets").orElse(1),
        number(row, "chips"),
        number(row, "group"),
        row.text("layout", ""),
        row.text("engine", ""),
        row.text("precision", ""),
        row.text("weights", ""),
        row.text("kv", ""));
  }

  private static Measurement.Load load(YamlSection row) {
    String drafting = row.text("drafting", "");
    return new Measurement.Load(
        phase(row),
        number(row, "batch"),
        row.choice("batch_unit", Measurement.BatchUnit.class)
            .orElse(Measurement.BatchUnit.REQUESTS_IN_ALL),
        number(row, "input"),
        number(row, "output"),
        number(row, "input_at_most"),
        number(row, "output_at_most"),
        number(row, "context"),
        seconds(row, "ttft_limit_ms"),
        seconds(row, "tpot_limit_ms"),
        number(row, "drafts"),
        !drafting.isEmpty(),
        number(row, "accepted"));
  }

  private static Measurement.Result result(YamlSection row) {
    return new Measurement.Result(
        number(row, "per_chip"),
        number(row, "in_all"),
        row.choice("counted", Measurement.Counted.class).orElse(Measurement.Counted.OUTPUT),
        seconds(row, "ttft_ms"),
        seconds(row, "tpot_ms"),
        number(row, "per_user"),
        number(row, "sequences_per_chip"));
  }

  private static Measurement.Phase phase(YamlSection row) {
    String word = row.text("phase").replace('-', ' ');
    List<Measurement.Phase> all = Arrays.asList(Measurement.Phase.values());
    return all.stream()
        .filter(phase -> phase.word().equals(word))
        .findFirst()
        .orElseThrow(() ->
            row.bad(
                "phase",
                "is " + word,
                String.join("; ", all.stream().map(Measurement.Phase::word).toList())));
  }

  private static List<Source> sourcesOf(YamlSection row, Map<String, Source> known) {
    List<Source> sources = new ArrayList<>();
    for (Scalar id : row.scalars("sources")) {
      Source source = known.get(id.value());
      if (source == null) {
        throw id.bad("names " + id.value(), "the keys of sources: " + known.keySet());
      }
      sources.add(source);
    }
    if (sources.isEmpty()) {
      throw row.bad("sources", "is missing or empty", "at least one source of this file");
    }
    return sources;
  }

  private static OptionalDouble number(YamlSection row, String key) {
    return row.number(key)
        .map(number -> OptionalDouble.of(number.doubleValue()))
        .orElse(OptionalDouble.empty());
  }

  private static OptionalDouble seconds(YamlSection row, String key) {
    OptionalDouble number = number(row, key);
    return number.isPresent() ? OptionalDouble.of(number.getAsDouble() * MILLI) : number;
  }

  /** What a benchmark's rules say of a row. */
  Optional<Benchmark> benchmark(Measurement row) {
    return benchmarks.stream()
        .filter(one ->
            row.setup().engine().contains(one.engine()) && row.setup().model().equals(one.model()))
        .findFirst();
  }

  /**
   * The rows that have most in common with a question, the nearest first, with the ratio of the
   * usual planner's estimate to each.
   */
  public List<Near> nearest(Question question, int most) {
    return nearest(question, Catalogue.standard(), Planner.standard(), most);
  }

  /** The same with other chips and another planner. */
  public List<Near> nearest(Question question, Catalogue catalogue, Planner planner, int most) {
    return new Neighbours(this, catalogue, question, planner).nearest(most);
  }

  /** The rows that the planner is scored on. */
  public List<Measurement> scored() {
    return rows.stream().filter(row -> row.use() == Measurement.Use.YES).toList();
  }

  /** The rows that factors are fitted to. */
  public List<Measurement> fitted() {
    return rows.stream()
        .filter(row -> row.use() == Measurement.Use.YES || row.use() == Measurement.Use.FIT)
        .toList();
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", version);
    json.put("measurements", rows.stream().map(Measurement::json).toList());
    return json;
  }
}
