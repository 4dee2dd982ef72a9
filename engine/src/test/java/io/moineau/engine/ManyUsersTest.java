package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.EngineStats;
import io.moineau.FinishReason;
import io.moineau.GenerationRequest;
import io.moineau.PrefixCacheOptions;
import io.moineau.Sampling;
import io.moineau.ServingOptions;
import io.moineau.engine.sampling.SequenceBreakers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Turns, bounds and shared work where several ask at once. */
@Timeout(60)
class ManyUsersTest {
  private static final int VOCAB = 300;
  private static final int BLOCK = 4;

  private RememberingPass pass = new RememberingPass(VOCAB, 1, BLOCK);

  private Engine engine(int numBlocks, int chunk, int maxSequences, ServingOptions serving) {
    pass = new RememberingPass(VOCAB, numBlocks, BLOCK);
    // Steps here take microseconds, and their times say nothing.
    return new Engine(
        pass,
        new EngineLimits(64, BLOCK, numBlocks, chunk, maxSequences),
        new int[] {VOCAB - 1},
        serving.withStepStretch(0));
  }

  private Engine engine(int numBlocks, int chunk, int maxSequences) {
    return engine(numBlocks, chunk, maxSequences, ServingOptions.defaults());
  }

  private static int[] prompt(Random random, int length) {
    return random.ints(length, 0, VOCAB - 1).toArray();
  }

  private static CollectingSink submit(Engine engine, int[] prompt, int maxTokens, String share) {
    CollectingSink sink = new CollectingSink();
    Sampling greedy = Sampling.greedy().withMaxTokens(maxTokens).withIgnoreEos(true);
    engine.submit(
        GenerationRequest.of(prompt, greedy).withShare(share), 1, SequenceBreakers.none(), sink);
    return sink;
  }

  private static int stepUntilOver(Engine engine, CollectingSink sink) {
    int steps = 0;
    while (sink.over.getCount() > 0) {
      engine.step();
      assertThat(++steps).as("steps").isLessThan(100_000);
    }
    return steps;
  }

  private static void drain(Engine engine) {
    while (engine.step()) {
      continue;
    }
  }

  @Test
  void step_oneRequestBehindFiftyOfAnother_isServedInItsTurn() {
    Random random = new Random(1);
    Engine engine = engine(200, 32, 4);
    List<CollectingSink> many = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      many.add(submit(engine, prompt(random, 20), 30, "many"));
    }
    for (int i = 0; i < 10; i++) {
      engine.step();
    }
    CollectingSink one = submit(engine, prompt(random, 20), 5, "one");
    // A step to take it in, two at most for its prompt beside others' chunks, five for its tokens.
    assertThat(stepUntilOver(engine, one)).isLessThanOrEqualTo(8);
    assertThat(many.stream().filter(sink -> sink.over.getCount() == 0).count()).isZero();
    drain(engine);
    assertThat(many).allMatch(sink -> sink.tokens.size() == 30);
    assertThat(engine.blocks().usesInAll()).isZero();
  }

  @Test
  void step_twoBusyShares_getTheSame() {
    Random random = new Random(2);
    Engine engine = engine(200, 8, 2);
    // One asks in many small pieces, the other in few large ones.
    for (int i = 0; i < 60; i++) {
      submit(engine, prompt(random, 8), 4, "small");
    }
    List<CollectingSink> large = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      large.add(submit(engine, prompt(random, 30), 30, "large"));
    }
    for (int i = 0; i < 200; i++) {
      engine.step();
    }
    double small = served(engine, "small");
    assertThat(served(engine, "large")).isBetween(small - 120, small + 120);
    assertThat(small).isGreaterThan(300);
    drain(engine);
    assertThat(large).allMatch(sink -> sink.tokens.size() == 30);
  }

  private static double served(Engine engine, String share) {
    return engine.scheduler().shares().stream()
        .filter(candidate -> candidate.name.equals(share))
        .findFirst()
        .orElseThrow()
        .served;
  }

  @Test
  void step_shareThatWasSilent_savesUpNoTurns() {
    Random random = new Random(3);
    Engine engine = engine(200, 16, 2);
    submit(engine, prompt(random, 4), 1, "late");
    drain(engine);
    for (int i = 0; i < 40; i++) {
      submit(engine, prompt(random, 10), 10, "busy");
    }
    for (int i = 0; i < 100; i++) {
      engine.step();
    }
    double before = served(engine, "busy");
    submit(engine, prompt(random, 4), 1, "late");
    engine.step();
    assertThat(served(engine, "late")).isGreaterThanOrEqualTo(before);
  }

  @Test
  void step_blocksRunOut_takesThemFromWhoHoldsMost() {
    Random random = new Random(4);
    Engine engine = engine(24, 64, 8);
    List<CollectingSink> sinks = new ArrayList<>();
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      prompts.add(prompt(random, 10));
      sinks.add(submit(engine, prompts.get(i), 50, i == 4 ? "one" : "many"));
    }
    Sequence modest =
        engine.submit(
            GenerationRequest.of(prompt(random, 6), Sampling.greedy().withMaxTokens(12))
                .withShare("modest"),
            1,
            SequenceBreakers.none(),
            new CollectingSink());
    drain(engine);
    assertThat(engine.stats().preemptions()).isPositive();
    assertThat(modest.preemptions()).isZero();
    for (int i = 0; i < 5; i++) {
      assertThat(sinks.get(i).tokens).isEqualTo(alone(prompts.get(i), 50));
    }
    assertThat(engine.blocks().usesInAll()).isZero();
  }

  private static List<Integer> alone(int[] prompt, int n) {
    Engine engine =
        new Engine(
            new RememberingPass(VOCAB, 16, BLOCK),
            new EngineLimits(64, BLOCK, 16, 64, 1),
            new int[] {VOCAB - 1},
            ServingOptions.defaults().withPrefixCache(PrefixCacheOptions.off()));
    CollectingSink sink = submit(engine, prompt, n, "");
    drain(engine);
    return sink.tokens;
  }

  @Test
  void step_choicesOfOnePrompt_computeItOnce() {
    Random random = new Random(5);
    Engine engine = engine(100, 7, 8);
    int[] prompt = prompt(random, 34);
    List<CollectingSink> sinks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sinks.add(submit(engine, prompt, 6, ""));
    }
    drain(engine);
    assertThat(sinks).allMatch(sink -> sink.tokens.equals(alone(prompt, 6)));
    // The prompt once, what is not a whole block of it three times more, five tokens each.
    assertThat(pass.numTokens).isEqualTo(34 + 3 * 2 + 4 * 5);
  }

  @Test
  void submit_queueFull_isRefusedWithNumbersAndTakenLater() {
    Random random = new Random(6);
    Engine engine = engine(64, 16, 2, ServingOptions.defaults().withMaxWaiting(3));
    for (int i = 0; i < 5; i++) {
      submit(engine, prompt(random, 5), 5, "");
    }
    assertThatThrownBy(() -> submit(engine, new int[] {1}, 1, ""))
        .isInstanceOf(EngineBusyException.class)
        .hasMessageContaining("2 running, 3 waiting")
        .hasMessageContaining("at most 3")
        .asInstanceOf(InstanceOfAssertFactories.type(EngineBusyException.class))
        .satisfies(e -> assertThat(e.retryAfterSeconds()).isBetween(1, 600));
    drain(engine);
    CollectingSink later = submit(engine, new int[] {1}, 1, "");
    drain(engine);
    assertThat(later.tokens).hasSize(1);
    EngineStats stats = engine.stats();
    assertThat(stats.refused()).isEqualTo(1);
    assertThat(stats.requests()).isEqualTo(6);
    assertThat(stats.finished()).isEqualTo(6);
  }

  @Test
  void step_waitedTooLong_failsWithANamedError() throws Exception {
    Random random = new Random(7);
    Engine engine =
        engine(64, 16, 1, ServingOptions.defaults().withQueueTimeout(Duration.ofMillis(500)));
    CollectingSink first = submit(engine, prompt(random, 5), 20, "");
    engine.step();
    CollectingSink second = submit(engine, prompt(random, 5), 5, "");
    Thread.sleep(600);
    engine.step();
    assertThat(((EngineException) second.error).code()).isEqualTo("queue-timeout");
    drain(engine);
    assertThat(first.tokens).hasSize(20);
  }

  @Test
  void cancel_whileWaitingBehindOthers_leavesTheQueueInOneStep() {
    Random random = new Random(8);
    Engine engine = engine(64, 16, 1, ServingOptions.defaults().withMaxWaiting(2));
    submit(engine, prompt(random, 5), 20, "");
    engine.step();
    CollectingSink sink = new CollectingSink();
    Sequence waiting =
        engine.submit(
            GenerationRequest.of(prompt(random, 5), Sampling.greedy()),
            1,
            SequenceBreakers.none(),
            sink);
    engine.step();
    assertThat(engine.stats().waiting()).isEqualTo(1);
    assertThat(engine.stats().waitingByShare()).containsEntry("", 1);
    waiting.cancel();
    engine.step();
    assertThat(sink.reason).isEqualTo(FinishReason.CANCELLED);
    assertThat(engine.stats().waiting()).isZero();
    assertThat(engine.stats().cancelled()).isEqualTo(1);
    submit(engine, prompt(random, 5), 1, "");
    submit(engine, prompt(random, 5), 1, ""); // its place in the queue is free again
    drain(engine);
  }

  @Test
  void step_cacheOffOrBounded_givesTheSameTokens() {
    for (int cached : new int[] {0, 1, 3, 1000}) {
      Random random = new Random(9);
      long bytes = cached * RememberingPass.BLOCK_BYTES;
      PrefixCacheOptions cache = PrefixCacheOptions.defaults().withBytes(bytes);
      Engine engine = engine(40, 16, 3, ServingOptions.defaults().withPrefixCache(cache));
      int[] common = prompt(random, 21);
      for (int round = 0; round < 6; round++) {
        List<int[]> prompts = new ArrayList<>();
        List<CollectingSink> sinks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          int[] prompt = Arrays.copyOf(common, 21 + 1 + random.nextInt(20));
          System.arraycopy(prompt(random, prompt.length - 21), 0, prompt, 21, prompt.length - 21);
          prompts.add(prompt);
          sinks.add(submit(engine, prompt, 8, "s" + i % 2));
        }
        drain(engine);
        for (int i = 0; i < 4; i++) {
          assertThat(sinks.get(i).tokens).isEqualTo(alone(prompts.get(i), 8));
        }
        assertThat(engine.blocks().numCached()).isLessThanOrEqualTo(cached);
        assertThat(engine.blocks().numFree()).isEqualTo(40);
      }
      assertThat(engine.stats().cachedTokens() > 0).isEqualTo(cached > 0);
    }
  }

  @Test
  void stats_afterWork_addUp() {
    Random random = new Random(10);
    Engine engine = engine(64, 16, 4);
    for (int i = 0; i < 6; i++) {
      submit(engine, prompt(random, 9), 7, "s" + i);
    }
    engine.step();
    EngineStats during = engine.stats();
    assertThat(during.running() + during.waiting()).isEqualTo(6);
    assertThat(during.runningByShare().values().stream().mapToInt(n -> n).sum())
        .isEqualTo(during.running());
    assertThat(during.usedBlocks()).isPositive();
    drain(engine);
    EngineStats stats = engine.stats();
    assertThat(stats.generatedTokens()).isEqualTo(42);
    assertThat(stats.promptTokens()).isEqualTo(54);
    assertThat(stats.computedTokens()).isEqualTo(pass.numTokens);
    assertThat(stats.steps()).isEqualTo(pass.numForwards);
    assertThat(stats.usedBlocks()).isZero();
    assertThat(stats.cachedBlocks()).isPositive();
    assertThat(stats.busyNanos()).isPositive();
    assertThat(stats.runningByShare()).isEmpty();
  }

  @Test
  void pacer_measuredSteps_boundTheChunkByTime() {
    StepPacer pacer = new StepPacer(512, 2.5);
    assertThat(pacer.budget(0, 3, 512)).as("nobody generates").isEqualTo(512);
    // A step takes 10 ms, and 1 ms more per token.
    for (int round = 0; round < 200; round++) {
      pacer.record(2, 12_000_000);
      int tokens = pacer.budget(2, 0, 512);
      pacer.record(tokens, 10_000_000 + 1_000_000L * tokens);
    }
    // 2.5 times 12 ms are 30: at most 20 tokens, found within a class of a fifth.
    assertThat(pacer.budget(2, 0, 512)).isBetween(16, 20);
    // Those who wait for their prompts will generate too, and make every step longer.
    assertThat(pacer.budget(2, 14, 512)).isGreaterThan(20);
    assertThat(new StepPacer(512, 0).budget(2, 0, 512)).isEqualTo(512);
  }

  @Test
  void pacer_oneSlowStep_isForgotten() {
    StepPacer pacer = new StepPacer(512, 2.5);
    pacer.record(40, 5_000_000_000L); // before anything was compiled, say
    for (int round = 0; round < 100; round++) {
      pacer.record(2, 30_000_000);
      int tokens = pacer.budget(2, 0, 512);
      pacer.record(tokens, 28_000_000 + 1_000_000L * tokens);
    }
    assertThat(pacer.budget(2, 0, 512)).isBetween(36, 47);
  }

  @Test
  void pacer_hiccup_makesNoRoomForLargeChunks() {
    StepPacer pacer = new StepPacer(512, 2.5);
    for (int round = 0; round < 100; round++) {
      pacer.record(2, 30_000_000);
      int tokens = pacer.budget(2, 0, 512);
      pacer.record(tokens, 28_000_000 + 1_000_000L * tokens);
    }
    int before = pacer.budget(2, 0, 512);
    pacer.record(2, 3_000_000_000L);
    assertThat(pacer.budget(2, 0, 512)).isLessThan(before * 3 / 2);
  }
}
