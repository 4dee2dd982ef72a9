package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.engine.EngineException;
import io.moineau.kernels.Precision;
import io.moineau.tensor.DType;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole models give everybody the same tokens, however many ask and whatever is kept. */
@Timeout(120)
class ServingTest {
  private static final long SEED = 20_261_121;

  @TempDir private Path folder;

  static Stream<TinyModel> models() {
    return Stream.of(TinyModels.qwen3moe(SEED), TinyModels.deepseekV3(SEED));
  }

  private static final ModelOptions EXACT =
      ModelOptions.defaults()
          .withKvType(DType.F32)
          .withPrecision(Precision.EXACT)
          .withThreads(2)
          .withKvBlockTokens(16)
          .withContextLength(128);

  private static List<int[]> prompts() {
    Random random = new Random(SEED);
    int[] common = random.ints(37, 10, 300).toArray();
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int[] prompt = Arrays.copyOf(common, 38 + 7 * i);
      for (int k = i < 3 ? 37 : 5; k < prompt.length; k++) {
        prompt[k] = 10 + random.nextInt(290);
      }
      prompts.add(prompt);
    }
    return prompts;
  }

  private static Sampling greedy() {
    return Sampling.greedy().withMaxTokens(10).withIgnoreEos(true);
  }

  private static List<List<Integer>> together(Moineau moineau, List<int[]> prompts) {
    List<Generation> generations = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      GenerationRequest request = GenerationRequest.of(prompts.get(i), greedy());
      generations.add(moineau.generate(request.withShare("user " + i % 3)));
    }
    return generations.stream().map(generation -> generation.answer().tokens()).toList();
  }

  @ParameterizedTest
  @MethodSource("models")
  void generate_manyAtOnceWithAnyCache_givesTheTokensOfOne(TinyModel model) {
    Path file = model.write(folder.resolve("tiny.gguf"));
    List<int[]> prompts = prompts();
    List<List<Integer>> expected = new ArrayList<>();
    try (Moineau alone = Moineau.open(file, EXACT.withServing(serving(PrefixCacheOptions.off())))) {
      for (int[] prompt : prompts) {
        expected.add(alone.generate(prompt, greedy()).answer().tokens());
      }
      assertThat(alone.stats().cachedTokens()).isZero();
    }
    Path kept = folder.resolve("kept");
    PrefixCacheOptions[] caches = {
      PrefixCacheOptions.off(),
      PrefixCacheOptions.defaults(),
      PrefixCacheOptions.defaults().withFolder(kept, 1 << 24),
      PrefixCacheOptions.defaults().withFolder(kept, 1 << 24) // now with something in it
    };
    List<Long> computed = new ArrayList<>();
    for (PrefixCacheOptions cache : caches) {
      // Room for two whole contexts: six users push each other out of it.
      ModelOptions options =
          EXACT
              .withMaxSequences(6)
              .withChunkTokens(48)
              .withServing(serving(cache).withKvTokens(256));
      try (Moineau moineau = Moineau.open(file, options)) {
        assertThat(moineau.card().memory().kvTokens()).isEqualTo(256);
        assertThat(together(moineau, prompts)).as(cache.toString()).isEqualTo(expected);
        assertThat(together(moineau, prompts)).as(cache.toString()).isEqualTo(expected);
        EngineStats stats = moineau.stats();
        assertThat(stats.blocks()).isEqualTo(16);
        assertThat(stats.generatedTokens()).isEqualTo(120);
        computed.add(stats.computedTokens());
      }
    }
    assertThat(computed.get(1)).as("cached").isLessThan(computed.get(0));
    assertThat(computed.get(3)).as("read").isLessThan(computed.get(2));
  }

  private static ServingOptions serving(PrefixCacheOptions cache) {
    return ServingOptions.defaults().withPrefixCache(cache);
  }

  @Test
  void generate_choicesOfOnePrompt_computeItOnceAndDiffer() {
    Path file = TinyModels.qwen3moe(SEED).write(folder.resolve("tiny.gguf"));
    int[] prompt = prompts().getLast();
    try (Moineau moineau = Moineau.open(file, EXACT.withMaxSequences(4))) {
      Sampling hot = Sampling.defaults().withTemperature(2).withMaxTokens(8).withIgnoreEos(true);
      List<Generation> choices = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        choices.add(moineau.generate(prompt, hot.withSeed(i)));
      }
      List<List<Integer>> tokens =
          choices.stream().map(choice -> choice.answer().tokens()).distinct().toList();
      assertThat(tokens.size()).isGreaterThan(1);
      long prompts = moineau.stats().computedTokens() - 4 * 7;
      assertThat(prompts).isLessThanOrEqualTo(prompt.length + 3 * 16);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void embed_besideGeneration_givesTheSameVectors(TinyModel model) {
    Path file = model.write(folder.resolve("tiny.gguf"));
    List<int[]> prompts = prompts();
    float[][] alone;
    try (Moineau moineau = Moineau.open(file, EXACT)) {
      alone = moineau.embed(prompts);
      assertThat(moineau.pooling()).isEqualTo(Pooling.MEAN);
    }
    try (Moineau moineau = Moineau.open(file, EXACT.withMaxSequences(3).withChunkTokens(21))) {
      Generation beside = moineau.generate(prompts.getFirst(), greedy().withMaxTokens(60));
      float[][] vectors = moineau.embed(prompts);
      assertThat(beside.answer().tokens()).hasSize(60);
      for (int i = 0; i < prompts.size(); i++) {
        double squares = 0;
        for (int k = 0; k < vectors[i].length; k++) {
          assertThat(vectors[i][k]).isCloseTo(alone[i][k], Offset.offset(1e-4f));
          squares += vectors[i][k] * vectors[i][k];
        }
        assertThat(squares).isCloseTo(1, Offset.offset(1e-4));
      }
      // The last token has seen everything, the first nothing.
      float[][] last = moineau.embed(prompts, Pooling.LAST, "");
      float[][] first = moineau.embed(prompts, Pooling.CLS, "");
      assertThat(cosine(first[0], first[1])).isGreaterThan(0.999);
      assertThat(cosine(last[0], last[1])).isLessThan(0.999);
    }
  }

  private static double cosine(float[] a, float[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  @Test
  void rerank_documentEqualToTheQuery_comesFirst() {
    Path file = TinyModels.llama(SEED).write(folder.resolve("tiny.gguf"));
    try (Moineau moineau = Moineau.open(file, EXACT)) {
      float[] scores = moineau.rerank("the bird", List.of("entirely other", "the bird"), "");
      assertThat(scores[1]).isCloseTo(1, Offset.offset(1e-4f));
      assertThat(scores[0]).isLessThan(scores[1]);
    }
  }

  @Test
  void open_folderThatHoldsOtherThings_isRefusedAndLeftAlone() throws Exception {
    Path file = TinyModels.llama(SEED).write(folder.resolve("tiny.gguf"));
    PrefixCacheOptions cache = PrefixCacheOptions.defaults().withFolder(folder, 1 << 20);
    assertThatThrownBy(() -> Moineau.open(file, EXACT.withServing(serving(cache))))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("something else");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly("tiny.gguf");
    }
  }
}
