package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which experts tokens choose: of the model as a whole, and of one answer. */
@Timeout(120)
class ExpertActivityTest {
  private static final long SEED = 20_261_121;
  private static final ModelOptions OPTIONS =
      ModelOptions.defaults().withThreads(1).withContextLength(128).withKvBlockTokens(16);

  @TempDir private Path folder;

  static Stream<TinyModel> models() {
    return Stream.of(
        TinyModels.mixtral(SEED),
        TinyModels.qwen3moe(SEED).nextn(),
        TinyModels.deepseekV3(SEED),
        TinyModels.deepseekV2Lite(SEED).nextn());
  }

  private Moineau open(TinyModel model, ModelOptions options) {
    return Moineau.open(model.write(folder.resolve("tiny.gguf")), options);
  }

  private static GenerationRequest request(int promptTokens, int tokens) {
    int[] prompt = IntStream.range(0, promptTokens).map(i -> 20 + i * 7 % 250).toArray();
    Sampling sampling = Sampling.greedy().withMaxTokens(tokens).withIgnoreEos(true);
    return GenerationRequest.of(prompt, sampling);
  }

  private static Answer answer(Moineau moineau, GenerationRequest request) {
    try (Generation generation = moineau.generate(request)) {
      return generation.answer();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void totals_everyComputedToken_countsInEveryLayerOnce(TinyModel model) {
    try (Moineau moineau = open(model, OPTIONS)) {
      Map<Integer, long[]> heard = new TreeMap<>();
      int perToken = moineau.card().numExpertsPerTok();
      moineau.onExperts((layer, numTokens, experts, weights) -> {
        long[] counts = heard.computeIfAbsent(layer, l -> new long[moineau.card().numExperts()]);
        for (int i = 0; i < numTokens * perToken; i++) {
          counts[experts[i]]++;
        }
      });
      for (int n : new int[] {33, 50, 9}) {
        answer(moineau, request(n, 6));
      }
      moineau.embed(List.of(request(21, 0).prompt()));
      check(moineau, heard);
    }
  }

  private static void check(Moineau moineau, Map<Integer, long[]> heard) {
    moineau.close(); // the last step is counted once its tokens are told
    ExpertActivity activity = moineau.experts().orElseThrow();
    ModelCard card = moineau.card();
    assertThat(activity.experts()).isEqualTo(card.numExperts());
    assertThat(activity.layers()).isNotEmpty();
    assertThat(heard.keySet())
        .containsExactlyElementsOf(Arrays.stream(activity.layers()).boxed().toList());
    assertThat(activity.layers()[activity.layers().length - 1])
        .as("the layer for the token after next is left out")
        .isLessThan(card.numLayers());
    long computed = moineau.stats().computedTokens();
    for (int i = 0; i < activity.layers().length; i++) {
      long[] tokens = activity.tokens(i);
      assertThat(tokens).isEqualTo(heard.get(activity.layers()[i]));
      assertThat(Arrays.stream(tokens).sum()).isEqualTo(computed * card.numExpertsPerTok());
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void answer_asked_countsItsTokensWhateverWasCachedOrPreemptedBesideIt(TinyModel model) {
    ModelOptions tight =
        OPTIONS.withMaxSequences(4).withServing(ServingOptions.defaults().withKvTokens(128));
    try (Moineau moineau = open(model, tight.withBatchInvariant(true))) {
      GenerationRequest request = request(40, 20).withExperts(true);
      Answer first = answer(moineau, request);
      assertCounts(moineau, first);
      assertThat(first.experts())
          .isSortedAccordingTo((a, b) -> Integer.compare(b.tokens(), a.tokens()));

      Answer again = answer(moineau, request);
      assertThat(again.usage().cachedTokens()).as("found in the prefix cache").isPositive();
      assertThat(again.experts()).isEqualTo(first.experts());

      List<Generation> together = new ArrayList<>();
      for (int n : new int[] {44, 40, 38, 36}) {
        together.add(moineau.generate(request(n, n == 40 ? 20 : 60).withExperts(n != 38)));
      }
      List<Answer> answers = together.stream().map(Generation::answer).toList();
      assertThat(moineau.stats().preemptions()).as("blocks ran out").isPositive();
      assertThat(answers.get(1).tokens()).isEqualTo(first.tokens());
      assertThat(answers.get(1).experts()).isEqualTo(first.experts());
      assertCounts(moineau, answers.get(0));
      assertThat(answers.get(2).experts()).as("nobody asked").isEmpty();
      assertCounts(moineau, answers.get(3));
    }
  }

  private static void assertCounts(Moineau moineau, Answer answer) {
    Map<Integer, Integer> byLayer =
        answer.experts().stream()
            .collect(
                Collectors.groupingBy(ExpertUse::layer, Collectors.summingInt(ExpertUse::tokens)));
    int each = answer.usage().completionTokens() * moineau.card().numExpertsPerTok();
    ExpertActivity activity = moineau.experts().orElseThrow();
    assertThat(byLayer).hasSize(activity.layers().length);
    for (int layer : activity.layers()) {
      assertThat(byLayer.get(layer)).as("layer " + layer).isEqualTo(each);
    }
  }

  @Test
  void denseModel_hasNoExperts() {
    try (Moineau moineau = open(TinyModels.llama(SEED), OPTIONS)) {
      assertThat(moineau.experts()).isEmpty();
      assertThat(answer(moineau, request(10, 4).withExperts(true)).experts()).isEmpty();
    }
  }

  @Test
  void chat_asked_tellsThem_andTotalsOutliveTheModel() {
    Moineau moineau = Moineau.openDefault(OPTIONS);
    ExpertActivity activity = moineau.experts().orElseThrow();
    try (moineau) {
      ChatRequest request =
          ChatRequest.of(List.of(Message.user("Hello!")))
              .withSampling(Sampling.greedy().withMaxTokens(8));
      try (ChatStream stream = moineau.chat(request.withExperts(true))) {
        ChatAnswer answer = stream.answer();
        int sum = answer.experts().stream().mapToInt(ExpertUse::tokens).sum();
        assertThat(sum)
            .isEqualTo(
                answer.usage().completionTokens()
                    * moineau.card().numExpertsPerTok()
                    * activity.layers().length);
      }
      try (ChatStream stream = moineau.chat(request)) {
        assertThat(stream.answer().experts()).isEmpty();
      }
    }
    assertThat(Arrays.stream(activity.tokens(0)).sum()).isPositive();
  }
}
