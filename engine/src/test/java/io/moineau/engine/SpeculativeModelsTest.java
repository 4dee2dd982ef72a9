package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.ExpertUse;
import io.moineau.GenerationRequest;
import io.moineau.Sampling;
import io.moineau.engine.sampling.SequenceBreakers;
import io.moineau.engine.speculation.Speculator;
import io.moineau.format.GgufFile;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.Precision;
import io.moineau.model.Architectures;
import io.moineau.model.LanguageModel;
import io.moineau.tensor.DType;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import io.moineau.testkit.WeightEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole tiny models give the same tokens with drafts as without, alone and in batches, and alone
 * the same logits to the last bit and the same experts.
 */
class SpeculativeModelsTest {
  private static final long SEED = 20_261_121;
  private static final int BLOCK = 16;
  private static final int TOKENS = 40;

  @TempDir private static Path folder;

  static Stream<TinyModel> models() {
    return Stream.of(
        TinyModels.llama(SEED),
        TinyModels.llama(SEED).weights(DType.Q8_0, WeightEncoder.PLAIN),
        TinyModels.mixtral(SEED).weights(DType.F16, WeightEncoder.PLAIN),
        TinyModels.qwen3moe(SEED).nextn(),
        TinyModels.deepseekV3(SEED).nextn().weights(DType.Q8_0, WeightEncoder.PLAIN),
        TinyModels.deepseekV2Lite(SEED).nextn());
  }

  private record Way(int drafts, boolean ngrams, boolean together) {}

  private record Result(
      List<List<Integer>> tokens, List<List<Float>> logprobs, List<List<ExpertUse>> experts) {}

  private static final Sampling GREEDY =
      Sampling.greedy().withMaxTokens(TOKENS).withIgnoreEos(true);
  private static final List<Sampling> SAMPLINGS =
      List.of(
          GREEDY,
          Sampling.defaults().withMaxTokens(TOKENS).withIgnoreEos(true).withLogprobs(1),
          Sampling.defaults()
              .withTemperature(0.3)
              .withRepeatPenalty(1.1)
              .withMaxTokens(TOKENS)
              .withIgnoreEos(true));

  private int accepted;
  private int ownDrafted;

  private Result run(GgufFile file, Kernels kernels, Way way) {
    boolean nextn = way.drafts > 0 && !way.ngrams;
    EngineLimits limits = EngineLimits.of(160, BLOCK, 64, 3);
    LanguageModel model = LanguageModel.load(file, kernels, List.of(), nextn);
    try (model;
        ModelPass pass =
            new ModelPass(
                model,
                model.newKv(DType.F32, BLOCK, limits.numBlocks()),
                model.newWorkspace(limits.chunkTokens()));
        Engine engine =
            new Engine(
                pass,
                limits,
                new int[0],
                way.drafts == 0 ? null : Speculator.always(way.drafts, way.ngrams))) {
      List<CollectingSink> sinks = new ArrayList<>();
      List<Sequence> sequences = new ArrayList<>();
      Random random = new Random(SEED);
      for (int i = 0; i < 3; i++) {
        int[] part = random.ints(12, 10, 300).toArray();
        int[] prompt = new int[30];
        for (int t = 0; t < prompt.length; t++) {
          prompt[t] = part[t % part.length];
        }
        for (Sampling sampling : SAMPLINGS) {
          CollectingSink sink = new CollectingSink();
          sinks.add(sink);
          GenerationRequest request = GenerationRequest.of(prompt, sampling).withExperts(true);
          sequences.add(engine.submit(request, i, SequenceBreakers.none(), sink));
          while (!way.together && engine.step()) {
            continue;
          }
        }
      }
      while (engine.step()) {
        continue;
      }
      accepted += engine.numAccepted();
      ownDrafted += nextn ? engine.numDrafted() : 0;
      return new Result(
          sinks.stream().map(sink -> sink.tokens).toList(),
          sinks.stream()
              .map(sink -> sink.rankings.stream().map(TokenRanking::logprob).toList())
              .toList(),
          sequences.stream().map(Sequence::expertsUsed).toList());
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void generate_drafts_giveTheSameTokens(TinyModel model) {
    Path path = model.write(folder.resolve("tiny.gguf"));
    try (GgufFile file = GgufFile.open(path);
        Kernels kernels = Kernels.open(KernelOptions.defaults().withThreads(2))) {
      Result plain = run(file, kernels, new Way(0, false, false));
      assertThat(plain.tokens()).allMatch(tokens -> tokens.size() == TOKENS);
      for (Way way : List.of(new Way(3, true, false), new Way(15, true, false))) {
        assertThat(run(file, kernels, way)).as("%s", way).isEqualTo(plain);
      }
      assertThat(accepted).as("drafts that were right").isPositive();
      if (Architectures.hasNextn(file)) {
        assertThat(run(file, kernels, new Way(1, false, false))).as("own drafts").isEqualTo(plain);
        assertThat(ownDrafted).isPositive();
      }
    }
    // Beside others a step without drafts is computed by kernels for many tokens. Activations that
    // are not rounded keep what those change to the last bits of a float.
    KernelOptions exact = KernelOptions.defaults().withThreads(2).withPrecision(Precision.EXACT);
    try (GgufFile file = GgufFile.open(path);
        Kernels kernels = Kernels.open(exact)) {
      List<List<Integer>> plain = run(file, kernels, new Way(0, false, false)).tokens();
      assertThat(run(file, kernels, new Way(6, true, true)).tokens()).isEqualTo(plain);
      if (Architectures.hasNextn(file)) {
        assertThat(run(file, kernels, new Way(1, false, true)).tokens())
            .as("own drafts in a batch")
            .isEqualTo(plain);
      }
    }
  }
}
