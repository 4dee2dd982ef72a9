package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.Evaluator;
import io.moineau.GenerationRequest;
import io.moineau.Sampling;
import io.moineau.engine.sampling.SamplerChain;
import io.moineau.engine.sampling.SequenceBreakers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EngineEvaluatorTest {
  private static final int VOCAB = 100;

  private static Engine engine(int context) {
    RememberingPass pass = new RememberingPass(VOCAB, context / 4, 4);
    return new Engine(pass, new EngineLimits(context, 4, context / 4, 16, 1), new int[] {1});
  }

  @Test
  void evaluate_anyChunk_showsEveryPosition() {
    int[] tokens = new Random(1).ints(37, 0, VOCAB).toArray();
    for (int chunk : new int[] {0, 1, 7, 16}) {
      List<Integer> positions = new ArrayList<>();
      new EngineEvaluator(engine(64), 5)
          .evaluate(
              tokens,
              chunk,
              (position, logits) -> {
                positions.add(position);
                assertThat(logits)
                    .containsExactly(RememberingPass.expected(VOCAB, tokens, position + 1));
                return true;
              });
      assertThat(positions).hasSize(37).isSorted();
    }
  }

  @Test
  void evaluate_listenerHasEnough_stops() {
    int[] seen = new int[1];
    Engine engine = engine(64);
    new EngineEvaluator(engine, 16).evaluate(new int[30], 0, (position, logits) -> ++seen[0] < 3);
    assertThat(seen[0]).isEqualTo(3);
    assertThat(engine.blocks().usesInAll()).isZero();
  }

  @Test
  void evaluateGreedy_tokens_givesArgmaxGapAndContinuation() {
    int[] tokens = new Random(2).ints(20, 0, VOCAB).toArray();
    Evaluator.Evaluation result = new EngineEvaluator(engine(64), 16).evaluate(tokens, 7, 6);
    assertThat(result.lastLogits())
        .containsExactly(RememberingPass.expected(VOCAB, tokens, tokens.length));
    int[] all = java.util.Arrays.copyOf(tokens, 26);
    for (int i = 0; i < 6; i++) {
      int best = SamplerChain.argmax(RememberingPass.expected(VOCAB, all, 20 + i));
      assertThat(result.greedy().get(i)).isEqualTo(best);
      all[20 + i] = best;
    }
    assertThat(result.positionArgmax()).hasSize(20);
    assertThat(result.positionArgmax().get(19)).isEqualTo(result.greedy().getFirst());
    assertThat(result.positionGap()).hasSize(20).allMatch(gap -> gap >= 0);
    assertThat(result.greedyGap().getFirst()).isEqualTo(result.positionGap().get(19));
  }

  @Test
  void measure_tokens_computesAllOfThem() {
    Engine engine = engine(64);
    Evaluator.Speed speed = new EngineEvaluator(engine, 16).measure(40, 10, 0);
    assertThat(speed.promptNanos()).isPositive();
    assertThat(speed.generateNanos()).isPositive();
    assertThat(((RememberingPass) engine.model()).numTokens).isEqualTo(50);
    assertThat(((RememberingPass) engine.model()).numForwards).isEqualTo(3 + 10);
  }

  @Test
  void evaluate_cachedPrefixes_areNotHarmed() {
    Engine engine = engine(64);
    int[] tokens = new Random(3).ints(21, 2, VOCAB).toArray();
    CollectingSink first = new CollectingSink();
    Sampling greedy = Sampling.greedy().withMaxTokens(5).withIgnoreEos(true);
    engine.submit(GenerationRequest.of(tokens, greedy), 1, SequenceBreakers.none(), first);
    while (engine.step()) {}
    new EngineEvaluator(engine, 16).evaluate(new int[60], 0, 3);
    CollectingSink second = new CollectingSink();
    engine.submit(GenerationRequest.of(tokens, greedy), 1, SequenceBreakers.none(), second);
    while (engine.step()) {}
    assertThat(second.tokens).isEqualTo(first.tokens);
  }

  @Test
  void evaluate_chunkAboveAWholeContext_isAsGoodAsIt() {
    Engine engine = engine(16);
    assertThat(new EngineEvaluator(engine, 16).evaluate(new int[10], 512, 2).greedy()).hasSize(2);
  }

  @Test
  void evaluate_badArguments_areNamed() {
    Evaluator evaluator = new EngineEvaluator(engine(64), 16);
    assertCode(() -> evaluator.evaluate(new int[0], 0, 1), "prompt-empty");
    assertCode(() -> evaluator.evaluate(new int[60], 0, 5), "prompt-too-long");
    assertCode(() -> evaluator.evaluate(new int[] {-1}, 0, 1), "prompt-unknown-token");
    assertCode(() -> evaluator.evaluate(new int[1], 17, 1), "chunk-out-of-range");
    assertCode(() -> evaluator.evaluate(new int[1], 0, -1), "evaluate-bad-count");
    assertCode(() -> evaluator.measure(65, 0, 0), "prompt-too-long");
  }

  private static void assertCode(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code) {
    assertThatThrownBy(call)
        .isInstanceOf(EngineException.class)
        .extracting(e -> ((EngineException) e).code())
        .isEqualTo(code);
  }
}
