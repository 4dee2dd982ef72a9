package io.moineau.cli;

import io.moineau.plan.capacity.Calibration;
import io.moineau.plan.capacity.ChosenPlan;
import io.moineau.plan.capacity.Measurements;
import io.moineau.plan.capacity.ModelSource;
import io.moineau.plan.capacity.Near;
import io.moineau.plan.capacity.Plan;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.report.PlanReport;
import io.moineau.plan.report.Published;
import io.moineau.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A plan with what stands beside it.
 *
 * @param plan the estimates
 * @param source the model, and what its file says
 * @param nearest published measurements, nearest first
 * @param calibration what the estimates were fitted on
 * @param chosen what was chosen as nobody said it
 */
record PlanAnswer(
    Plan plan,
    ModelSource source,
    List<Near> nearest,
    Calibration calibration,
    List<String> chosen) {
  static PlanAnswer of(
      Question question,
      ModelSource source,
      Planner planner,
      @Nullable String layout,
      @Nullable Double batch,
      List<String> chosen) {
    Plan plan =
        ChosenPlan.of(
            planner,
            question,
            Optional.ofNullable(layout),
            batch == null ? OptionalDouble.empty() : OptionalDouble.of(batch));
    List<Near> nearest = Published.ofEachPhase(question, Measurements.standard());
    return new PlanAnswer(plan, source, nearest, planner.calibration(), chosen);
  }

  List<String> text(boolean all) {
    return new PlanText(plan, published(), remarks(), all).lines();
  }

  private List<Published> published() {
    return nearest.stream().map(Published::of).toList();
  }

  /** What the model's file says and the estimate does not heed; where it is from. */
  private List<String> remarks() {
    List<String> remarks = new ArrayList<>(chosen);
    remarks.addAll(source.remarks());
    if (!source.origin().equals("preset")) {
      remarks.add("the model's measures are those of " + source.origin());
    }
    return remarks;
  }

  private String fitted() {
    return "Estimates, fitted on "
        + calibration.rows()
        + " published measurements ("
        + calibration.date()
        + "; "
        + calibration.software()
        + "): no promise.";
  }

  String json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>(plan.json());
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("name", source.shape().name());
    model.put("origin", source.origin());
    model.put("parameters", source.shape().parameters());
    model.put("active_parameters", source.shape().activeParameters());
    model.put("remarks", remarks());
    tree.put("model", model);
    tree.put("nearest_measurements", nearest.stream().map(Near::json).toList());
    tree.put("calibration", calibration.json());
    return Json.writeIndented(tree);
  }

  void writeHtml(Path file) throws IOException {
    String made = "moineau plan. " + fitted();
    Files.writeString(file, new PlanReport(plan, published(), remarks(), made).html());
  }
}
