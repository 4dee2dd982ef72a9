package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.error.MoineauException;
import io.moineau.format.FormatException;
import io.moineau.plan.PlanException;
import io.moineau.plan.capacity.ModelSource.WeightFormat;
import io.moineau.testkit.SharedFiles;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufMeasuresTest {
  @TempDir Path folder;

  private ModelSource read(TinyModel model) {
    return ModelSource.of(model.write(folder.resolve("tiny.gguf")).toString());
  }

  /** What follows from the measures is what lies in the file, to the last weight. */
  private static void assertCountsAgree(ModelSource source) {
    WeightFormat weights = source.weights().orElseThrow();
    ModelShape shape = source.shape();
    assertThat(shape.parameters()).as(source.origin()).isEqualTo(weights.parameters());
    assertThat(shape.routedParameters()).as(source.origin()).isEqualTo(weights.expertParameters());
  }

  @Test
  void of_modelsFromASeed_haveTheFilesParameters() {
    for (TinyModel model :
        List.of(
            TinyModels.llama(1),
            TinyModels.llama(1).tieWordEmbeddings(true),
            TinyModels.mixtral(1),
            TinyModels.qwen3moe(1),
            TinyModels.deepseekV3(1),
            TinyModels.deepseekV2Lite(1),
            TinyModels.deepseekV3(1).nextn())) {
      assertCountsAgree(read(model));
    }
  }

  /** Every architecture that the model module runs has a file among the oracles. */
  @Test
  void of_oracles_haveTheFilesParameters() throws IOException {
    Path models = SharedFiles.oracles().map(path -> path.resolve("models")).orElse(folder);
    Assumptions.assumeTrue(SharedFiles.oracles().isPresent(), "skipped: no ../shared/oracles");
    Set<String> seen = new HashSet<>();
    try (Stream<Path> files = Files.list(models)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".gguf")).toList()) {
        assertCountsAgree(ModelSource.of(file.toString()));
        seen.add(String.valueOf(file.getFileName()).replaceAll("[-.].*", ""));
      }
    }
    assertThat(seen).hasSizeGreaterThanOrEqualTo(14);
  }

  @Test
  void of_deepseek_readsLatentAttentionAndExperts() {
    ModelSource source = read(TinyModels.deepseekV3(1));
    assertThat(source.shape().attention())
        .isInstanceOfSatisfying(
            AttentionShape.Latent.class, latent -> assertThat(latent.qLoraRank()).isEqualTo(32));
    assertThat(source.shape().experts()).hasValue(new ExpertShape(8, 3, 1, 32, 1));
    assertThat(read(TinyModels.deepseekV2Lite(1)).shape().attention())
        .isInstanceOfSatisfying(
            AttentionShape.Latent.class, latent -> assertThat(latent.qLoraRank()).isZero());
  }

  @Test
  void of_layersThatDraft_areLeftOutAndSaid() {
    assertThat(read(TinyModels.deepseekV3(1).nextn()).remarks())
        .containsExactly("layers that only draft (1) are left out");
  }

  /** F32 weights: four bytes each, and a little for norms and biases. */
  @Test
  void weights_areCountedInBytes() {
    WeightFormat weights = read(TinyModels.mixtral(1)).weights().orElseThrow();
    assertThat(weights.type()).isEqualTo("f32");
    assertThat(weights.bytesPerParameter()).isCloseTo(4, within(0.05));
    assertThat(weights.expertBytes()).isEqualTo(4 * weights.expertParameters());
  }

  @Test
  void of_anyFileCutShort_isANamedError() throws IOException {
    byte[] whole = TinyModels.mixtral(1).toBytes();
    for (int length = 0; length < whole.length; length += 1 + whole.length / 97) {
      Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ModelSource.of(cut.toString()))
          .isInstanceOf(MoineauException.class)
          .hasMessageContaining("cut.gguf");
    }
  }

  @Test
  void of_missingFile_saysSo() {
    assertThatThrownBy(() -> ModelSource.of(folder.resolve("none.gguf").toString()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("none.gguf");
  }

  @Test
  void of_folderWithoutConfig_saysWhatIsAllowed() {
    assertThatThrownBy(() -> ModelSource.of(folder.toString()))
        .isInstanceOfSatisfying(
            PlanException.class, e -> assertThat(e.code()).isEqualTo("plan-no-model"))
        .hasMessageContaining("config.json");
  }

  @Test
  void of_unknownName_hasTheNearest() {
    assertThatThrownBy(() -> ModelSource.of("depseek-r1"))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("nearest: DeepSeek-R1");
    assertThatThrownBy(() -> ModelSource.of("llama3")).hasMessageContaining("nearest: Llama-3.1-");
    assertThat(ModelSource.of("qwen3-30b").shape().name()).isEqualTo("Qwen3-30B-A3B");
  }
}
