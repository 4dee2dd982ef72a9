package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.adapt.block.Optimizer;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.TrainableModel;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.vocabulary.BpeTrainer;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.Precision;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.model.RopeConfig;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.testkit.TinyText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was trained is what runs. */
final class GgufExportTest {
  private static final int VOCABULARY = 300;

  @TempDir private Path folder;

  private static ModelConfig config(
      String architecture, int rope, Optional<MoeConfig> moe, Optional<MlaConfig> mla) {
    boolean latent = mla.isPresent();
    int headDim = latent ? 48 : 32;
    return new ModelConfig(
        architecture,
        VOCABULARY,
        128,
        64,
        2,
        96,
        4,
        latent ? 4 : 2,
        headDim,
        32,
        1e-6f,
        (float) (1 / Math.sqrt(headDim)),
        0,
        new RopeConfig(rope, 10_000, !latent, 1, false, 128, 1, 32, 1),
        moe,
        mla);
  }

  static Stream<ModelConfig> models() {
    Optional<MoeConfig> sigmoid =
        Optional.of(new MoeConfig(6, 2, 32, 64, 1, 1, Scoring.SIGMOID, true, 1.5f, 1, 1));
    Optional<MoeConfig> softmax =
        Optional.of(new MoeConfig(6, 2, 32, 0, 0, 1, Scoring.SOFTMAX, true, 1, 1, 1));
    return Stream.of(
        config("deepseek2", 16, sigmoid, Optional.of(new MlaConfig(0, 32, 32, 16, 32))),
        config("deepseek2", 16, sigmoid, Optional.of(new MlaConfig(40, 32, 32, 16, 32))),
        config("deepseek2", 16, Optional.empty(), Optional.of(new MlaConfig(0, 32, 32, 16, 32))),
        config("dots1", 32, sigmoid, Optional.empty()),
        config("qwen3moe", 32, softmax, Optional.empty()),
        config("qwen3", 32, Optional.empty(), Optional.empty()));
  }

  @ParameterizedTest
  @MethodSource("models")
  void logits_ofTrainerAndEngine_agree(ModelConfig config) {
    BpeTrainer trainer = new BpeTrainer("qwen2");
    trainer.add(TinyText.sentences(1, 200));
    GgufWriter words = new GgufWriter();
    trainer.learn(VOCABULARY).writeTo(words);
    words.write(folder.resolve("words.gguf"));
    int[] text = new int[40];
    for (int i = 0; i < text.length; i++) {
      text[i] = (i * 37 + i * i) % VOCABULARY;
    }
    boolean tied = !config.architecture().startsWith("qwen3");
    try (Workers workers = new Workers(2);
        GgufFile vocabulary = GgufFile.open(folder.resolve("words.gguf"))) {
      TrainableModel model = new TrainableModel(config, tied, true, workers, 64, 64);
      model.allocate(4);
      Optimizer optimizer = new Optimizer(workers, model.parameters(), Optimizer.Settings.adamW());
      TokenBatch batch = new TokenBatch(64).addText(text);
      for (int step = 0; step < 8; step++) {
        model.gradients(batch, 1f / batch.counted(), 0.3f);
        optimizer.step(0.01);
        model.balance(0.05f);
      }
      Path file = folder.resolve("model.gguf");
      GgufExport.writer(model, vocabulary.metadata(), "test").write(file);
      List<float[]> actual = engineLogits(file, text, batch.size());
      assertThat(actual).hasSize(batch.size());
      for (int i = 0; i < batch.size(); i++) {
        assertSame(model.logits(batch, i), actual.get(i));
      }
      Path withMtp = folder.resolve("mtp.gguf");
      GgufExport.writer(model, vocabulary.metadata(), "test", true).write(withMtp);
      assertThat(engineLogits(withMtp, text, batch.size()))
          .usingRecursiveFieldByFieldElementComparator()
          .isEqualTo(actual);
      assertMtpLayer(config, file, withMtp);
    }
  }

  private static List<float[]> engineLogits(Path file, int[] text, int n) {
    ModelOptions options =
        ModelOptions.defaults().withThreads(1).withPrecision(Precision.EXACT).withKvType(DType.F32);
    List<float[]> actual = new ArrayList<>();
    try (Moineau engine = Moineau.open(file, options)) {
      engine
          .evaluator()
          .evaluate(
              java.util.Arrays.copyOf(text, n),
              7,
              (position, logits) -> {
                actual.add(logits.clone());
                return true;
              });
    }
    return actual;
  }

  private static void assertMtpLayer(ModelConfig config, Path without, Path with) {
    try (GgufFile plain = GgufFile.open(without);
        GgufFile more = GgufFile.open(with)) {
      int n = config.numHiddenLayers();
      String architecture = config.architecture();
      assertThat(plain.metadata().findInteger(architecture + ".block_count")).contains((long) n);
      assertThat(more.metadata().findInteger(architecture + ".block_count")).contains(n + 1L);
      assertThat(more.metadata().findInteger(architecture + ".nextn_predict_layers")).contains(1L);
      assertThat(plain.metadata().keys()).doesNotContain(architecture + ".nextn_predict_layers");
      String prefix = "blk." + n + ".";
      assertThat(plain.tensors().keySet()).noneMatch(name -> name.startsWith(prefix));
      for (String name : List.of("eh_proj", "enorm", "hnorm", "shared_head_norm")) {
        assertThat(more.find(prefix + "nextn." + name + ".weight")).isPresent();
      }
      assertThat(more.find(prefix + "nextn.eh_proj.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(64, 128));
      // The layer has each tensor that the one before has.
      plain.tensors().keySet().stream()
          .filter(name -> name.startsWith("blk." + (n - 1) + "."))
          .forEach(
              name -> assertThat(more.find(prefix + name.substring(prefix.length()))).isPresent());
    }
  }

  private static void assertSame(float[] expected, float[] actual) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(expected[i] - actual[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    assertThat(Math.sqrt(error / norm)).as("relative RMS of the logits").isLessThan(1e-5);
  }
}
