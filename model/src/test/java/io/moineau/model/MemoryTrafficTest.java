package io.moineau.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.format.GgufFile;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that passes read, against what the file's tensors say. */
class MemoryTrafficTest {
  private static final int BLOCK_TOKENS = 16;
  private static Kernels kernels;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    kernels = Kernels.open(KernelOptions.defaults().withProvider("scalar").withThreads(1));
  }

  @AfterAll
  static void close() {
    kernels.close();
  }

  /** What one pass read: weights, then keys and values; and which experts were chosen. */
  private record Read(long weights, long kv, Set<String> experts, ModelConfig config) {}

  private Read pass(TinyModel tiny, Batch batch) {
    try (GgufFile file = GgufFile.open(tiny.write(folder.resolve("m.gguf")));
        LanguageModel model = LanguageModel.load(file, kernels);
        PagedKv kv = model.newKv(DType.F32, BLOCK_TOKENS, 8);
        Workspace workspace = model.newWorkspace(64)) {
      Set<String> chosen = new HashSet<>();
      model.forward(
          batch,
          kv,
          workspace,
          (layer, n, perToken, experts, weights) -> {
            for (int i = 0; i < n * perToken; i++) {
              chosen.add(layer + "/" + experts[i]);
            }
          },
          null);
      MemoryTraffic traffic = workspace.traffic();
      return new Read(traffic.weightBytes(), traffic.kvBytes(), chosen, model.config());
    }
  }

  private static Batch tokens(int n, boolean logits) {
    Batch batch = new Batch(64);
    batch.blockTables = new int[][] {{0, 1, 2, 3}, {4, 5, 6, 7}};
    for (int i = 0; i < n; i++) {
      batch.add(3 + 5 * i, i, 0, logits && i == n - 1);
    }
    return batch;
  }

  /** Bytes of matrices that every token reads: no experts, no vectors, no rows of the embedding. */
  private long everyTokensBytes(boolean logits) {
    try (GgufFile file = GgufFile.open(folder.resolve("m.gguf"))) {
      return file.tensors().values().stream()
          .filter(tensor -> tensor.shape().rank() > 1)
          .filter(tensor -> !tensor.name().contains("_exps") && !tensor.name().startsWith("token_"))
          .filter(tensor -> logits || !tensor.name().equals("output.weight"))
          .mapToLong(tensor -> tensor.data().byteSize())
          .sum();
    }
  }

  private long expertBytes(int experts) {
    try (GgufFile file = GgufFile.open(folder.resolve("m.gguf"))) {
      return file.tensors().values().stream()
              .filter(tensor -> tensor.name().matches("blk\\.1\\.ffn_.*_exps\\.weight"))
              .map(TensorView::data)
              .mapToLong(data -> data.byteSize())
              .sum()
          / experts;
    }
  }

  @Test
  void forward_oneToken_readsEveryMatrixAndTheChosenExperts() {
    Read read = pass(TinyModels.qwen3moe(3), tokens(1, true));
    assertThat(read.experts()).hasSize(3 * read.config().numHiddenLayers());
    assertThat(read.weights())
        .isEqualTo(everyTokensBytes(true) + read.experts().size() * expertBytes(8));
    assertThat(read.kv()).isEqualTo(read.config().kvBytesPerToken(DType.F32));
  }

  @Test
  void forward_severalTokens_readEachWeightOnce() {
    Read read = pass(TinyModels.qwen3moe(3), tokens(20, false));
    assertThat(read.experts().size()).isBetween(4, 8 * read.config().numHiddenLayers());
    assertThat(read.weights())
        .isEqualTo(everyTokensBytes(false) + read.experts().size() * expertBytes(8));
    assertThat(read.kv()).isEqualTo(20 * read.config().kvBytesPerToken(DType.F32));
  }

  @Test
  void forward_sequences_readTheirOwnPositions() {
    Batch batch = tokens(20, false);
    batch.add(9, 0, 1, false);
    batch.add(10, 1, 1, true);
    Read read = pass(TinyModels.llama(1), batch);
    assertThat(read.kv()).isEqualTo((20 + 2) * read.config().kvBytesPerToken(DType.F32));
    assertThat(read.weights()).isEqualTo(everyTokensBytes(true));
  }

  @Test
  void forward_compressedKeys_areReadOnce() {
    Read read = pass(TinyModels.deepseekV2Lite(5), tokens(10, true));
    assertThat(read.kv()).isEqualTo(10 * read.config().kvBytesPerToken(DType.F32));
    assertThat(read.weights()).isGreaterThan(expertBytes(6));
  }
}
