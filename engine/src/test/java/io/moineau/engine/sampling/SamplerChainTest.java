package io.moineau.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.SamplerKind;
import io.moineau.Sampling;
import io.moineau.engine.EngineException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplerChainTest {
  private static final int VOCAB = 2000;

  private static SamplerChain chain(Sampling sampling, long seed, int... history) {
    return new SamplerChain(
        sampling, seed, VOCAB, new TokenList(history), SequenceBreakers.none(), new int[] {7});
  }

  private static float[] logits(long seed) {
    Random random = new Random(seed);
    float[] logits = new float[VOCAB];
    for (int i = 0; i < VOCAB; i++) {
      logits[i] = (float) random.nextGaussian() * 3;
    }
    return logits;
  }

  private static int[] draw(Sampling sampling, long seed, int n) {
    SamplerChain chain = chain(sampling, seed);
    Candidates candidates = new Candidates(VOCAB);
    int[] tokens = new int[n];
    for (int i = 0; i < n; i++) {
      tokens[i] = chain.sample(logits(i), candidates);
    }
    return tokens;
  }

  @Test
  void sample_sameSeed_givesTheSameTokens() {
    Sampling everything =
        Sampling.defaults()
            .withXtc(new Sampling.Xtc(0.5, 0.05))
            .withTypicalP(0.95)
            .withDynamicTemperatureRange(0.3);
    assertThat(draw(everything, 12, 50)).containsExactly(draw(everything, 12, 50));
    assertThat(draw(everything, 12, 50)).isNotEqualTo(draw(everything, 13, 50));
  }

  @Test
  void sample_greedy_takesTheLargestByEitherWay() {
    // The fast path, and the same through all samplers (a bias alone does not leave the fast path,
    // a penalty that changes nothing does).
    Sampling slow = Sampling.greedy().withRepeatPenalty(1.0001);
    for (int i = 0; i < 20; i++) {
      float[] logits = logits(i);
      int best = SamplerChain.argmax(logits);
      assertThat(chain(Sampling.greedy(), 0).sample(logits(i), new Candidates(VOCAB)))
          .isEqualTo(best);
      assertThat(chain(slow, 0).sample(logits(i), new Candidates(VOCAB))).isEqualTo(best);
    }
  }

  @Test
  void sample_greedyWithTies_takesTheFirst() {
    float[] logits = new float[VOCAB];
    logits[5] = 1;
    logits[900] = 1;
    assertThat(chain(Sampling.greedy(), 0).sample(logits.clone(), new Candidates(VOCAB)))
        .isEqualTo(5);
    assertThat(
            chain(Sampling.greedy().withPresencePenalty(1), 0)
                .sample(logits.clone(), new Candidates(VOCAB)))
        .isEqualTo(5);
  }

  @Test
  void sample_logitBias_forbidsAndForces() {
    float[] logits = logits(1);
    int best = SamplerChain.argmax(logits);
    Sampling forbidden = Sampling.greedy().withLogitBias(Map.of(best, Double.NEGATIVE_INFINITY));
    assertThat(chain(forbidden, 0).sample(logits.clone(), new Candidates(VOCAB)))
        .isNotEqualTo(best);
    Sampling forced = Sampling.defaults().withLogitBias(Map.of(33, 1000.0));
    assertThat(chain(forced, 0).sample(logits.clone(), new Candidates(VOCAB))).isEqualTo(33);
  }

  @Test
  void sample_ignoreEos_neverEnds() {
    float[] logits = new float[VOCAB];
    logits[7] = 100;
    assertThat(chain(Sampling.greedy(), 0).sample(logits.clone(), new Candidates(VOCAB)))
        .isEqualTo(7);
    assertThat(
            chain(Sampling.greedy().withIgnoreEos(true), 0)
                .sample(logits.clone(), new Candidates(VOCAB)))
        .isEqualTo(0);
  }

  @Test
  void sample_orderMatters_isObeyed() {
    // Top-k 1 before XTC leaves nothing to exclude; after it, the best is gone already.
    Sampling sampling =
        Sampling.defaults().withTopK(1).withMinP(0).withTopP(1).withXtc(new Sampling.Xtc(1, 0));
    float[] logits = logits(2);
    int best = SamplerChain.argmax(logits);
    Sampling first =
        sampling.withOrder(List.of(SamplerKind.TOP_K, SamplerKind.XTC, SamplerKind.TEMPERATURE));
    Sampling second =
        sampling.withOrder(List.of(SamplerKind.XTC, SamplerKind.TOP_K, SamplerKind.TEMPERATURE));
    assertThat(chain(first, 0).sample(logits.clone(), new Candidates(VOCAB))).isEqualTo(best);
    assertThat(chain(second, 0).sample(logits.clone(), new Candidates(VOCAB))).isNotEqualTo(best);
  }

  @Test
  void new_unknownBiasToken_namesIt() {
    assertThatThrownBy(() -> chain(Sampling.defaults().withLogitBias(Map.of(VOCAB, 1.0)), 0))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("token 2000")
        .hasMessageContaining("0 to 1999");
  }

  @Test
  void sampling_defaults_areThoseOfLlamaCpp() {
    Sampling s = Sampling.defaults();
    assertThat(s.temperature()).isEqualTo(0.8);
    assertThat(s.topK()).isEqualTo(40);
    assertThat(s.topP()).isEqualTo(0.95);
    assertThat(s.minP()).isEqualTo(0.05);
    assertThat(s.typicalP()).isEqualTo(1);
    assertThat(s.topNSigma()).isEqualTo(-1);
    assertThat(s.repeatPenalty()).isEqualTo(1);
    assertThat(s.repeatLastN()).isEqualTo(64);
    assertThat(s.dry()).isEqualTo(new Sampling.Dry(0, 1.75, 2, -1, List.of("\n", ":", "\"", "*")));
    assertThat(s.xtc()).isEqualTo(new Sampling.Xtc(0, 0.1));
    assertThat(s.mirostat()).isEqualTo(new Sampling.Mirostat(0, 5, 0.1));
    assertThat(s.order())
        .containsExactly(
            SamplerKind.PENALTIES,
            SamplerKind.DRY,
            SamplerKind.TOP_N_SIGMA,
            SamplerKind.TOP_K,
            SamplerKind.TYPICAL_P,
            SamplerKind.TOP_P,
            SamplerKind.MIN_P,
            SamplerKind.XTC,
            SamplerKind.TEMPERATURE);
    assertThat(s.minKeep()).isZero();
    assertThat(s.maxTokens()).isEqualTo(-1);
  }

  @Test
  void sampling_outOfRange_saysTheRange() {
    assertThatThrownBy(() -> Sampling.defaults().withTopP(1.5))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("topP=1.5")
        .hasMessageContaining("0 to 1");
    assertThatThrownBy(() -> Sampling.defaults().withTemperature(Double.NaN))
        .isInstanceOf(EngineException.class);
    assertThatThrownBy(() -> Sampling.defaults().withStop(List.of("")))
        .isInstanceOf(EngineException.class);
  }
}
