package io.moineau.plan.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.plan.capacity.Device;
import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.Measurements;
import io.moineau.plan.capacity.ModelShape;
import io.moineau.plan.capacity.Models;
import io.moineau.plan.capacity.Near;
import io.moineau.plan.capacity.Plan;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.WeightType;
import io.moineau.plan.chips.Catalogue;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanReportTest {
  private static final Catalogue CATALOGUE = Catalogue.standard();

  private static Question question(ModelShape model, int count) {
    return Question.of(model, Device.of(CATALOGUE.get("H20")), count)
        .weights(WeightType.of("fp8"))
        .limits(Limits.of(2, 0.05))
        .build();
  }

  /** A model's name comes from a file that anybody may have written. */
  @Test
  void html_nameOfAModel_isText() {
    ModelShape known = Models.get("Qwen3-30B-A3B");
    ModelShape hostile =
        new ModelShape(
            "<script>alert(1)</script>",
            List.of(),
            known.hiddenSize(),
            known.numHiddenLayers(),
            known.attention(),
            known.intermediateSize(),
            known.experts(),
            known.vocabSize(),
            known.tieWordEmbeddings());
    Plan plan = Planner.standard().plan(question(hostile, 2));
    String html =
        new PlanReport(plan, List.of(), List.of("<img src=x onerror=alert(1)>"), "made").html();
    assertThat(html)
        .contains("&lt;script&gt;alert(1)")
        .doesNotContain("<script")
        .doesNotContain("<img");
  }

  @Test
  void html_whatDoesNotFit_saysWhy() {
    Plan plan = Planner.standard().plan(question(Models.get("deepseek-r1"), 2));
    assertThat(plan.best()).isEmpty();
    assertThat(new PlanFacts(plan).verdict()).isEqualTo("No: it does not fit.");
    assertThat(new PlanReport(plan, List.of(), List.of(), "made").html())
        .contains("Why it cannot be done")
        .contains("671")
        .doesNotContain("Roofline");
  }

  @Test
  void charts_inFrench_haveFrenchTitles() {
    Plan plan = Planner.standard().plan(question(Models.get("deepseek-r1"), 16));
    Estimate best = plan.best().orElseThrow();
    PlanCharts charts = new PlanCharts("fr");
    assertThat(charts.curve(plan).svg()).contains("Débit selon la latence").contains("limite");
    assertThat(charts.memory(best).svg()).contains("clés et valeurs");
    assertThat(charts.operators(best).svg()).contains("Où passe le temps").contains("experts");
    assertThat(charts.roofline(plan.question(), best).svg()).contains("Modèle roofline de H20");
  }

  /** One of each phase, so that not three of a kind stand there. */
  @Test
  void published_isOneOfEachPhase() {
    List<Near> nearest =
        Published.ofEachPhase(question(Models.get("deepseek-r1"), 16), Measurements.standard());
    assertThat(nearest).hasSize(3);
    assertThat(nearest.stream().map(near -> near.measurement().load().phase()).distinct())
        .hasSize(3);
    Published first = Published.of(nearest.getFirst());
    assertThat(first.what()).contains("DeepSeek");
    assertThat(first.measured()).contains("tokens/s");
    assertThat(first.estimated()).contains("tokens/s");
    assertThat(first.source()).isNotBlank();
  }
}
