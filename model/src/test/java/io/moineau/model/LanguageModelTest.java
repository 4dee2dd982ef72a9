package io.moineau.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.error.MoineauException;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageModelTest {
  private static final int BLOCK_TOKENS = 16;
  private static Kernels kernels;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    kernels = Kernels.open(KernelOptions.defaults().withProvider("scalar").withThreads(2));
  }

  @AfterAll
  static void close() {
    kernels.close();
  }

  private static TinyModel tiny(String kind) {
    return switch (kind) {
      case "llama" -> TinyModels.llama(1);
      case "mixtral" -> TinyModels.mixtral(2);
      case "qwen3moe" -> TinyModels.qwen3moe(3);
      case "deepseekV3" -> TinyModels.deepseekV3(4);
      default -> TinyModels.deepseekV2Lite(5);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mixtral", "qwen3moe", "deepseekV3", "deepseekV2Lite"})
  void forward_severalSequencesInOneBatch_asEachAlone(String kind) {
    try (GgufFile file = GgufFile.open(tiny(kind).write(folder.resolve("m.gguf")));
        LanguageModel model = LanguageModel.load(file, kernels)) {
      int[][] prompts = {random(11, 37), random(12, 5), random(13, 20)};
      List<float[]> alone = new ArrayList<>();
      for (int[] prompt : prompts) {
        alone.add(last(model, DType.F32, new int[][] {prompt}).get(0));
      }
      List<float[]> together = last(model, DType.F32, prompts);
      for (int i = 0; i < prompts.length; i++) {
        assertThat(distance(alone.get(i), together.get(i))).as("sequence " + i).isLessThan(1e-5);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"llama,F16,1e-2", "llama,Q8_0,5e-2", "deepseekV3,F16,1e-2", "qwen3moe,F16,1e-2"})
  void forward_narrowKeysAndValues_nearFloat(String kind, DType type, double allowed) {
    try (GgufFile file = GgufFile.open(tiny(kind).write(folder.resolve("m.gguf")));
        LanguageModel model = LanguageModel.load(file, kernels)) {
      if (model.config().kvKeyColumns() % type.blockSize() != 0) {
        return;
      }
      int[][] prompt = {random(21, 40)};
      float[] wide = last(model, DType.F32, prompt).get(0);
      float[] narrow = last(model, type, prompt).get(0);
      assertThat(distance(wide, narrow)).isBetween(1e-12, allowed);
    }
  }

  @Test
  void forward_experts_areReported() {
    try (GgufFile file = GgufFile.open(tiny("qwen3moe").write(folder.resolve("m.gguf")));
        LanguageModel model = LanguageModel.load(file, kernels);
        PagedKv kv = model.newKv(DType.F32, BLOCK_TOKENS, 2);
        Workspace workspace = model.newWorkspace(8)) {
      ModelConfig.MoeConfig moe = model.config().moe().orElseThrow();
      Batch batch = new Batch(8);
      batch.blockTables = new int[][] {{0, 1}};
      for (int i = 0; i < 8; i++) {
        batch.add(i * 3, i, 0, false);
      }
      List<Integer> layers = new ArrayList<>();
      model.forward(
          batch,
          kv,
          workspace,
          (layer, n, perToken, experts, weights) -> {
            layers.add(layer);
            assertThat(n).isEqualTo(8);
            assertThat(perToken).isEqualTo(moe.numExpertsPerTok());
            for (int t = 0; t < n; t++) {
              float sum = 0;
              for (int i = 0; i < perToken; i++) {
                assertThat(experts[t * perToken + i]).isBetween(0, moe.nRoutedExperts() - 1);
                sum += weights[t * perToken + i];
              }
              assertThat(sum).isCloseTo(1f, org.assertj.core.data.Offset.offset(1e-5f));
            }
          },
          null);
      assertThat(layers).hasSize(model.config().numHiddenLayers());
    }
  }

  @Test
  void forward_gateAndUpInOneTensor_asApart() {
    Path path = folder.resolve("m.gguf");
    try (GgufFile file = GgufFile.open(tiny("qwen3moe").write(path));
        Arena arena = Arena.ofShared();
        LanguageModel model = LanguageModel.load(file, kernels)) {
      GgufWriter writer =
          rewrite(file, t -> !t.name().contains("gate_exps") && !t.name().contains("up_exps"));
      for (int layer = 0; layer < model.config().numHiddenLayers(); layer++) {
        String prefix = "blk." + layer + ".ffn_";
        TensorView gate = file.tensor(prefix + "gate_exps.weight");
        TensorView up = file.tensor(prefix + "up_exps.weight");
        long[] dims = gate.shape().toArray();
        MemorySegment both = arena.allocate(2 * gate.data().byteSize(), 64);
        long matrix = gate.data().byteSize() / dims[0];
        for (int e = 0; e < dims[0]; e++) {
          both.asSlice(2 * e * matrix, matrix).copyFrom(gate.slice(e).data());
          both.asSlice((2 * e + 1) * matrix, matrix).copyFrom(up.slice(e).data());
        }
        Shape shape = Shape.of(dims[0], 2 * dims[1], dims[2]);
        writer.tensor(new TensorView(prefix + "gate_up_exps.weight", gate.type(), shape, both));
      }
      Path fusedPath = folder.resolve("fused.gguf");
      writer.write(fusedPath);
      int[][] prompts = {random(31, 9), random(32, 1)};
      try (GgufFile fusedFile = GgufFile.open(fusedPath);
          LanguageModel fused = LanguageModel.load(fusedFile, kernels)) {
        assertThat(last(fused, DType.F32, prompts))
            .usingRecursiveFieldByFieldElementComparator()
            .isEqualTo(last(model, DType.F32, prompts));
      }
    }
  }

  @Test
  void forward_keyAndValueUpProjectionInOneTensor_asApart_andItsCopyIsCounted() {
    Path path = folder.resolve("m.gguf");
    try (GgufFile file = GgufFile.open(tiny("deepseekV3").write(path));
        Arena arena = Arena.ofShared();
        LanguageModel model = LanguageModel.load(file, kernels)) {
      ModelConfig config = model.config();
      ModelConfig.MlaConfig mla = config.mla().orElseThrow();
      int heads = config.numAttentionHeads();
      int nope = mla.qkNopeHeadDim();
      int lora = mla.kvLoraRank();
      GgufWriter writer =
          rewrite(file, t -> !t.name().contains("attn_k_b") && !t.name().contains("attn_v_b"));
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        TensorView keys = file.tensor("blk." + layer + ".attn_k_b.weight"); // [heads, lora, nope]
        TensorView values = file.tensor("blk." + layer + ".attn_v_b.weight");
        int perHead = nope + mla.vHeadDim();
        FloatMatrix both = FloatMatrix.allocate(arena, heads * perHead, lora);
        for (int h = 0; h < heads; h++) {
          MemorySegment head = keys.slice(h).data();
          for (int r = 0; r < nope; r++) {
            for (int c = 0; c < lora; c++) {
              float value = head.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (c * nope + r));
              both.set(h * perHead + r, c, value);
            }
          }
          MemorySegment value = values.slice(h).data();
          both.data().asSlice(both.offset(h * perHead + nope, 0), value.byteSize()).copyFrom(value);
        }
        writer.tensor(
            new TensorView(
                "blk." + layer + ".attn_kv_b.weight",
                DType.F32,
                Shape.of((long) heads * perHead, lora),
                both.data()));
      }
      Path joinedPath = folder.resolve("joined.gguf");
      writer.write(joinedPath);
      int[][] prompt = {random(33, 20)};
      try (GgufFile joinedFile = GgufFile.open(joinedPath);
          LanguageModel joined = LanguageModel.load(joinedFile, kernels)) {
        float[] apart = last(model, DType.F32, prompt).get(0);
        assertThat(distance(apart, last(joined, DType.F32, prompt).get(0))).isLessThan(1e-6);
        assertThat(MlaAttention.copiedBytes(config, file)).isZero();
        assertThat(MlaAttention.copiedBytes(config, joinedFile))
            .isEqualTo(4L * config.numHiddenLayers() * heads * nope * lora);
      }
    }
  }

  @Test
  void forward_tokenOutOfVocabulary_refused() {
    try (GgufFile file = GgufFile.open(tiny("llama").write(folder.resolve("m.gguf")));
        LanguageModel model = LanguageModel.load(file, kernels)) {
      int beyond = model.config().vocabSize();
      assertThatThrownBy(() -> last(model, DType.F32, new int[][] {{1, beyond}}))
          .isInstanceOfSatisfying(
              ModelException.class, e -> assertThat(e.code()).isEqualTo("model-bad-token"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "general.architecture,mamba,model-unknown-architecture",
    "rope.scaling.type,longrope,model-bad-hyper-parameter"
  })
  void load_badText_named(String key, String value, String code) {
    assertRefused("llama", key, GgufValue.string(value), code);
  }

  @ParameterizedTest
  @CsvSource({
    "llama,block_count,0",
    "llama,block_count,1000000000",
    "llama,attention.head_count,0",
    "llama,attention.head_count_kv,3",
    "llama,embedding_length,7",
    "llama,rope.dimension_count,3",
    "llama,feed_forward_length,33",
    "llama,nextn_predict_layers,99",
    "qwen3moe,expert_used_count,4000",
    "qwen3moe,expert_count,9",
    "deepseekV3,expert_group_count,3",
    "deepseekV3,attention.kv_lora_rank,17",
    "deepseekV3,attention.key_length_mla,1",
    "deepseekV3,leading_dense_block_count,0",
    "deepseekV3,expert_gating_func,9"
  })
  void load_badNumber_named(String kind, String key, long value) {
    TinyModel model = tiny(kind);
    Path path = folder.resolve("bad.gguf");
    String architecture = architecture(model);
    model.writer().metadata(architecture + "." + key, GgufValue.uint32(value)).write(path);
    assertNamed(path);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1})
  void load_epsilonImpossible_named(double value) {
    assertRefused(
        "llama",
        "attention.layer_norm_rms_epsilon",
        GgufValue.float32(value),
        "model-bad-hyper-parameter");
  }

  @Test
  void load_eachTensorMissing_named() throws IOException {
    Path whole = tiny("deepseekV3").write(folder.resolve("whole.gguf"));
    try (GgufFile file = GgufFile.open(whole)) {
      for (String name : file.tensors().keySet()) {
        if (name.equals("output.weight") || name.contains("exp_probs_b")) {
          continue; // the embedding stands in; a bias need not be
        }
        Path path = folder.resolve("part.gguf");
        Files.deleteIfExists(path);
        rewrite(file, t -> !t.name().equals(name)).write(path);
        assertNamed(path);
      }
    }
  }

  private void assertRefused(String kind, String key, GgufValue value, String code) {
    TinyModel model = tiny(kind);
    Path path = folder.resolve("bad.gguf");
    String full = key.startsWith("general.") ? key : architecture(model) + "." + key;
    model.writer().metadata(full, value).write(path);
    assertThat(assertNamed(path).code()).isEqualTo(code);
  }

  private static MoineauException assertNamed(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      MoineauException[] seen = new MoineauException[1];
      assertThatThrownBy(() -> LanguageModel.load(file, kernels).close())
          .isInstanceOfSatisfying(MoineauException.class, e -> seen[0] = e);
      assertThat(seen[0].where()).isNotEmpty();
      return seen[0];
    }
  }

  private String architecture(TinyModel model) {
    try (GgufFile file = GgufFile.open(model.write(folder.resolve("name.gguf")))) {
      return file.metadata().string("general.architecture");
    } finally {
      folder.resolve("name.gguf").toFile().delete();
    }
  }

  private static GgufWriter rewrite(GgufFile file, Predicate<TensorView> kept) {
    GgufWriter writer = new GgufWriter().metadata(file.metadata());
    file.tensors().values().stream().filter(kept).forEach(writer::tensor);
    return writer;
  }

  /** Logits of the last token of each prompt, all in one batch, over blocks in a mixed order. */
  private static List<float[]> last(LanguageModel model, DType type, int[][] prompts) {
    int total = 0;
    int blocks = 0;
    int[][] tables = new int[prompts.length][];
    for (int i = 0; i < prompts.length; i++) {
      total += prompts[i].length;
      tables[i] = new int[prompts[i].length / BLOCK_TOKENS + 1];
      blocks += tables[i].length;
    }
    int next = blocks;
    for (int[] table : tables) {
      for (int j = 0; j < table.length; j++) {
        table[j] = --next;
      }
    }
    Batch batch = new Batch(total);
    batch.blockTables = tables;
    for (int i = 0; i < prompts.length; i++) {
      for (int p = 0; p < prompts[i].length; p++) {
        batch.add(prompts[i][p], p, i, p == prompts[i].length - 1);
      }
    }
    try (PagedKv kv = model.newKv(type, BLOCK_TOKENS, blocks);
        Workspace workspace = model.newWorkspace(total)) {
      FloatMatrix logits = model.forward(batch, kv, workspace);
      List<float[]> rows = new ArrayList<>();
      for (int i = 0; i < prompts.length; i++) {
        float[] row = new float[model.config().vocabSize()];
        logits.copyRow(i, row);
        rows.add(row);
      }
      return rows;
    }
  }

  private static int[] random(long seed, int length) {
    return new Random(seed).ints(length, 0, 250).toArray();
  }

  private static double distance(float[] reference, float[] actual) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < reference.length; i++) {
      double d = reference[i] - actual[i];
      difference += d * d;
      size += (double) reference[i] * reference[i];
    }
    return Math.sqrt(difference / size);
  }
}
