package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What must hold for every model, chip, layout and batch; the seed is in each failure's message.
 */
class PlannerPropertiesTest {
  private static final int ROUNDS = 1000;
  private static final double NEARLY = 1 + 1e-9;
  private static final Planner PLANNER = Planner.standard();
  private static final List<Device> DEVICES = devices();
  private static final List<ModelShape> MODELS = Models.standard();
  private static final List<String> TYPES = List.of("bf16", "fp8", "int8", "fp4", "int4", "q4_k_m");

  private static List<Device> devices() {
    List<Device> devices = new ArrayList<>();
    for (Chip chip : Catalogue.standard().chips()) {
      try {
        devices.add(Device.of(chip));
      } catch (PlanException e) {
        assertThat(e.code()).isIn("plan-missing-figure", "plan-no-chip");
      }
    }
    assertThat(devices).hasSizeGreaterThan(50);
    return devices;
  }

  /** A configuration drawn from a seed. */
  private static final class Draw {
    final String name;
    final Question question;
    final Layout layout;
    final double batch;

    Draw(long seed) {
      Random random = new Random(seed);
      ModelShape model = MODELS.get(random.nextInt(MODELS.size()));
      Device device = DEVICES.get(random.nextInt(DEVICES.size()));
      int count = 1 << random.nextInt(8);
      question =
          Question.of(model, device, count)
              .weights(WeightType.of(TYPES.get(random.nextInt(TYPES.size()))))
              .workload(
                  new Workload(
                      1 + random.nextInt(20_000),
                      1 + random.nextInt(4_000),
                      random.nextBoolean() ? 0 : random.nextDouble()))
              .acceptedDrafts(random.nextBoolean() ? 1 : 1 + 2 * random.nextDouble())
              .build();
      List<Parallel> all = Search.parallels(question, count);
      Parallel decode = all.get(random.nextInt(all.size()));
      Parallel prefill = all.get(random.nextInt(all.size()));
      layout = random.nextBoolean() ? Layout.together(decode) : Layout.apart(prefill, decode);
      batch = Math.exp(random.nextDouble() * Math.log(1000.0 * count));
      name =
          "seed "
              + seed
              + ": "
              + model.name()
              + ", "
              + count
              + " x "
              + device.name()
              + ", "
              + question.weights().name()
              + ", "
              + layout.text()
              + ", batch "
              + batch;
    }

    Estimate estimate() {
      return PLANNER.estimate(question, layout, batch);
    }
  }

  private static void notSlower(String name, Estimate other, Estimate first) {
    assertThat(other.tpot().value()).as(name).isLessThanOrEqualTo(first.tpot().value() * NEARLY);
    assertThat(other.ttft().value()).as(name).isLessThanOrEqualTo(first.ttft().value() * NEARLY);
    assertThat(other.outputTokensPerSecond().value() * NEARLY)
        .as(name)
        .isGreaterThanOrEqualTo(first.outputTokensPerSecond().value());
  }

  @Test
  void estimate_moreBandwidthOrPeak_isNeverSlower() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Draw draw = new Draw(seed);
      Estimate first = draw.estimate();
      Device device = draw.question.device();
      for (Device better : List.of(device.scaled(1, 1.5), device.scaled(1.5, 1))) {
        Question question = draw.question.withDevice(better);
        notSlower(draw.name, PLANNER.estimate(question, draw.layout, draw.batch), first);
      }
    }
  }

  @Test
  void estimate_longerRequests_areNeverFaster() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Draw draw = new Draw(seed);
      Workload workload = draw.question.workload();
      Question longer =
          draw.question.withWorkload(
              new Workload(
                  workload.inputTokens() * 2, workload.outputTokens(), workload.cachedShare()));
      Estimate other = PLANNER.estimate(longer, draw.layout, draw.batch);
      notSlower(draw.name, draw.estimate(), other);
      assertThat(other.memory().kv())
          .as(draw.name)
          .isGreaterThanOrEqualTo(draw.estimate().memory().kv());
    }
  }

  @Test
  void estimate_moreInFlight_neverLowersDecodeAndTakesMemory() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Draw draw = new Draw(seed);
      Estimate first = draw.estimate();
      Estimate more = PLANNER.estimate(draw.question, draw.layout, draw.batch * 1.7);
      assertThat(more.decodeTokensPerSecond().value() * NEARLY)
          .as(draw.name)
          .isGreaterThanOrEqualTo(first.decodeTokensPerSecond().value());
      assertThat(more.tpot().value() * NEARLY)
          .as(draw.name)
          .isGreaterThanOrEqualTo(first.tpot().value());
      assertThat(more.memory().needed())
          .as(draw.name)
          .isGreaterThanOrEqualTo(first.memory().needed());
    }
  }

  @Test
  void estimate_anything_isFiniteAndInItsRange() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Draw draw = new Draw(seed);
      Estimate estimate = draw.estimate();
      List<Range> ranges =
          List.of(
              estimate.ttft(),
              estimate.tpot(),
              estimate.prefillTokensPerSecond(),
              estimate.decodeTokensPerSecond(),
              estimate.outputTokensPerSecond(),
              estimate.requestsPerSecond());
      for (Range range : ranges) {
        assertThat(range.value()).as(draw.name).isPositive().isFinite();
        assertThat(range.low()).as(draw.name).isPositive().isLessThan(range.value());
        assertThat(range.high()).as(draw.name).isFinite().isGreaterThan(range.value());
      }
      if (draw.question.device().watts() > 0) {
        double most = draw.layout.chips() * draw.question.device().watts();
        assertThat(estimate.watts().value()).as(draw.name).isPositive().isLessThanOrEqualTo(most);
      }
      boolean alone = draw.layout.tensor() == 1 && draw.layout.chips() == 1;
      if (alone && !draw.layout.apart()) {
        assertThat(estimate.decode()).as(draw.name).noneMatch(o -> o.networkBytes() > 0);
        assertThat(estimate.prefill()).as(draw.name).noneMatch(o -> o.networkBytes() > 0);
      }
      if (draw.question.device().kind() == Kind.CPU) {
        continue; // vector units are not among the peaks of all CPUs
      }
      // Nothing is faster than its peaks allow.
      for (OperatorTime operator : estimate.decode()) {
        double peak =
            draw.question.device().peaks().values().stream().max(Double::compare).orElseThrow();
        assertThat(operator.flops()).as(draw.name).isLessThanOrEqualTo(operator.seconds() * peak);
        assertThat(operator.memoryBytes())
            .as(draw.name)
            .isLessThanOrEqualTo(
                operator.seconds() * draw.question.device().memoryBytesPerSecond() * NEARLY);
      }
    }
  }

  /** All chips together hold each weight once or more, and one chip alone holds all. */
  @Test
  void weights_anyLayout_areAllThere() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Draw draw = new Draw(seed);
      Factors factors =
          new Factors(PLANNER.calibration(), draw.question.device().family(), Software.USUAL);
      Shard shard = new Shard(draw.question, draw.layout.decode(), factors);
      double together = shard.weights() * draw.layout.decodeChips();
      double once = draw.question.weightBytes();
      assertThat(together).as(draw.name).isGreaterThan(once * 0.999);
      if (draw.layout.decodeChips() == 1) {
        assertThat(together).as(draw.name).isLessThan(once * 1.001);
      }
    }
  }

  @Test
  void plan_anyQuestion_choicesFitAndMeetAndAreInOrder() {
    Random random = new Random(7);
    int answered = 0;
    for (int i = 0; i < 40; i++) {
      Draw draw = new Draw(1000 + i);
      if (draw.question.count() > 32) {
        continue;
      }
      double tpot = 0.01 + random.nextDouble() * 0.1;
      Question question = draw.question.withLimits(Limits.of(5, tpot));
      Plan plan = PLANNER.plan(question);
      assertThat(plan.reasons().isEmpty()).as(draw.name).isEqualTo(plan.best().isPresent());
      double last = Double.POSITIVE_INFINITY;
      for (Estimate choice : plan.choices()) {
        assertThat(choice.memory().fits()).as(draw.name).isTrue();
        assertThat(choice.meetsLimits()).as(draw.name).isTrue();
        assertThat(choice.tpot().value()).as(draw.name).isLessThanOrEqualTo(tpot);
        assertThat(choice.layout().chips()).as(draw.name).isLessThanOrEqualTo(question.count());
        assertThat(choice.outputTokensPerSecond().value()).as(draw.name).isLessThanOrEqualTo(last);
        last = choice.outputTokensPerSecond().value();
        answered++;
      }
      double before = 0;
      for (Estimate point : plan.curve()) { // slower for each user, more in all
        assertThat(point.outputTokensPerSecond().value()).as(draw.name).isGreaterThan(before);
        before = point.outputTokensPerSecond().value();
      }
      Plan tighter = PLANNER.plan(question.withLimits(Limits.of(2.5, tpot / 2)));
      if (tighter.best().isPresent()) {
        assertThat(tighter.best().get().outputTokensPerSecond().value())
            .as(draw.name)
            .isLessThanOrEqualTo(plan.best().orElseThrow().outputTokensPerSecond().value() * 1.02);
      }
      Plan twice = PLANNER.plan(question.withCount(2 * question.count()));
      if (plan.best().isPresent()) {
        assertThat(twice.best().orElseThrow().outputTokensPerSecond().value())
            .as(draw.name)
            .isGreaterThan(plan.best().get().outputTokensPerSecond().value() * 1.9);
      }
    }
    assertThat(answered).isGreaterThan(20);
  }
}
