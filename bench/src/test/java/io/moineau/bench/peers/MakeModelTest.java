package io.moineau.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.Evaluator;
import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.format.GgufFile;
import io.moineau.kernels.quant.FileType;
import io.moineau.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that {@code bench/peers/make} writes. */
final class MakeModelTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int make(String... args) {
    return MakeModel.run(
        List.of(args),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "dsv3-tiny, Q4_K_M",
    "dsv3-tiny, F16",
    "qwen3moe-tiny, Q4_0",
    "llama-tiny, Q8_0",
  })
  void make_tinyKinds_openAndRun(String kind, String type) {
    Path file = folder.resolve("model.gguf");
    assertThat(make(kind, type, file.toString(), "3"))
        .as(err.toString(StandardCharsets.UTF_8))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains(kind).contains("seed 3");
    try (Moineau moineau = Moineau.open(file, ModelOptions.defaults().withThreads(1))) {
      assertThat(moineau.card().name()).startsWith(kind);
      int[] tokens = moineau.tokenize("the old sparrow");
      assertThat(moineau.detokenize(tokens)).isEqualTo("the old sparrow");
      Evaluator.Evaluation evaluation = moineau.evaluator().evaluate(tokens, 0, 4);
      double spread = 0;
      for (float logit : evaluation.lastLogits()) {
        assertThat(logit).isFinite();
        spread = Math.max(spread, Math.abs(logit));
      }
      // Neither all the same nor so far apart that a softmax has one winner by hundreds.
      assertThat(spread).isBetween(0.5, 100.0);
    }
  }

  @Test
  void make_sameSeed_givesSameBytes() throws Exception {
    Path first = folder.resolve("first.gguf");
    Path again = folder.resolve("again.gguf");
    Path other = folder.resolve("other.gguf");
    assertThat(make("qwen3moe-tiny", "Q4_K_M", first.toString(), "5")).isZero();
    assertThat(make("qwen3moe-tiny", "Q4_K_M", again.toString(), "5")).isZero();
    assertThat(make("qwen3moe-tiny", "Q4_K_M", other.toString(), "6")).isZero();
    assertThat(Files.mismatch(first, again)).isEqualTo(-1);
    assertThat(Files.mismatch(first, other)).isNotNegative();
  }

  @Test
  void parameters_realKinds_areThoseOfTheModels() {
    // DeepSeek-V2-Lite: 15.7 B; Llama-3.2-1B: 1.24 B; DeepSeek-R1: 58 such layers are 11.5 B each.
    assertThat(billions(ModelKind.DSV2_LITE, 0)).isBetween(15.70, 15.72);
    assertThat(billions(ModelKind.LLAMA_1B, 0)).isBetween(1.23, 1.24);
    double layer = billions(ModelKind.R1_LAYERS, 3) - billions(ModelKind.R1_LAYERS, 2);
    assertThat(layer).isBetween(11.4, 11.6);
  }

  private static double billions(ModelKind kind, int layers) {
    return new SyntheticModel(kind, FileType.Q4_0, layers, 1).parameters() / 1e9;
  }

  @Test
  void make_mixture_hasItsTypes() {
    Path file = folder.resolve("model.gguf");
    assertThat(make("llama-tiny", "Q4_K_M", file.toString())).isZero();
    Set<DType> types = new HashSet<>();
    try (GgufFile gguf = GgufFile.open(file)) {
      gguf.tensors().values().forEach(tensor -> types.add(tensor.type()));
    }
    assertThat(types).containsExactlyInAnyOrder(DType.F32, DType.Q4_K, DType.Q6_K);
  }

  @Test
  void make_wrongArguments_areNamed() {
    assertThat(make("llama-9000b", "Q4_0", "x.gguf")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("llama-9000b").contains("dsv2-lite");
    assertThat(make("llama-tiny", "Q4_0", "x.gguf", "many")).isEqualTo(2);
    assertThat(make("llama-tiny")).isEqualTo(2);
    Path nowhere = folder.resolve("no/such/folder/x.gguf");
    assertThat(make("llama-tiny", "Q4_0", nowhere.toString())).isEqualTo(1);
    assertThat(make("--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("r1-layers");
  }
}
