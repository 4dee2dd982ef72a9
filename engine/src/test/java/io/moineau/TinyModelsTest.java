package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.kernels.Precision;
import io.moineau.tensor.DType;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole models made from a seed give the same tokens whatever the engine does around them. */
class TinyModelsTest {
  private static final long SEED = 20_261_120;

  @TempDir private static Path folder;

  static Stream<TinyModel> models() {
    return Stream.of(
        TinyModels.llama(SEED),
        TinyModels.llamaSentencePiece(SEED),
        TinyModels.mixtral(SEED),
        TinyModels.qwen3moe(SEED),
        TinyModels.deepseekV3(SEED),
        TinyModels.deepseekV2Lite(SEED));
  }

  private static final ModelOptions EXACT =
      ModelOptions.defaults()
          .withKvType(DType.F32)
          .withPrecision(Precision.EXACT)
          .withThreads(2)
          .withContextLength(128);

  private static int[] prompt(Random random, int length) {
    return random.ints(length, 10, 300).toArray();
  }

  private static Sampling greedy(int maxTokens) {
    return Sampling.greedy().withMaxTokens(maxTokens).withIgnoreEos(true);
  }

  private static List<Integer> tokens(Moineau moineau, int[] prompt, int n) {
    try (Generation generation = moineau.generate(prompt, greedy(n))) {
      return generation.answer().tokens();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void generate_anyWay_givesTheSameTokens(TinyModel model) {
    Path file = model.write(folder.resolve("tiny.gguf"));
    Random random = new Random(SEED);
    List<int[]> prompts = new ArrayList<>();
    List<List<Integer>> expected = new ArrayList<>();
    try (Moineau whole = Moineau.open(file, EXACT)) {
      for (int i = 0; i < 4; i++) {
        prompts.add(prompt(random, 20 + 9 * i));
        expected.add(tokens(whole, prompts.get(i), 12));
        // Once more: the whole blocks of the prompt come from the cache.
        try (Generation again = whole.generate(prompts.get(i), greedy(12))) {
          assertThat(again.answer().tokens()).as("cached").isEqualTo(expected.get(i));
          assertThat(again.answer().usage().cachedTokens())
              .isGreaterThanOrEqualTo(prompts.get(i).length / 32 * 32);
        }
      }
    }
    for (int chunk : new int[] {1, 7}) {
      try (Moineau chunked =
          Moineau.open(file, EXACT.withChunkTokens(chunk).withKvBlockTokens(16))) {
        for (int i = 0; i < 4; i++) {
          assertThat(tokens(chunked, prompts.get(i), 12))
              .as("chunk " + chunk)
              .isEqualTo(expected.get(i));
        }
      }
    }
    try (Moineau together = Moineau.open(file, EXACT.withMaxSequences(4).withChunkTokens(24))) {
      List<Generation> generations = new ArrayList<>();
      for (int[] prompt : prompts) {
        generations.add(together.generate(prompt, greedy(12)));
      }
      for (int i = 0; i < 4; i++) {
        assertThat(generations.get(i).answer().tokens()).as("together").isEqualTo(expected.get(i));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void evaluate_chunks_giveTheSameLogits(TinyModel model) {
    Path file = model.write(folder.resolve("tiny.gguf"));
    int[] prompt = prompt(new Random(SEED), 40);
    try (Moineau moineau = Moineau.open(file, EXACT)) {
      Evaluator.Evaluation whole = moineau.evaluator().evaluate(prompt, 0, 8);
      for (int chunk : new int[] {1, 7}) {
        Evaluator.Evaluation chunked = moineau.evaluator().evaluate(prompt, chunk, 8);
        assertThat(distance(whole.lastLogits(), chunked.lastLogits()))
            .as("relative RMS, chunk " + chunk)
            .isLessThan(1e-5);
        assertThat(chunked.positionArgmax()).isEqualTo(whole.positionArgmax());
        assertThat(chunked.greedy()).isEqualTo(whole.greedy());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void evaluate_compactKv_isNear(TinyModel model) {
    Path file = model.write(folder.resolve("tiny.gguf"));
    int[] prompt = prompt(new Random(SEED), 40);
    float[] exact;
    try (Moineau moineau = Moineau.open(file, EXACT)) {
      exact = moineau.evaluator().evaluate(prompt, 0, 1).lastLogits();
    }
    try (Moineau moineau = Moineau.open(file, EXACT.withKvType(DType.F16))) {
      float[] half = moineau.evaluator().evaluate(prompt, 0, 1).lastLogits();
      assertThat(distance(exact, half)).isBetween(1e-9, 5e-3);
    }
  }

  private static double distance(float[] reference, float[] other) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < reference.length; i++) {
      difference += Math.pow(reference[i] - other[i], 2);
      size += Math.pow(reference[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
