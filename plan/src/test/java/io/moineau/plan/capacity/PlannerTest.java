package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Catalogue;
import java.util.OptionalDouble;
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

  /**
   * "Weights about 40 GB per GPU at EP16" and 35,136 bytes of a token in 8 bits: lmsys.org on long
   * contexts with GB300, 2026-02-19.
   */
  @Test
  void memory_deepSeekInFourBitsOnSixteenChips_isThePublishedOne() {
    Question question =
        ask("deepseek-r1", "GB300", 16)
            .weights(WeightType.of("nvfp4"))
            .kv(WeightType.of("fp8"))
            .workload(new Workload(131_072, 8192))
            .build();
    Layout layout = Layout.together(new Parallel(1, 1, 16, 16));
    Memory one = PLANNER.estimate(question, layout, 16).memory();
    assertThat(one.weights()).isCloseTo(40e9, Percentage.withPercentage(3));
    assertThat(one.kv()).isCloseTo(35_136.0 * 139_264, Percentage.withPercentage(0.01));
    // 36 of these requests run on each: the average of many is half-way through its output.
    Memory many = PLANNER.estimate(question, layout, 16 * 36).memory();
    assertThat(many.kv()).isLessThan(36 * one.kv()).isGreaterThan(36 * 35_136.0 * 135_168);
    assertThat(many.fits()).isTrue();
  }

  /** 8 pairs of keys and values over 16 chips: each chip has one, two chips the same. */
  @Test
  void kv_moreChipsThanPairs_isCopied() {
    Question question =
        ask("Llama-3.1-405B", "H100", 16)
            .kv(WeightType.of("bf16"))
            .workload(new Workload(1000, 1))
            .build();
    double eight =
        PLANNER.estimate(question, Layout.together(new Parallel(8, 2, 1, 1)), 2).memory().kv();
    double sixteen =
        PLANNER.estimate(question, Layout.together(new Parallel(16, 1, 1, 1)), 2).memory().kv();
    // 126 layers x 2 x 128 numbers x 2 bytes for a token, half of the layers in a stage
    assertThat(sixteen).isCloseTo(2 * 126 * 2 * 128 * 2 * 1000.9, Percentage.withPercentage(0.1));
    assertThat(eight).isCloseTo(sixteen / 2, Percentage.withPercentage(0.001));
  }

  @Test
  void ttft_cachedPrompt_isShorter() {
    Question.Builder builder = ask("deepseek-r1", "H20", 16);
    Layout layout = Layout.together(new Parallel(8, 1, 16, 2));
    Question none = builder.workload(new Workload(8192, 512, 0)).build();
    Question half = builder.workload(new Workload(8192, 512, 0.5)).build();
    Estimate without = PLANNER.estimate(none, layout, 16);
    Estimate with = PLANNER.estimate(half, layout, 16);
    assertThat(with.ttft().value()).isLessThan(0.7 * without.ttft().value());
    assertThat(with.memory().kv()).isEqualTo(without.memory().kv());
  }

  @Test
  void plan_limitsOutOfReach_saysWhatIsReachedAndWhatWouldDo() {
    Question question =
        ask("deepseek-r1", "H20", 16)
            .workload(new Workload(32_768, 1024))
            .limits(Limits.of(1.5, 0.05))
            .build();
    Plan plan = PLANNER.plan(question);
    assertThat(plan.choices()).isEmpty();
    assertThat(plan.curve()).isNotEmpty();
    assertThat(plan.reasons().getFirst())
        .startsWith("time to first token: the least that these chips reach is ")
        .endsWith("and the limit is 1,500 ms");
    assertThat(plan.reasons().get(1)).contains("such chips would");
  }

  /** Fewer tokens a second are promised if nearly all requests must keep the limit. */
  @Test
  void plan_limitsForNearlyAll_leavesRoom() {
    Question.Builder builder = ask("Llama-3.1-8B", "H100", 1).workload(new Workload(1024, 256));
    Limits mean = new Limits(OptionalDouble.empty(), OptionalDouble.of(0.05));
    Estimate first = PLANNER.plan(builder.limits(mean).build()).best().orElseThrow();
    Estimate second =
        PLANNER.plan(builder.limits(mean.forNearlyAll()).build()).best().orElseThrow();
    assertThat(second.tpot().value()).isLessThan(0.8 * first.tpot().value());
    assertThat(second.outputTokensPerSecond().value())
        .isLessThan(first.outputTokensPerSecond().value());
    assertThat(second.assumptions()).anyMatch(text -> text.startsWith("99 of 100 requests"));
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
