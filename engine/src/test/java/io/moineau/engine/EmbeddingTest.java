package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.GenerationRequest;
import io.moineau.Pooling;
import io.moineau.Sampling;
import io.moineau.engine.sampling.SequenceBreakers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class EmbeddingTest {
  private static final int VOCAB = 300;
  private static final int BLOCK = 4;

  private static Engine engine(int numBlocks, int chunk, int maxSequences) {
    return new Engine(
        new RememberingPass(VOCAB, numBlocks, BLOCK),
        new EngineLimits(64, BLOCK, numBlocks, chunk, maxSequences),
        new int[] {VOCAB - 1});
  }

  private static int[] prompt(Random random, int length) {
    return random.ints(length, 0, VOCAB - 1).toArray();
  }

  private static void drain(Engine engine) {
    int steps = 0;
    while (engine.step()) {
      assertThat(++steps).as("steps").isLessThan(100_000);
    }
  }

  /** The pooled states, computed with no engine. */
  private static float[] expected(int[] tokens, Pooling pooling) {
    double[] sum = new double[RememberingPass.HIDDEN];
    for (int i = 0; i < tokens.length; i++) {
      boolean counts =
          switch (pooling) {
            case MEAN -> true;
            case CLS -> i == 0;
            case LAST -> i == tokens.length - 1;
          };
      float[] state = RememberingPass.expectedHidden(tokens, i + 1);
      for (int k = 0; counts && k < sum.length; k++) {
        sum[k] += state[k];
      }
    }
    double length = Math.sqrt(Arrays.stream(sum).map(x -> x * x).sum());
    float[] unit = new float[sum.length];
    for (int k = 0; k < unit.length; k++) {
      unit[k] = (float) (sum[k] / length);
    }
    return unit;
  }

  private static void assertSame(float[] actual, float[] expected) {
    for (int k = 0; k < expected.length; k++) {
      assertThat(actual[k]).isCloseTo(expected[k], org.assertj.core.data.Offset.offset(1e-6f));
    }
  }

  @ParameterizedTest
  @EnumSource(Pooling.class)
  void embed_besideGenerationWithPreemption_givesTheStatesOfThePrompt(Pooling pooling) {
    Random random = new Random(11);
    // Prompts and answers need more blocks than there are.
    Engine engine = engine(22, 9, 4);
    List<int[]> prompts = new ArrayList<>();
    List<Engine.Embedding> embeddings = new ArrayList<>();
    int[] chat = prompt(random, 12);
    CollectingSink sink = new CollectingSink();
    Sampling greedy = Sampling.greedy().withMaxTokens(30).withIgnoreEos(true);
    for (int round = 0; round < 3; round++) {
      engine.submit(GenerationRequest.of(chat, greedy), 1, SequenceBreakers.none(), sink);
      for (int i = 0; i < 6; i++) {
        int[] tokens = prompt(random, 1 + random.nextInt(60));
        // Beginnings that are in the cache must not be left out of a mean.
        System.arraycopy(chat, 0, tokens, 0, Math.min(tokens.length, 9));
        prompts.add(tokens);
        embeddings.add(engine.embed(tokens, pooling, "e" + i % 2));
      }
      drain(engine);
    }
    assertThat(sink.error).isNull();
    for (int i = 0; i < prompts.size(); i++) {
      assertThat(embeddings.get(i).vector()).isDone();
      assertSame(embeddings.get(i).vector().join(), expected(prompts.get(i), pooling));
    }
    assertThat(engine.blocks().usesInAll()).isZero();
  }

  @Test
  void embed_samePromptAgain_leavesNothingOutOfTheMean() {
    Engine engine = engine(32, 64, 2);
    int[] tokens = prompt(new Random(12), 33);
    for (int i = 0; i < 2; i++) {
      Engine.Embedding embedding = engine.embed(tokens, Pooling.MEAN, "");
      drain(engine);
      assertSame(embedding.vector().join(), expected(tokens, Pooling.MEAN));
    }
  }

  @Test
  void embed_lastToken_takesTheBeginningFromTheCache() {
    Engine engine = engine(32, 64, 2);
    int[] tokens = prompt(new Random(13), 33);
    engine.embed(tokens, Pooling.LAST, "");
    drain(engine);
    Engine.Embedding again = engine.embed(tokens, Pooling.LAST, "");
    drain(engine);
    assertThat(again.sequence().cachedTokens()).isEqualTo(32);
    assertSame(again.vector().join(), expected(tokens, Pooling.LAST));
  }

  @Test
  void embed_cancelledOrTooLong_isNamed() {
    Engine engine = engine(32, 8, 2);
    Engine.Embedding embedding = engine.embed(prompt(new Random(14), 33), Pooling.MEAN, "");
    engine.step();
    embedding.sequence().cancel();
    drain(engine);
    assertThat(embedding.vector()).isCancelled();
    assertThat(engine.blocks().usesInAll()).isZero();
    assertThatThrownBy(() -> engine.embed(new int[65], Pooling.MEAN, ""))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("65 tokens");
  }
}
