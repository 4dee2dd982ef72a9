package io.moineau.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.moineau.format.GgufFile;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TinyModelsTest {
  @ParameterizedTest
  @CsvSource({
    "llama, llama",
    "llama-moe, mixtral",
    "qwen3moe, qwen3moe",
    "deepseek2-v3, deepseekV3",
    "deepseek2-v2-lite, deepseekV2Lite",
  })
  void kinds_besideModelsOfTheReference_haveItsKeysAndTensors(String oracle, String kind) {
    Optional<Path> folder = SharedFiles.oracles();
    assumeThat(folder).as("../shared/oracles").isPresent();
    byte[] tiny = kind(kind).toBytes();
    try (GgufFile reference = GgufFile.open(folder.get().resolve("models/" + oracle + ".gguf"));
        GgufFile made = GgufFile.parse(MemorySegment.ofArray(tiny), kind)) {
      assertThat(new TreeSet<>(made.metadata().keys()))
          .containsAll(reference.metadata().keys())
          .isSubsetOf(
              Stream.concat(
                      reference.metadata().keys().stream(), Stream.of("tokenizer.chat_template"))
                  .toList());
      for (String key : reference.metadata().keys()) {
        assertThat(made.metadata().type(key)).as(key).isEqualTo(reference.metadata().type(key));
      }
      assertThat(names(made)).isEqualTo(names(reference));
    }
  }

  @Test
  void toBytes_sameSeed_isTheSame() {
    assertThat(TinyModels.deepseekV3(3).toBytes()).isEqualTo(TinyModels.deepseekV3(3).toBytes());
    assertThat(TinyModels.deepseekV3(3).toBytes()).isNotEqualTo(TinyModels.deepseekV3(4).toBytes());
  }

  @Test
  void weights_otherType_isTakenWhereRowsAreWholeBlocks() {
    byte[] bytes = TinyModels.qwen3moe(1).weights(DType.Q8_0, WeightEncoder.PLAIN).toBytes();
    try (GgufFile file = GgufFile.parse(MemorySegment.ofArray(bytes), "q8")) {
      assertThat(file.tensor("blk.0.ffn_up_exps.weight").type()).isEqualTo(DType.Q8_0);
      assertThat(file.tensor("blk.0.ffn_gate_inp.weight").type()).isEqualTo(DType.F32);
      assertThat(file.tensor("blk.0.attn_norm.weight").type()).isEqualTo(DType.F32);
      assertThat(file.check(done -> {})).isEmpty();
    }
  }

  @Test
  void byteLevelBpe_mergesAndTokens_belongTogether() {
    TinyVocabulary vocabulary = TinyVocabulary.byteLevelBpe(5, 512, "llama-bpe");
    Map<String, Integer> ids = vocabulary.byText();
    assertThat(vocabulary.size()).isEqualTo(512);
    assertThat(ids).hasSize(512);
    for (String merge : vocabulary.merges()) {
      String[] parts = merge.split(" ");
      assertThat(parts).hasSize(2);
      assertThat(ids).containsKeys(parts[0], parts[1], parts[0] + parts[1]);
    }
    // Space and newline have the stand-ins that every byte-level vocabulary gives them.
    assertThat(vocabulary.tokens().get(' ')).isEqualTo("\u0120");
    assertThat(vocabulary.tokens().get('\n')).isEqualTo("\u010a");
    assertThat(vocabulary.tokens().get(0xad)).isEqualTo("\u0143");
  }

  @Test
  void sentencePiece_scores_fallWithTheNumber() {
    TinyVocabulary vocabulary = TinyVocabulary.sentencePiece(5, 512);
    assertThat(vocabulary.size()).isEqualTo(512);
    assertThat(vocabulary.byText()).hasSize(512).containsKeys("\u2581", "\u2581the", "<0x0A>");
    for (int id = 260; id < vocabulary.size(); id++) {
      assertThat(vocabulary.scores().get(id)).isLessThan(vocabulary.scores().get(id - 1));
    }
  }

  private static TinyModel kind(String kind) {
    return switch (kind) {
      case "llama" -> TinyModels.llama(1);
      case "mixtral" -> TinyModels.mixtral(1);
      case "qwen3moe" -> TinyModels.qwen3moe(1);
      case "deepseekV3" -> TinyModels.deepseekV3(1);
      case "deepseekV2Lite" -> TinyModels.deepseekV2Lite(1).numHiddenLayers(27);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** Names with the number of dimensions. */
  private static TreeSet<String> names(GgufFile file) {
    TreeSet<String> names = new TreeSet<>();
    for (TensorView tensor : file.tensors().values()) {
      names.add(tensor.name() + " " + tensor.shape().rank());
    }
    return names;
  }
}
