package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecipeTest {
  private static final String GOOD =
      """
      name: sparrow
      data:
        - file: words.txt
          repeat: 2
      vocabulary:
        size: 300
      model:
        attention: mla
        contextLength: 32
        hiddenSize: 32
        numHiddenLayers: 2
        intermediateSize: 48
        numAttentionHeads: 2
        kvLoraRank: 16
        qkNopeHeadDim: 16
        qkRopeHeadDim: 16
        vHeadDim: 16
        nRoutedExperts: 4
        numExpertsPerTok: 2
        moeIntermediateSize: 16
        nSharedExperts: 1
        firstKDenseReplace: 1
      training:
        steps: 20
        batchTokens: 128
        microBatchTokens: 64
      """;

  @TempDir private Path folder;

  @BeforeEach
  void words() throws IOException {
    Files.writeString(folder.resolve("words.txt"), "a b");
  }

  private Recipe parse(String text) {
    return Recipe.parse(text, "r.yaml", folder);
  }

  @Test
  void recipe_isReadWithItsDefaults() {
    Recipe recipe = parse(GOOD);
    assertThat(recipe.model().architecture()).isEqualTo("deepseek2");
    assertThat(recipe.model().headDim()).isEqualTo(32);
    assertThat(recipe.out()).isEqualTo(folder.resolve("sparrow.gguf"));
    assertThat(recipe.data().getFirst().repeat()).isEqualTo(2);
    assertThat(recipe.training().warmupSteps()).isEqualTo(20);
    assertThat(recipe.training().learningRate()).isEqualTo(1e-3);
    assertThat(recipe.tieWordEmbeddings()).isTrue();
    assertThat(recipe.mtp()).isEmpty();
  }

  @Test
  void mtp_hasAWeightThatFalls() {
    String layer =
        GOOD.replace("numAttentionHeads", "numNextnPredictLayers: 1\n  numAttentionHeads");
    assertThat(parse(layer).mtp()).contains(new Recipe.MtpPart(0.3, true));
    assertThat(
            parse(
                    layer
                        .replace("attention: mla", "attention: gqa\n  headDim: 8")
                        .replaceAll("(?m)^  (kvLora|qk|vHead).*\n", ""))
                .mtp())
        .contains(new Recipe.MtpPart(0.3, false));
    Recipe.MtpPart mtp =
        parse("exportMtp: false\n" + layer + "  mtpWeight: 0.6\n").mtp().orElseThrow();
    assertThat(mtp.exported()).isFalse();
    assertThat(mtp.weightAt(0, 30)).isEqualTo(0.6);
    assertThat(mtp.weightAt(19, 30)).isEqualTo(0.6);
    assertThat(mtp.weightAt(20, 30)).isEqualTo(0.6 / 3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "batchTokens: 128 | batchTokns: 128 | line 25: training.batchTokns is not a key | microBatchTokens",
        "steps: 20 | stepps: 20 | line 24: training.steps is missing | a whole number from 1",
        "steps: 20 | steps: many | line 24: training.steps is many | a whole number from 1",
        "batchTokens: 128 | batchTokens: 100 | line 25: training.batchTokens is 100 | a multiple of",
        "microBatchTokens: 64 | microBatchTokens: 16 | line 26: | contextLength=32",
        "numExpertsPerTok: 2 | numExpertsPerTok: 9 | line 19: model.numExpertsPerTok is 9 | to 4",
        "qkRopeHeadDim: 16 | qkRopeHeadDim: 15 | line 16: | an even number",
        "file: words.txt | file: none.txt | line 3: data[0].file is none.txt | can be read",
        "repeat: 2 | format: csv | line 4: data[0].format is csv | text, chat, jsonl",
        "attention: mla | attention: rnn | line 8: model.attention is rnn | mla, gqa",
        "hiddenSize: 32 | hiddenSize: | line 10: model.hiddenSize is  | a whole number",
        "intermediateSize: 48 | rmsNormEps: 1e-5 | line 8: model.intermediateSize is missing | dense",
        "size: 300 | size: 200 | line 6: vocabulary.size is 200 | 259",
        "batchTokens: 128 | mtpWeight: 0.1 | line 25: training.mtpWeight is given | numNextnPredictLayers",
        "name: sparrow | exportMtp: true | line 1: exportMtp is given | numNextnPredictLayers",
        "attention: mla | numNextnPredictLayers: 2 | line 8: model.numNextnPredictLayers is 2 | to 1",
        "name: sparrow | name: [a] | line 1: name is a list or a map | a text",
      })
  void mistakes_areRefusedWithTheirLine(String right, String wrong, String where, String allowed) {
    assertThat(GOOD).contains(right);
    assertThatThrownBy(() -> parse(GOOD.replaceFirst(java.util.regex.Pattern.quote(right), wrong)))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining(where)
        .hasMessageContaining(allowed);
  }

  @Test
  void noYaml_isRefused() {
    assertThatThrownBy(() -> parse("a: [")).isInstanceOf(AdaptException.class);
    assertThatThrownBy(() -> parse("")).isInstanceOf(AdaptException.class);
    assertThatThrownBy(() -> parse("- 1")).isInstanceOf(AdaptException.class);
    assertThatThrownBy(() -> Recipe.read(folder.resolve("none.yaml")))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("none.yaml");
  }
}
