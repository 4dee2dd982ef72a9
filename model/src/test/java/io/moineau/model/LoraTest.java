package io.moineau.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.kernels.Precision;
import io.moineau.model.quantize.LoraMerger;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters beside the weights and merged into them are the same model. */
class LoraTest {
  private static final int RANK = 4;
  private static final float ALPHA = 8;
  private static Kernels kernels;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    kernels = Kernels.open(new KernelOptions("scalar", 2, Precision.EXACT));
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

  private GgufWriter writer(GgufFile model) {
    GgufWriter writer = new GgufWriter();
    writer.metadata("general.type", GgufValue.string("adapter"));
    writer.metadata("adapter.type", GgufValue.string("lora"));
    writer.metadata(
        "general.architecture",
        GgufValue.string(model.metadata().findString("general.architecture").orElseThrow()));
    writer.metadata("adapter.lora.alpha", GgufValue.float32(ALPHA));
    return writer;
  }

  private static void tensor(GgufWriter writer, String name, Random random, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.1f;
    }
    writer.tensor(name, DType.F32, shape, MemorySegment.ofArray(values));
  }

  /** An adapter of all matrices whose names are wanted. */
  private Path adapter(GgufFile model, long seed, Predicate<String> wanted) {
    Random random = new Random(seed);
    GgufWriter writer = writer(model);
    for (TensorView weight : model.tensors().values()) {
      Shape shape = weight.shape();
      String name = weight.name();
      if (shape.rank() < 2 || !wanted.test(name)) {
        continue;
      }
      if (name.equals("token_embd.weight")) {
        tensor(writer, name + ".lora_a", random, shape.dim(0), RANK);
        tensor(writer, name + ".lora_b", random, shape.dim(1), RANK);
      } else if (shape.rank() == 3) {
        tensor(writer, name + ".lora_a", random, shape.dim(0), RANK, shape.dim(2));
        tensor(writer, name + ".lora_b", random, shape.dim(0), shape.dim(1), RANK);
      } else {
        tensor(writer, name + ".lora_a", random, RANK, shape.dim(1));
        tensor(writer, name + ".lora_b", random, shape.dim(0), RANK);
      }
    }
    Path path = folder.resolve("adapter" + seed + ".gguf");
    writer.write(path);
    return path;
  }

  private static float[] last(GgufFile file, List<LoraAdapter> adapters, int[] prompt) {
    try (LanguageModel model = LanguageModel.load(file, kernels, adapters);
        PagedKv kv = model.newKv(DType.F32, 16, 4);
        Workspace workspace = model.newWorkspace(prompt.length)) {
      Batch batch = new Batch(prompt.length);
      batch.blockTables = new int[][] {{0, 1, 2, 3}};
      for (int i = 0; i < prompt.length; i++) {
        batch.add(prompt[i], i, 0, i == prompt.length - 1);
      }
      FloatMatrix logits = model.forward(batch, kv, workspace);
      float[] row = new float[logits.columns()];
      logits.copyRow(0, row);
      return row;
    }
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (double) (a[i] - b[i]);
      norm += a[i] * (double) a[i];
    }
    return Math.sqrt(sum / norm);
  }

  private static int[] prompt() {
    return new Random(9).ints(23, 0, 500).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "llama, false",
    "llama, true",
    "mixtral, false",
    "qwen3moe, false",
    "deepseekV3, false",
    "deepseekV2Lite, false"
  })
  void twoAdapters_besideTheWeights_areThoseMerged(String kind, boolean tied) {
    TinyModel tiny = tiny(kind).tieWordEmbeddings(tied);
    try (GgufFile file = GgufFile.open(tiny.write(folder.resolve("m.gguf")))) {
      Path all = adapter(file, 1, name -> true);
      Path some = adapter(file, 2, name -> name.contains("ffn_"));
      try (LoraAdapter first = LoraAdapter.open(all, 0.5f, file);
          LoraAdapter second = LoraAdapter.open(some, -1.5f, file)) {
        assertThat(first.rank()).isEqualTo(RANK);
        List<LoraAdapter> adapters = List.of(first, second);
        Path merged = folder.resolve("merged.gguf");
        int changed = LoraMerger.merge(file, adapters, merged, false, null, 2, done -> {});
        assertThat(changed).isEqualTo(first.size());
        float[] beside = last(file, adapters, prompt());
        try (GgufFile plain = GgufFile.open(merged)) {
          assertThat(distance(last(plain, List.of(), prompt()), beside)).isLessThan(1e-4);
        }
        assertThat(distance(last(file, List.of(), prompt()), beside)).isGreaterThan(0.01);
        assertThat(distance(last(file, List.of(first), prompt()), beside)).isGreaterThan(0.01);
      }
    }
  }

  @Test
  void merge_quantisedModel_leavesTheRestByteForByte() {
    TinyModel tiny =
        TinyModels.llama(1).weights(DType.Q8_0, io.moineau.testkit.WeightEncoder.PLAIN);
    try (GgufFile file = GgufFile.open(tiny.write(folder.resolve("m.gguf")))) {
      Path path = adapter(file, 3, name -> name.equals("blk.1.ffn_up.weight"));
      try (LoraAdapter adapter = LoraAdapter.open(path, 1, file)) {
        Path merged = folder.resolve("merged.gguf");
        LoraMerger.merge(file, List.of(adapter), merged, false, DType.F16, 2, done -> {});
        float[] beside = last(file, List.of(adapter), prompt());
        try (GgufFile plain = GgufFile.open(merged)) {
          for (TensorView tensor : file.tensors().values()) {
            TensorView other = plain.tensor(tensor.name());
            if (tensor.name().equals("blk.1.ffn_up.weight")) {
              assertThat(other.type()).isEqualTo(DType.F16);
            } else {
              assertThat(other.data().mismatch(tensor.data())).isEqualTo(-1);
            }
          }
          assertThat(distance(last(plain, List.of(), prompt()), beside)).isLessThan(1e-3);
        }
      }
    }
  }

  @Test
  void open_whatDoesNotFit_isNamed() {
    try (GgufFile file = GgufFile.open(TinyModels.llama(1).write(folder.resolve("m.gguf")));
        GgufFile other = GgufFile.open(TinyModels.qwen3moe(1).write(folder.resolve("o.gguf")))) {
      Path good = adapter(file, 1, name -> name.contains("attn_q"));
      refused(() -> LoraAdapter.open(file.path(), 1, file), "lora-not-an-adapter");
      refused(() -> LoraAdapter.open(good, 1, other), "lora-other-architecture");
      refused(() -> LoraAdapter.open(good, Float.NaN, file), "lora-bad-scale");
      refused(() -> open(file, RANK, 63, "blk.0.attn_q.weight"), "lora-bad-shape");
      refused(() -> open(file, RANK, 64, "blk.9.attn_q.weight"), "lora-unknown-weight");
      GgufWriter lone = writer(file);
      tensor(lone, "blk.0.attn_q.weight.lora_a", new Random(1), RANK, 64);
      refused(() -> openWritten(lone, file), "lora-stray-tensor");
      GgufWriter stray = writer(file);
      tensor(stray, "blk.0.attn_q.weight", new Random(1), 64, 64);
      refused(() -> openWritten(stray, file), "lora-stray-tensor");
      refused(() -> openWritten(writer(file), file), "lora-empty");
    }
  }

  private LoraAdapter open(GgufFile model, int rank, int columns, String name) {
    GgufWriter writer = writer(model);
    tensor(writer, name + ".lora_a", new Random(1), rank, columns);
    tensor(writer, name + ".lora_b", new Random(1), 64, rank);
    return openWritten(writer, model);
  }

  private LoraAdapter openWritten(GgufWriter writer, GgufFile model) {
    Path path = folder.resolve("bad.gguf");
    writer.write(path);
    return LoraAdapter.open(path, 1, model);
  }

  private static void refused(Runnable open, String code) {
    assertThatThrownBy(open::run)
        .isInstanceOfSatisfying(ModelException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
