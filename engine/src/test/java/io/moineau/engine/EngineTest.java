package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.FinishReason;
import io.moineau.GenerationRequest;
import io.moineau.Sampling;
import io.moineau.engine.sampling.SamplerChain;
import io.moineau.engine.sampling.SequenceBreakers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EngineTest {
  private static final int VOCAB = 300;
  private static final int END = 299;
  private static final int BLOCK = 4;

  private final List<RememberingPass> passes = new ArrayList<>();

  private Engine engine(int context, int numBlocks, int chunk, int maxSequences) {
    RememberingPass pass = new RememberingPass(VOCAB, numBlocks, BLOCK);
    passes.add(pass);
    return new Engine(
        pass, new EngineLimits(context, BLOCK, numBlocks, chunk, maxSequences), new int[] {END});
  }

  private static int[] prompt(Random random, int length) {
    return random.ints(length, 0, VOCAB - 1).toArray();
  }

  private static Sampling greedy(int maxTokens) {
    return Sampling.greedy().withMaxTokens(maxTokens).withIgnoreEos(true);
  }

  private static Sequence submit(Engine engine, int[] prompt, Sampling sampling, TokenSink sink) {
    return engine.submit(GenerationRequest.of(prompt, sampling), 1, SequenceBreakers.none(), sink);
  }

  private static void drain(Engine engine) {
    int steps = 0;
    while (engine.step()) {
      assertThat(++steps).as("steps").isLessThan(100_000);
    }
  }

  private static List<Integer> generate(Engine engine, int[] prompt, int n) {
    CollectingSink sink = new CollectingSink();
    submit(engine, prompt, greedy(n), sink);
    drain(engine);
    assertThat(sink.error).isNull();
    return sink.tokens;
  }

  /** What must come, computed with no engine at all. */
  private static List<Integer> expected(int[] prompt, int n) {
    int[] tokens = Arrays.copyOf(prompt, prompt.length + n);
    List<Integer> generated = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      float[] logits = RememberingPass.expected(VOCAB, tokens, prompt.length + i);
      logits[END] = Float.NEGATIVE_INFINITY;
      tokens[prompt.length + i] = SamplerChain.argmax(logits);
      generated.add(tokens[prompt.length + i]);
    }
    return generated;
  }

  @Test
  void step_anyChunkSize_givesTheSameTokens() {
    int[] prompt = prompt(new Random(1), 37);
    for (int chunk : new int[] {1, 2, 7, 36, 37, 38, 512}) {
      assertThat(generate(engine(64, 16, chunk, 1), prompt, 20))
          .as("chunk " + chunk)
          .isEqualTo(expected(prompt, 20));
    }
  }

  @Test
  void submit_nextTurnOfAChat_computesOnlyWhatIsNew() {
    Engine engine = engine(256, 64, 512, 1);
    Random random = new Random(2);
    int[] prompt = prompt(random, 21);
    List<Integer> answer = generate(engine, prompt, 9);
    int before = passes.getFirst().numTokens;
    // The next turn: all that was said, and five tokens more.
    int[] next = Arrays.copyOf(prompt, 35);
    for (int i = 0; i < 9; i++) {
      next[21 + i] = answer.get(i);
    }
    System.arraycopy(prompt(random, 5), 0, next, 30, 5);
    CollectingSink sink = new CollectingSink();
    Sequence sequence = submit(engine, next, greedy(4), sink);
    drain(engine);
    assertThat(sink.tokens).isEqualTo(expected(next, 4));
    // The last token of the answer was never computed: 29 of 35 were.
    assertThat(sequence.cachedTokens()).isEqualTo(29);
    assertThat(passes.getFirst().numTokens - before).isEqualTo(6 + 3);
  }

  @Test
  void submit_samePromptAgain_computesOneToken() {
    Engine engine = engine(256, 64, 512, 1);
    int[] prompt = prompt(new Random(3), 39);
    generate(engine, prompt, 1);
    CollectingSink sink = new CollectingSink();
    Sequence sequence = submit(engine, prompt, greedy(1), sink);
    drain(engine);
    assertThat(sequence.cachedTokens()).isEqualTo(38);
    assertThat(sink.tokens).isEqualTo(expected(prompt, 1));
  }

  @Test
  void submit_randomSharedPrefixes_neverChangesTheTokens() {
    long seed = 20261120;
    Random random = new Random(seed);
    // Few blocks, so that the cache is evicted all the time.
    Engine engine = engine(64, 24, 13, 3);
    List<int[]> seen = new ArrayList<>();
    for (int round = 0; round < 300; round++) {
      int[] prompt = prompt(random, 1 + random.nextInt(40));
      if (!seen.isEmpty() && random.nextInt(3) > 0) {
        int[] old = seen.get(random.nextInt(seen.size()));
        int shared = random.nextInt(Math.min(old.length, prompt.length) + 1);
        System.arraycopy(old, 0, prompt, 0, shared);
      }
      seen.add(prompt);
      int n = 1 + random.nextInt(10);
      assertThat(generate(engine, prompt, n))
          .as("seed %d round %d", seed, round)
          .isEqualTo(expected(prompt, n));
      assertThat(engine.blocks().usesInAll()).isZero();
      assertThat(engine.blocks().numFree()).isEqualTo(24);
    }
  }

  @Test
  void step_manySequences_giveTheSameAsAlone() {
    Random random = new Random(5);
    Engine engine = engine(128, 400, 33, 8);
    List<int[]> prompts = new ArrayList<>();
    List<CollectingSink> sinks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      prompts.add(prompt(random, 1 + random.nextInt(60)));
      sinks.add(new CollectingSink());
      submit(engine, prompts.get(i), greedy(15), sinks.get(i));
    }
    drain(engine);
    for (int i = 0; i < 20; i++) {
      assertThat(sinks.get(i).tokens).as("sequence " + i).isEqualTo(expected(prompts.get(i), 15));
      assertThat(sinks.get(i).reason).isEqualTo(FinishReason.LENGTH);
    }
    assertThat(passes.getFirst().largestBatch).isLessThanOrEqualTo(33);
  }

  @Test
  void step_blocksRunOut_preemptsAndResumesWithTheSameTokens() {
    Random random = new Random(6);
    // Four sequences of up to 60 tokens need 60 blocks; there are 20.
    Engine engine = engine(64, 20, 16, 4);
    List<int[]> prompts = new ArrayList<>();
    List<CollectingSink> sinks = new ArrayList<>();
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      prompts.add(prompt(random, 10));
      sinks.add(new CollectingSink());
      sequences.add(submit(engine, prompts.get(i), greedy(50), sinks.get(i)));
    }
    drain(engine);
    for (int i = 0; i < 4; i++) {
      assertThat(sinks.get(i).tokens).as("sequence " + i).isEqualTo(expected(prompts.get(i), 50));
    }
    assertThat(sequences.stream().mapToInt(Sequence::preemptions).sum()).isPositive();
    assertThat(engine.blocks().usesInAll()).isZero();
  }

  @Test
  void step_longPromptArrives_decodesGoOnInEveryStep() {
    Random random = new Random(7);
    Engine engine = engine(1024, 600, 8, 2);
    CollectingSink first = new CollectingSink();
    submit(engine, prompt(random, 4), greedy(100), first);
    engine.step();
    CollectingSink second = new CollectingSink();
    submit(engine, prompt(random, 200), greedy(1), second);
    for (int i = 0; i < 20; i++) {
      int before = first.tokens.size();
      engine.step();
      assertThat(first.tokens).hasSize(before + 1);
    }
    assertThat(second.tokens).isEmpty();
    drain(engine);
    assertThat(second.tokens).hasSize(1);
  }

  @Test
  void cancel_running_freesItsBlocksWithinOneStep() {
    Engine engine = engine(256, 64, 512, 1);
    CollectingSink sink = new CollectingSink();
    Sequence sequence = submit(engine, prompt(new Random(8), 30), greedy(-1), sink);
    engine.step();
    engine.step();
    assertThat(engine.blocks().numFree()).isLessThan(64);
    sequence.cancel();
    engine.step();
    assertThat(engine.blocks().numFree()).isEqualTo(64);
    assertThat(sink.reason).isEqualTo(FinishReason.CANCELLED);
    assertThat(sink.tokens).hasSize(2);
    assertThat(sequence.status()).isEqualTo(Sequence.Status.FINISHED);
  }

  @Test
  void cancel_waiting_neverRuns() {
    Engine engine = engine(64, 16, 512, 1);
    CollectingSink first = new CollectingSink();
    CollectingSink second = new CollectingSink();
    submit(engine, prompt(new Random(9), 5), greedy(5), first);
    Sequence waiting = submit(engine, prompt(new Random(10), 5), greedy(5), second);
    engine.step();
    waiting.cancel();
    drain(engine);
    assertThat(first.tokens).hasSize(5);
    assertThat(second.tokens).isEmpty();
    assertThat(second.reason).isEqualTo(FinishReason.CANCELLED);
    assertThat(second.endings).isEqualTo(1);
  }

  @Test
  void step_contextFull_finishesWithLength() {
    Engine engine = engine(32, 8, 512, 1);
    int[] prompt = prompt(new Random(11), 30);
    CollectingSink sink = new CollectingSink();
    submit(engine, prompt, greedy(-1), sink);
    drain(engine);
    assertThat(sink.tokens).isEqualTo(expected(prompt, 2));
    assertThat(sink.reason).isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void step_maxTokensZero_computesThePromptOnly() {
    Engine engine = engine(32, 8, 512, 1);
    CollectingSink sink = new CollectingSink();
    submit(engine, prompt(new Random(12), 32), greedy(0), sink);
    drain(engine);
    assertThat(sink.tokens).isEmpty();
    assertThat(sink.reason).isEqualTo(FinishReason.LENGTH);
    assertThat(passes.getFirst().numTokens).isEqualTo(32);
  }

  @Test
  void step_stopToken_finishesWithStop() {
    Engine engine = engine(64, 16, 512, 1);
    int[] prompt = prompt(new Random(13), 6);
    List<Integer> all = expected(prompt, 10);
    CollectingSink sink = new CollectingSink();
    submit(engine, prompt, greedy(10).withStopTokens(List.of(all.get(4))), sink);
    drain(engine);
    assertThat(sink.tokens).isEqualTo(all.subList(0, all.indexOf(all.get(4)) + 1));
    assertThat(sink.reason).isEqualTo(FinishReason.STOP);
  }

  @Test
  void step_logprobs_areThoseOfTheModel() {
    Engine engine = engine(64, 16, 512, 1);
    int[] prompt = prompt(new Random(14), 6);
    CollectingSink sink = new CollectingSink();
    submit(engine, prompt, greedy(3).withLogprobs(5), sink);
    drain(engine);
    float[] logits = RememberingPass.expected(VOCAB, prompt, prompt.length);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    TokenRanking ranking = sink.rankings.getFirst();
    int chosen = sink.tokens.getFirst();
    assertThat((double) ranking.logprob())
        .isCloseTo(logits[chosen] - Math.log(sum), org.assertj.core.data.Offset.offset(1e-4));
    assertThat(ranking.topTokens()).hasSize(5);
    assertThat(ranking.topLogprobs()[0]).isGreaterThanOrEqualTo(ranking.topLogprobs()[4]);
  }

  @Test
  void submit_badPrompts_areNamed() {
    Engine engine = engine(32, 8, 512, 1);
    assertCode(() -> submit(engine, new int[0], greedy(1), new CollectingSink()), "prompt-empty");
    assertCode(
        () -> submit(engine, new int[] {1, VOCAB}, greedy(1), new CollectingSink()),
        "prompt-unknown-token");
    assertThatThrownBy(() -> submit(engine, new int[32], greedy(1), new CollectingSink()))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("32 tokens")
        .hasMessageContaining("the context 32")
        .hasMessageContaining("at most 31");
  }

  @Test
  void step_forwardFails_failsItsSequencesAndGoesOn() {
    Engine engine = engine(64, 16, 512, 1);
    CollectingSink sink = new CollectingSink();
    submit(engine, prompt(new Random(15), 6), greedy(3), sink);
    passes.getFirst().failure = new EngineException("test-fault", "a fault", "", "", "");
    drain(engine);
    assertThat(((EngineException) sink.error).code()).isEqualTo("test-fault");
    assertThat(engine.blocks().usesInAll()).isZero();
    int[] prompt = prompt(new Random(16), 6);
    assertThat(generate(engine, prompt, 3)).isEqualTo(expected(prompt, 3));
  }

  @Test
  void close_whileRunning_endsSequencesWithANamedError() throws Exception {
    Engine engine = engine(4096, 1024, 512, 1);
    engine.start();
    CollectingSink running = new CollectingSink();
    CollectingSink waiting = new CollectingSink();
    submit(engine, prompt(new Random(17), 6), greedy(-1), running);
    submit(engine, prompt(new Random(18), 6), greedy(-1), waiting);
    engine.close();
    engine.close();
    assertThat(running.over.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(waiting.over.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(((EngineException) running.error).code()).isEqualTo("model-closed");
    assertThat(((EngineException) waiting.error).code()).isEqualTo("model-closed");
    assertCode(
        () -> submit(engine, new int[] {1}, greedy(1), new CollectingSink()), "model-closed");
    assertCode(() -> engine.call(() -> 1), "model-closed");
  }

  @Test
  void start_submitsFromManyThreads_givesTheRightTokens() throws Exception {
    long seed = 19;
    try (Engine engine = engine(64, 60, 24, 4)) {
      engine.start();
      List<Thread> threads = new ArrayList<>();
      List<Throwable> errors = java.util.Collections.synchronizedList(new ArrayList<>());
      for (int t = 0; t < 6; t++) {
        Random random = new Random(seed + t);
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    for (int i = 0; i < 10; i++) {
                      int[] prompt = prompt(random, 1 + random.nextInt(30));
                      CollectingSink sink = new CollectingSink();
                      Sequence sequence = submit(engine, prompt, greedy(12), sink);
                      if (random.nextInt(4) == 0) {
                        sequence.cancel();
                      }
                      assertThat(sink.over.await(30, TimeUnit.SECONDS)).isTrue();
                      assertThat(sink.tokens)
                          .isEqualTo(expected(prompt, 12).subList(0, sink.tokens.size()));
                      assertThat(sink.error).isNull();
                    }
                  } catch (Throwable e) {
                    errors.add(e);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(errors).isEmpty();
      int free = engine.call(() -> engine.blocks().numFree());
      assertThat(free).isEqualTo(60);
    }
  }

  @Test
  void prefixCache_randomUse_findsWhatAMapFinds() {
    Random random = new Random(20);
    PrefixCache cache = new PrefixCache(50);
    java.util.Map<Long, Integer> map = new java.util.HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      // Hashes that collide in their low bits.
      long hash = (long) random.nextInt(6) << 40 | random.nextInt(20);
      if (map.size() < 50 && random.nextBoolean()) {
        cache.put(hash, i);
        map.put(hash, i);
      } else if (map.containsKey(hash)) {
        cache.remove(hash, map.remove(hash));
      }
      long asked = (long) random.nextInt(6) << 40 | random.nextInt(20);
      assertThat(cache.find(asked)).isEqualTo(map.getOrDefault(asked, -1));
    }
  }

  private static void assertCode(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code) {
    assertThatThrownBy(call)
        .isInstanceOf(EngineException.class)
        .extracting(e -> ((EngineException) e).code())
        .isEqualTo(code);
  }

  @Test
  void call_workThatEndsInAnyError_tellsTheCallerAndGoesOn() {
    try (Engine engine = engine(64, 16, 8, 1)) {
      engine.start();
      AssertionError failed = new AssertionError("a listener's own");
      assertThatThrownBy(() ->
              engine.call(() -> {
                throw failed;
              }))
          .isSameAs(failed);
      assertThat(engine.call(() -> 7)).isEqualTo(7);
    }
  }
}
