package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.Scoring;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every block: the same result as the reference, and the gradient that differences give. */
final class BlockGradientTest {
  private static final int HIDDEN = 12;
  private static Workers workers;

  @BeforeAll
  static void start() {
    workers = new Workers(2);
  }

  @AfterAll
  static void stop() {
    workers.close();
  }

  private interface Form {
    double[] apply(Reference reference, double[] x);
  }

  private static void check(int in, int out, Function<Blueprint, Block> make, Form form) {
    TokenBatch batch = TinyConfigs.batch();
    int n = batch.size();
    Blueprint blueprint = new Blueprint(workers, n + 3, n);
    Block block = make.apply(blueprint);
    blueprint.allocate(1);
    Parameters parameters = blueprint.parameters();
    Gradients.fill(parameters, 2);
    float[] x = Gradients.random(3, n * in);
    float[] dy = Gradients.random(4, n * out);
    float[] y = new float[n * out];
    float[] dx = new float[n * in];
    block.forward(batch, x, y);
    double[] wide = Gradients.widen(parameters.values(), parameters.size());
    double[] wideX = Gradients.widen(x, x.length);
    Gradients.assertClose(
        "result", y, 0, form.apply(new Reference(parameters, wide, batch), wideX));
    block.backward(batch, x, dy, dx);
    Gradients.assertClose(
        "input",
        dx,
        0,
        Gradients.differences(
            wideX,
            0,
            x.length,
            at -> weigh(form.apply(new Reference(parameters, wide, batch), at), dy)));
    Gradients.checkParameters(
        parameters, at -> weigh(form.apply(new Reference(parameters, at, batch), wideX), dy));
  }

  private static double weigh(double[] y, float[] dy) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += y[i] * dy[i];
    }
    return sum;
  }

  @Test
  void linear() {
    check(
        12,
        7,
        blueprint -> new Linear(blueprint, "w", 12, 7, 1),
        (reference, x) -> reference.linear(x, "w", 12, 7));
  }

  @Test
  void rmsNorm_ofParts() {
    check(
        12,
        12,
        blueprint -> new RmsNorm(blueprint, "g", 3, 4, 1e-6f),
        (reference, x) -> reference.rmsNorm(x, "g", 4, 1e-6));
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void gqaAttention(boolean neox) {
    ModelConfig config = TinyConfigs.gqa(Optional.empty(), 1);
    ModelConfig turned =
        new ModelConfig(
            "dots1",
            19,
            64,
            12,
            1,
            10,
            4,
            2,
            6,
            5,
            1e-6f,
            config.attentionScale(),
            0,
            TinyConfigs.rope(4, neox),
            Optional.empty(),
            Optional.empty());
    check(
        HIDDEN,
        HIDDEN,
        blueprint -> new GqaAttention(blueprint, turned, 0, 1, 1),
        (reference, x) -> reference.gqa(x, turned, 0));
  }

  @ParameterizedTest
  @CsvSource({"0", "6"})
  void mlaAttention(int qLoraRank) {
    ModelConfig config = TinyConfigs.mla(qLoraRank, Optional.empty(), 1);
    check(
        HIDDEN,
        HIDDEN,
        blueprint -> new MlaAttention(blueprint, config, 0, 1, 1),
        (reference, x) -> reference.mla(x, config, 0));
  }

  @Test
  void swiGluFfn() {
    check(
        HIDDEN,
        HIDDEN,
        blueprint -> new SwiGluFfn(blueprint, 0, "", HIDDEN, 10, 1, 1),
        (reference, x) -> reference.swiGlu(x, 0, "", HIDDEN, 10));
  }

  @ParameterizedTest
  @CsvSource({"SIGMOID, true, 6", "SIGMOID, false, 0", "SOFTMAX, true, 0", "SOFTMAX, false, 12"})
  void moeFfn(Scoring scoring, boolean norm, int shared) {
    ModelConfig config = TinyConfigs.gqa(TinyConfigs.experts(scoring, norm, shared, 0), 1);
    check(
        HIDDEN,
        HIDDEN,
        blueprint -> new MoeFfn(blueprint, config, 0, 1, 1),
        (reference, x) -> reference.moe(x, config, 0));
  }

  @Test
  void transformerLayer() {
    ModelConfig config = TinyConfigs.mla(0, TinyConfigs.experts(Scoring.SIGMOID, true, 6, 0), 1);
    check(
        HIDDEN,
        HIDDEN,
        blueprint -> new TransformerLayer(blueprint, config, 0),
        (reference, x) -> reference.layer(x, config, 0));
  }

  /** Longer than the rows that attention and norms take at a time. */
  @Test
  void attention_ofLongSegments() {
    TokenBatch batch = new TokenBatch(330);
    batch.beginSegment();
    for (int i = 0; i < 190; i++) {
      batch.add(0, 0);
    }
    batch.beginSegment();
    for (int i = 0; i < 130; i++) {
      batch.add(0, 0);
    }
    int n = batch.size();
    Blueprint blueprint = new Blueprint(workers, n, 190);
    CausalAttention attention = new CausalAttention(blueprint, 2, 1, 3, 2, 0.7f);
    blueprint.allocate(1);
    float[] q = Gradients.random(1, n * 6);
    float[] k = Gradients.random(2, n * 3);
    float[] v = Gradients.random(3, n * 2);
    float[] dy = Gradients.random(4, n * 4);
    float[] y = new float[n * 4];
    float[] dq = new float[n * 6];
    float[] dk = new float[n * 3];
    float[] dv = new float[n * 2];
    attention.forward(batch, q, k, v, y);
    attention.backward(batch, q, k, v, y, dy, dq, dk, dv);
    Reference reference = new Reference(blueprint.parameters(), new double[0], batch);
    double[] wq = Gradients.widen(q, q.length);
    double[] wk = Gradients.widen(k, k.length);
    double[] wv = Gradients.widen(v, v.length);
    Gradients.assertClose("result", y, 0, reference.attention(wq, wk, wv, 2, 1, 3, 2, 0.7f));
    int some = 60; // of the first tokens, on which most others depend
    Gradients.assertClose(
        "keys",
        dk,
        0,
        Gradients.differences(
            wk, 0, some, at -> weigh(reference.attention(wq, at, wv, 2, 1, 3, 2, 0.7f), dy)));
    Gradients.assertClose(
        "values",
        dv,
        0,
        Gradients.differences(
            wv, 0, some, at -> weigh(reference.attention(wq, wk, at, 2, 1, 3, 2, 0.7f), dy)));
    int last = 6 * 150;
    Gradients.assertClose(
        "queries",
        dq,
        last,
        Gradients.differences(
            wq, last, some, at -> weigh(reference.attention(at, wk, wv, 2, 1, 3, 2, 0.7f), dy)));
  }
}
