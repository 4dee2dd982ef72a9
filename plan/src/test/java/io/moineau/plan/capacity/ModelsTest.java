package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.PlanException;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
  @TempDir Path folder;

  /** What follows from the measures is what the makers publish. */
  @Test
  void parameters_allModels_areThePublishedOnes() {
    List<YamlSection> rows = YamlFile.resource("models.yaml").sections("models");
    List<ModelShape> models = Models.standard();
    assertThat(models).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      YamlSection published = rows.get(i).section("published").orElseThrow();
      ModelShape model = models.get(i);
      assertThat(model.parameters() / 1e9)
          .as(model.name())
          .isCloseTo(number(published, "parameters"), Percentage.withPercentage(1));
      // Makers round, and some count the embedding, which is no multiplication.
      double embedding = model.outputParameters() / 1e9;
      boolean withLogits = published.flag("logits").orElse(true);
      long active = model.activeParameters() - (withLogits ? 0 : model.outputParameters());
      assertThat(active / 1e9)
          .as(model.name())
          .isBetween(
              number(published, "active") * 0.94 - embedding, number(published, "active") * 1.06);
    }
  }

  private static double number(YamlSection section, String key) {
    return section.number(key).orElseThrow().doubleValue();
  }

  /** 35,136 bytes in 8 bits: lmsys.org, 2026-02-19, on long contexts. */
  @Test
  void keptPerToken_latentAttention_isCompressed() {
    assertThat(Models.get("deepseek-r1").keptPerToken()).isEqualTo(35_136);
    assertThat(Models.get("Llama 3.1 8B").keptPerToken()).isEqualTo(2L * 8 * 128 * 32);
  }

  @Test
  void distinct_moreTokens_moreExpertsUpToAll() {
    ExpertShape experts = Models.get("R1").experts().orElseThrow();
    assertThat(experts.distinct(1)).isCloseTo(8, within(1e-9));
    assertThat(experts.distinct(2)).isCloseTo(16 - 8 * 8 / 256.0, within(1e-9));
    assertThat(experts.distinct(100)).isBetween(244.0, 246.0); // 256 (1 - (31 / 32)^100) = 245.3
    assertThat(experts.distinct(1e6)).isCloseTo(256, within(1e-6));
  }

  @Test
  void of_namesAsHubsHaveThem() {
    assertThat(ModelSource.of("deepseek-ai/DeepSeek-R1-0528").shape().name())
        .isEqualTo("DeepSeek-R1");
    assertThat(ModelSource.of("Qwen/Qwen3-30B-A3B-Instruct-2507").shape().name())
        .isEqualTo("Qwen3-30B-A3B");
    assertThat(Models.get("Mixtral-8x7B-Instruct-v0.1").name()).isEqualTo("Mixtral-8x7B");
    assertThat(Models.get("Llama 3.3 70B Instruct").name()).isEqualTo("Llama-3.1-70B");
    assertThatThrownBy(() -> ModelSource.of("nobody/no-such-model"))
        .hasMessageContaining("there is no such folder");
  }

  @Test
  void get_unknownModel_namesThoseThereAre() {
    assertThatThrownBy(() -> Models.get("gpt-9"))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("gpt-9")
        .hasMessageContaining("DeepSeek-R1");
  }

  @Test
  void ofConfig_asHuggingFaceHasThem() throws IOException {
    ModelShape dense =
        config(
            """
            {"architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
             "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100,
             "rope_theta": 500000.0, "tie_word_embeddings": true, "torch_dtype": "bfloat16"}
            """);
    assertThat(dense.attention()).isEqualTo(new AttentionShape.GroupedQuery(4, 4, 16));
    assertThat(dense.parameters()).isEqualTo(2 * (4 * 64 * 64 + 3 * 64 * 128) + 100 * 64);
    ModelShape experts =
        config(
            """
            {"text_config": {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4,
             "num_key_value_heads": 2, "head_dim": 32, "intermediate_size": 96, "vocab_size": 100,
             "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
             "shared_expert_intermediate_size": 64, "q_lora_rank": null}}
            """);
    assertThat(experts.experts()).hasValue(new ExpertShape(8, 2, 2, 32, 0));
    long expert = 3 * 64 * 32;
    long perLayer = 64 * (2 * 128 + 2 * 64) + 10 * expert + 8 * 64;
    assertThat(experts.parameters()).isEqualTo(3 * perLayer + 2 * 100 * 64);
  }

  private ModelShape config(String json) throws IOException {
    return Models.ofConfig(Files.writeString(folder.resolve("config.json"), json));
  }

  @Test
  void ofConfig_whatIsWrong_isNamedWithItsLine() {
    String rest = "\"num_attention_heads\": 4,\n\"vocab_size\": 9, \"intermediate_size\": 8}";
    assertThatThrownBy(() -> config("{\"hidden_size\": 64,\n" + rest))
        .hasMessageContaining("num_hidden_layers")
        .hasMessageContaining("line 1");
    assertThatThrownBy(() -> config("{\"hidden_size\": 6.5,\n\"num_hidden_layers\": 1,\n" + rest))
        .hasMessageContaining("hidden_size is 6.5");
    assertThatThrownBy(() ->
            config(
                "{\"hidden_size\": 6,\n\"num_hidden_layers\": 1,\n\"num_experts\": 4,\n"
                    + "\"num_experts_per_tok\": 5,\n"
                    + rest))
        .hasMessageContaining("line 4")
        .hasMessageContaining("1 to the number of experts, 4");
  }
}
