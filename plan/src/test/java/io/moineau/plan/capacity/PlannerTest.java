package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Catalogue;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final Catalogue CHIPS = Catalogue.standard();
  private static final Planner PLANNER = Planner.standard();

  private static Device chip(String name) {
    return Device.of(CHIPS.get(name));
  }

  private static Question.Builder ask(String model, String chip, int count) {
    return Question.of(Models.get(model), chip(chip), count);
  }

  /** 671 x 10^9 bytes: on 8 x 96 GB, not on 8 x 80 GB. */
  @Test
  void plan_deepSeekInEightBits_fitsOnEightH20AndNotOnEightH100() {
    WeightType fp8 = WeightType.of("fp8");
    Plan h20 = PLANNER.plan(ask("deepseek-r1", "H20", 8).weights(fp8).build());
    assertThat(h20.best()).isPresent();
    assertThat(h20.reasons()).isEmpty();
    Plan h100 = PLANNER.plan(ask("deepseek-r1", "H100", 8).weights(fp8).build());
    assertThat(h100.choices()).isEmpty();
    assertThat(h100.curve()).isEmpty();
    assertThat(h100.reasons().getFirst()).contains("671 GB").contains("640 GB");
    assertThat(h100.reasons().get(1)).isEqualTo("fits on 12 such chips");
    assertThat(h100.reasons().get(2)).contains("fits on these chips with weights in");
  }

  /** (512 + 64) numbers of 2 bytes in 61 layers. */
  @Test
  void json_latentAttentionInBf16_keeps70272BytesForAToken() {
    Question question = ask("deepseek-r1", "H20", 16).kv(WeightType.of("bf16")).build();
    Plan plan = PLANNER.plan(question);
    assertThat(plan.json()).containsEntry("kv_bytes_per_token", 70_272.0);
  }

  @Test
  void estimate_operators_addUpToTheTimePerToken() {
    Question question = ask("deepseek-r1", "H800", 128).workload(new Workload(4096, 512)).build();
    Layout layout = Layout.apart(new Parallel(1, 1, 32, 32), new Parallel(1, 1, 96, 96));
    Estimate estimate = PLANNER.estimate(question, layout, 96 * 64);
    double sum = estimate.decode().stream().mapToDouble(OperatorTime::seconds).sum();
    assertThat(estimate.tpot().value()).isCloseTo(sum, Percentage.withPercentage(0.001));
    assertThat(estimate.decode()).anyMatch(operator -> operator.name().equals("all-to-all"));
    assertThat(estimate.layout().text())
        .isEqualTo("TP1 x DP96, EP96, prefill and decode apart (32 + 96)");
  }

  @Test
  void weights_oneChip_areThoseOfTheModel() {
    Question question = ask("Llama-3.1-8B", "A100", 1).weights(WeightType.of("bf16")).build();
    Estimate estimate = PLANNER.estimate(question, Layout.together(new Parallel(1, 1, 1, 1)), 1);
    assertThat(estimate.memory().weights()).isCloseTo(16.06e9, within(0.02e9));
    assertThat(estimate.prefill()).noneMatch(operator -> operator.networkBytes() > 0);
    assertThat(estimate.decode()).noneMatch(operator -> operator.networkBytes() > 0);
  }

  @Test
  void estimate_impossibleLayouts_sayWhy() {
    Question question = ask("Llama-3.1-8B", "A100", 64).build();
    assertThatThrownBy(
            () -> PLANNER.estimate(question, Layout.together(new Parallel(64, 1, 1, 1)), 1))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("more chips share a layer than it has heads")
        .hasMessageContaining("tensor up to 32");
    assertThatThrownBy(
            () -> PLANNER.estimate(question, Layout.together(new Parallel(8, 1, 8, 1)), 1))
        .hasMessageContaining("no experts");
    assertThatThrownBy(() -> new Parallel(4, 1, 6, 3))
        .hasMessageContaining("expert divides tensor");
    assertThatThrownBy(() -> WeightType.of("q4_k_x")).hasMessageContaining("nearest: q4_k_");
    assertThatThrownBy(() -> Device.of(CHIPS.get("Kunlun P800")))
        .hasMessageContaining("Kunlun P800")
        .hasMessageContaining("--catalogue");
  }
}
