package io.moineau.bench.plan;

import io.moineau.bench.plan.CalibrationFile.Fitted;
import io.moineau.plan.capacity.Calibration;
import io.moineau.plan.capacity.Measurement;
import io.moineau.plan.capacity.Measurements;
import io.moineau.plan.capacity.Replay;
import io.moineau.plan.chips.Catalogue;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Fits the planner's factors to published measurements, and scores it by leaving out one source
 * after another: {@code bench/plan [write]}.
 */
public final class PlanRun {
  private static final double DEVIATIONS = 1.645; // nine in ten of a normal error
  private static final double IN_RANGE = 0.8; // share of the rows that an estimate's range holds

  private PlanRun() {}

  /**
   * Prints the tables; with {@code write}, renews results-plan.md and .json and the calibration.
   */
  public static void main(String[] arguments) throws IOException {
    Measurements measurements = Measurements.standard();
    Replay replay = new Replay(Catalogue.standard(), measurements);
    List<Replay.Row> rows = new ArrayList<>();
    List<Measurement> without = new ArrayList<>();
    for (Measurement measurement : measurements.fitted()) {
      replay.row(measurement).ifPresentOrElse(rows::add, () -> without.add(measurement));
    }
    Calibration before = Calibration.standard();
    Fit fit = new Fit(replay, before, rows);
    double[] best = fit.run(Fit.start());
    Calibration fitted = fit.calibration(best);
    List<Scored> scored = leaveOut(replay, before, rows, best, fitted);
    Report report = new Report(scored, without, replay);
    String text = report.markdown(fitted);
    System.out.print(text);
    if (arguments.length > 0 && arguments[0].equals("write")) {
      Path root = Path.of(System.getProperty("moineau.root", ""));
      Files.writeString(root.resolve("bench/results-plan.md"), text);
      Files.writeString(
          root.resolve("bench/results-plan.json"), Json.write(report.json(fitted)) + "\n");
      CalibrationFile.write(
          root.resolve("plan/src/main/resources/io/moineau/plan/calibration.yaml"),
          factors(fit, best, scored),
          rows.size());
    }
  }

  private static List<Scored> leaveOut(
      Replay replay, Calibration before, List<Replay.Row> rows, double[] best, Calibration fitted) {
    Map<String, Calibration> without = new LinkedHashMap<>();
    for (Replay.Row row : rows) {
      without.computeIfAbsent(
          Fit.source(row),
          source -> {
            List<Replay.Row> others =
                rows.stream().filter(other -> !Fit.source(other).equals(source)).toList();
            Fit fit = new Fit(replay, before, others);
            return fit.calibration(fit.run(best));
          });
    }
    List<Scored> scored = new ArrayList<>();
    for (Replay.Row row : rows) {
      double measured = Fit.measured(row);
      scored.add(
          new Scored(
              row,
              replay.estimated(row, without.getOrDefault(Fit.source(row), fitted)) / measured,
              replay.estimated(row, fitted) / measured));
    }
    return scored;
  }

  private static Map<String, Fitted> factors(Fit fit, double[] best, List<Scored> scored) {
    Map<String, Fitted> factors = new LinkedHashMap<>();
    double[] deviations = fit.deviations(best);
    for (int i = 0; i < best.length; i++) {
      double off = Math.exp(DEVIATIONS * deviations[i]);
      double value = Math.exp(best[i]);
      factors.put(Prior.ALL.get(i).name(), new Fitted(value, value / off, value * off));
    }
    for (String phase : List.of("prefill", "decode", "system")) {
      double[] errors =
          scored.stream()
              .filter(row -> row.measurement().use() == Measurement.Use.YES)
              .filter(row -> row.phase().equals(phase))
              .mapToDouble(row -> Math.abs(Math.log(Math.max(row.left(), 1e-9))))
              .sorted()
              .toArray();
      double spread = Math.exp(errors[(int) Math.ceil(IN_RANGE * errors.length) - 1]);
      factors.put("spread_" + phase, new Fitted(spread, 1, spread * spread));
    }
    return factors;
  }
}
