package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.adapt.block.Optimizer;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.TrainableModel;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.vocabulary.BpeTrainer;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.kernels.Precision;
import io.moineau.model.Architectures;
import io.moineau.model.Batch;
import io.moineau.model.LanguageModel;
import io.moineau.model.ModelConfig;
import io.moineau.model.Workspace;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.testkit.TinyText;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The layer for the token after next drafts in the engine what it learned to say in training. */
final class MtpRunTest {
  private static final int BLOCK = 16;

  @TempDir private Path folder;

  static Stream<ModelConfig> models() {
    // deepseek2 with experts, and qwen3: latent and grouped-query attention
    List<ModelConfig> all = GgufExportTest.models().toList();
    return Stream.of(all.getFirst(), all.getLast());
  }

  @ParameterizedTest
  @MethodSource("models")
  void draft_trainedLayer_saysWhatTheTrainerSays(ModelConfig config) {
    BpeTrainer trainer = new BpeTrainer("qwen2");
    trainer.add(TinyText.sentences(1, 200));
    GgufWriter words = new GgufWriter();
    trainer.learn(config.vocabSize()).writeTo(words);
    words.write(folder.resolve("words.gguf"));
    int[] text = new Random(3).ints(48, 0, config.vocabSize()).toArray();
    try (Workers workers = new Workers(2);
        GgufFile vocabulary = GgufFile.open(folder.resolve("words.gguf"))) {
      TrainableModel model = new TrainableModel(config, true, true, workers, 64, 64);
      model.allocate(4);
      Optimizer optimizer = new Optimizer(workers, model.parameters(), Optimizer.Settings.adamW());
      TokenBatch batch = new TokenBatch(64).addText(text);
      for (int step = 0; step < 40; step++) {
        model.gradients(batch, 1f / batch.counted(), 1f);
        optimizer.step(0.01);
      }
      int learned = model.evaluate(batch).mtpAccepted();
      assertThat(learned).as("drafts that the trained layer has right").isBetween(10, 46);
      Path path = folder.resolve("model.gguf");
      GgufExport.writer(model, vocabulary.metadata(), "test", true).write(path);
      KernelOptions options =
          KernelOptions.defaults().withThreads(1).withPrecision(Precision.EXACT);
      try (GgufFile file = GgufFile.open(path);
          Kernels kernels = Kernels.open(options)) {
        assertThat(Architectures.hasNextn(file)).isTrue();
        try (LanguageModel runs = LanguageModel.load(file, kernels, List.of(), true)) {
          assertThat(accepted(runs, text, 1)).as("places as in training").isEqualTo(learned);
          assertThat(accepted(runs, text, 0))
              .as("places as in the engine")
              .isGreaterThan(learned / 2);
        }
      }
    }
  }

  /**
   * Drafts that the model would choose as well.
   *
   * @param shift how many places before its own a token's keys and values stand: 1 as the trainer
   *     counts, 0 as the engine does, which puts the first token before all others
   */
  private static int accepted(LanguageModel model, int[] text, int shift) {
    // The trainer's last token is only a target.
    int n = text.length - 1;
    Batch batch = new Batch(n);
    int[][] tables = {{2, 0, 1, 3}};
    int[] before = new int[n];
    try (PagedKv kv = model.newKv(DType.F32, BLOCK, 4);
        Workspace workspace = model.newWorkspace(n)) {
      batch.blockTables = tables;
      for (int i = 0; i < n; i++) {
        batch.add(text[i], i, 0, true);
      }
      int[] best = argmax(model.forward(batch, kv, workspace), n);
      batch.clear();
      for (int i = shift; i < n; i++) {
        before[batch.size] = i - 1;
        batch.add(text[i], i - shift, 0, true);
      }
      int[] drafted = argmax(model.draft(batch, before, kv, workspace), batch.size);
      int accepted = 0;
      for (int i = 1; i < n; i++) {
        accepted += drafted[i - shift] == best[i] ? 1 : 0;
      }
      return accepted;
    }
  }

  private static int[] argmax(FloatMatrix logits, int n) {
    int[] best = new int[n];
    for (int t = 0; t < n; t++) {
      for (int v = 1; v < logits.columns(); v++) {
        best[t] = logits.get(t, v) > logits.get(t, best[t]) ? v : best[t];
      }
    }
    return best;
  }
}
