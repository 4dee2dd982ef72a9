package io.moineau.adapt.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.adapt.AdaptException;
import io.moineau.adapt.block.Optimizer;
import io.moineau.adapt.block.Parameter;
import io.moineau.adapt.block.Parameters;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings.Part;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.kernels.Precision;
import io.moineau.kernels.dense.Factors;
import io.moineau.model.Architectures;
import io.moineau.model.Batch;
import io.moineau.model.LanguageModel;
import io.moineau.model.LoraAdapter;
import io.moineau.model.Workspace;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is tuned is what the engine runs, and it learns. */
final class TunableModelTest {
  private static final int RANK = 3;
  private static final LoraSettings ALL = new LoraSettings(RANK, 6, EnumSet.allOf(Part.class), 5);

  @TempDir private Path folder;

  static Stream<Arguments> files() {
    Stream<Arguments> plain = TinyFiles.KINDS.stream().map(k -> Arguments.of(k, 32, DType.F32));
    return Stream.concat(
        plain,
        Stream.of(
            Arguments.of("llama", 32, DType.Q4_0),
            Arguments.of("qwen3moe", 32, DType.Q8_0),
            Arguments.of("deepseek2/v3", 32, DType.Q5_1),
            Arguments.of("deepseek2/kvb", 32, DType.BF16),
            Arguments.of("gpt-oss", 32, DType.MXFP4),
            Arguments.of("qwen2moe", 256, DType.Q4_K),
            Arguments.of("llama/experts", 256, DType.Q6_K)));
  }

  @ParameterizedTest
  @MethodSource("files")
  void logits_equalTheEngines_withoutAndWithChanges(String kind, int hidden, DType type) {
    Path path = TinyFiles.write(folder.resolve("m.gguf"), kind, hidden, type, 7);
    int[] text = text(23, 1);
    TokenBatch batch = new TokenBatch(40).addText(text(9, 2)).addText(text);
    try (GgufFile file = GgufFile.open(path);
        Workers workers = new Workers(2);
        TunableModel model = TunableModel.open(file, ALL, workers, 40, 30)) {
      double plain = assertLogits(model, batch, file, List.of(), text);
      fill(model.parameters(), 3);
      Path adapter = folder.resolve("adapter.gguf");
      write(model, file, adapter);
      try (LoraAdapter lora = LoraAdapter.open(adapter, 1, file)) {
        assertThat(lora.size()).isEqualTo(model.targets().size());
        double changed = assertLogits(model, batch, file, List.of(lora), text);
        assertThat(Math.abs(changed - plain)).isGreaterThan(1e-3);
      }
    }
  }

  /** Returns a logit of the last token. */
  private static double assertLogits(
      TunableModel model, TokenBatch batch, GgufFile file, List<LoraAdapter> loras, int[] text) {
    float[][] expected = engine(file, loras, text);
    int first = batch.start(1);
    double last = 0;
    for (int i : new int[] {0, 1, 7, text.length - 2}) {
      float[] actual = model.logits(batch, first + i);
      assertThat(distance(expected[i], actual)).as("logits of token %d", i).isLessThan(1e-5);
      last = actual[0];
    }
    return last;
  }

  private static float[][] engine(GgufFile file, List<LoraAdapter> adapters, int[] text) {
    try (Kernels kernels = Kernels.open(new KernelOptions("scalar", 1, Precision.EXACT));
        LanguageModel model = LanguageModel.load(file, kernels, adapters);
        PagedKv kv = model.newKv(DType.F32, 16, 4);
        Workspace workspace = model.newWorkspace(text.length)) {
      Batch batch = new Batch(text.length);
      batch.blockTables = new int[][] {{0, 1, 2, 3}};
      for (int i = 0; i < text.length; i++) {
        batch.add(text[i], i, 0, true);
      }
      FloatMatrix logits = model.forward(batch, kv, workspace);
      float[][] rows = new float[text.length][logits.columns()];
      for (int i = 0; i < rows.length; i++) {
        logits.copyRow(i, rows[i]);
      }
      return rows;
    }
  }

  private static void write(TunableModel model, GgufFile file, Path path) {
    GgufWriter writer = new GgufWriter();
    writer.metadata("general.type", GgufValue.string("adapter"));
    writer.metadata("adapter.type", GgufValue.string("lora"));
    writer.metadata(
        "general.architecture",
        GgufValue.string(file.metadata().findString("general.architecture").orElseThrow()));
    writer.metadata("adapter.lora.alpha", GgufValue.float32(ALL.alpha()));
    Parameters parameters = model.parameters();
    for (Parameter parameter : parameters.list()) {
      float[] values = new float[parameter.size()];
      System.arraycopy(parameters.values(), parameter.offset(), values, 0, values.length);
      long[] dims = parameter.dims().stream().mapToLong(d -> d).toArray();
      writer.tensor(parameter.name(), DType.F32, Shape.of(dims), MemorySegment.ofArray(values));
    }
    writer.write(path);
  }

  /** Random values for A and B, so that both have gradients. */
  static void fill(Parameters parameters, long seed) {
    Random random = new Random(seed);
    for (Parameter parameter : parameters.list()) {
      double spread = 0.5 / Math.sqrt(parameter.columns());
      for (int i = 0; i < parameter.size(); i++) {
        parameters.values()[parameter.offset() + i] = (float) (spread * random.nextGaussian());
      }
    }
  }

  static int[] text(int length, long seed) {
    return new Random(seed).ints(length, 0, TinyFiles.VOCABULARY).toArray();
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow(a[i] - b[i], 2);
      norm += Math.pow(a[i], 2);
    }
    return Math.sqrt(sum / norm);
  }

  @Test
  void kinds_coverEveryArchitectureThatRuns() {
    assertThat(TinyFiles.KINDS.stream().map(k -> k.split("/", 2)[0]).distinct())
        .containsExactlyInAnyOrderElementsOf(Architectures.names());
  }

  @ParameterizedTest
  @MethodSource("learners")
  void loss_ofOneBatch_fallsToNearZero_andTheFileStaysAsItIs(String kind, DType type)
      throws IOException {
    Path path = TinyFiles.write(folder.resolve("m.gguf"), kind, 32, type, 11);
    byte[] before = Files.readAllBytes(path);
    int[] one = text(12, 3);
    int[] other = text(9, 4);
    one[0] = 1; // of texts with the same first token the second could not be known
    other[0] = 2;
    TokenBatch batch = new TokenBatch(24).addText(one).addText(other);
    LoraSettings settings = new LoraSettings(8, 16, EnumSet.allOf(Part.class), 5);
    try (GgufFile file = GgufFile.open(path);
        Workers workers = new Workers(1);
        TunableModel model = TunableModel.open(file, settings, workers, 24, 12)) {
      Optimizer optimizer = new Optimizer(workers, model.parameters(), Optimizer.Settings.adamW());
      double first = model.loss(batch) / batch.counted();
      for (int step = 0; step < 150; step++) {
        model.gradients(batch, 1f / batch.counted());
        optimizer.step(0.01);
      }
      assertThat(first).isGreaterThan(2);
      assertThat(model.loss(batch) / batch.counted()).isLessThan(0.05);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
  }

  static Stream<Arguments> learners() {
    return Stream.of(
        Arguments.of("llama", DType.Q4_0),
        Arguments.of("deepseek2/v3", DType.Q8_0),
        Arguments.of("gpt-oss", DType.MXFP4));
  }

  @ParameterizedTest
  @MethodSource("learners")
  void gradients_onMoreThreads_areTheSameBits(String kind, DType type) {
    Path path = TinyFiles.write(folder.resolve("m.gguf"), kind, 32, type, 11);
    float[] first = gradients(path, 1);
    assertThat(gradients(path, 2)).isEqualTo(first);
    assertThat(gradients(path, 5)).isEqualTo(first);
  }

  private static float[] gradients(Path path, int threads) {
    return gradients(path, new Workers(threads), FrozenProducts.BUFFER);
  }

  private static float[] gradients(Path path, Workers threads, int buffer) {
    TokenBatch batch = new TokenBatch(400);
    for (int length = 60; batch.room() >= length; length += 17) {
      batch.addText(text(length, length));
    }
    try (GgufFile file = GgufFile.open(path);
        Workers workers = threads;
        TunableModel model = TunableModel.open(file, ALL, workers, 400, 200, buffer)) {
      fill(model.parameters(), 2);
      model.gradients(batch, 0.1f);
      return model.parameters().gradients();
    }
  }

  @ParameterizedTest
  @MethodSource("learners")
  void gradients_bySmallSlices_areTheSame(String kind, DType type) {
    Path path = TinyFiles.write(folder.resolve("m.gguf"), kind, 32, type, 11);
    float[] whole = gradients(path, 1);
    float[] slices = gradients(path, new Workers(1), 2048);
    assertThat(distance(whole, slices)).isBetween(1e-12, 1e-5);
  }

  @ParameterizedTest
  @MethodSource("learners")
  void gradients_ofRoundedProducts_areNearThoseOfFloats(String kind, DType type) {
    Path path = TinyFiles.write(folder.resolve("m.gguf"), kind, 32, type, 11);
    float[] exact = gradients(path, 1);
    float[] rounded = gradients(path, new Workers(1, Factors.BFLOAT16), FrozenProducts.BUFFER);
    // 8 bits: 0.4 % per factor, and an expert that is chosen otherwise for a token or two.
    assertThat(distance(exact, rounded)).isBetween(1e-4, 0.1);
  }

  @Test
  void expertsWithGateAndUpInOne_stayAsTheyAre() {
    Path path = folder.resolve("m.gguf");
    TinyFiles.write(path, "qwen3moe/gate-up", 32, DType.Q8_0, 7);
    LoraSettings attention = new LoraSettings(RANK, 6, Set.of(Part.ATTENTION), 5);
    int[] text = text(23, 1);
    TokenBatch batch = new TokenBatch(40).addText(text(9, 2)).addText(text);
    try (GgufFile file = GgufFile.open(path);
        Workers workers = new Workers(1);
        TunableModel model = TunableModel.open(file, attention, workers, 40, 30)) {
      assertThat(assertLogits(model, batch, file, List.of(), text)).isNotZero();
      assertThat(model.gradients(batch, 1)).isEqualTo(model.loss(batch));
      refused(() -> targets(file, workers, Part.ROUTED_EXPERTS), "finetune-fused-experts");
    }
  }

  @Test
  void targets_areThoseOfTheParts_andNeverTheRouter() {
    Path path = TinyFiles.write(folder.resolve("m.gguf"), "deepseek2/v3", 32, DType.F32, 1);
    try (GgufFile file = GgufFile.open(path);
        Workers workers = new Workers(1)) {
      assertThat(targets(file, workers, Part.ROUTED_EXPERTS))
          .containsExactly(
              new Target("blk.1.ffn_gate_exps.weight", 4, 32, 32),
              new Target("blk.1.ffn_up_exps.weight", 4, 32, 32),
              new Target("blk.1.ffn_down_exps.weight", 4, 32, 32));
      assertThat(targets(file, workers, Part.SHARED_EXPERTS))
          .extracting(Target::weight)
          .allMatch(name -> name.endsWith("_shexp.weight"))
          .hasSize(3);
      assertThat(targets(file, workers, Part.DENSE_FFN))
          .extracting(Target::weight)
          .allMatch(name -> name.startsWith("blk.0.ffn_"))
          .hasSize(3);
      assertThat(targets(file, workers, Part.ATTENTION)).hasSize(8);
      TunableModel plan = TunableModel.plan(file, ALL, workers, 16, 16);
      assertThat(plan.activationBytes()).isGreaterThan(4L * 16 * 32 * 3);
      assertThat(plan.parameters().values()).isEmpty();
      assertThat(plan.parameters().list().getFirst().dims()).containsExactly(RANK, 32);
    }
  }

  private static List<Target> targets(GgufFile file, Workers workers, Part part) {
    LoraSettings settings = new LoraSettings(RANK, 6, Set.of(part), 1);
    return TunableModel.plan(file, settings, workers, 16, 16).targets();
  }

  @Test
  void open_whatCannotBe_isRefused() {
    Path path = TinyFiles.write(folder.resolve("m.gguf"), "llama", 32, DType.F32, 1);
    try (GgufFile file = GgufFile.open(path);
        Workers workers = new Workers(1);
        TunableModel model = TunableModel.open(file, ALL, workers, 16, 8)) {
      refused(() -> targets(file, workers, Part.ROUTED_EXPERTS), "finetune-no-targets");
      refused(() -> Variant.of("mamba", file), "finetune-unknown-architecture");
      refused(() -> model.loss(new TokenBatch(20).addText(text(18, 1))), "finetune-bad-batch");
      refused(() -> model.loss(new TokenBatch(20).addText(text(10, 1))), "finetune-bad-batch");
      refused(() -> model.loss(new TokenBatch(20).addText(1, 48)), "finetune-bad-batch");
      refused(() -> new LoraSettings(0, 1, Set.of(Part.ATTENTION), 1), "finetune-bad-settings");
      refused(
          () -> new LoraSettings(1, Float.NaN, Set.of(Part.ATTENTION), 1), "finetune-bad-settings");
      refused(() -> new LoraSettings(1, 1, Set.of(), 1), "finetune-bad-settings");
    }
  }

  private static void refused(Runnable action, String code) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(AdaptException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
