package io.moineau.plan.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import io.moineau.plan.yaml.YamlFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations with the keys that families publish; what follows is what their makers say. */
class ConfigReaderTest {
  @TempDir Path folder;

  private ModelSource config(String json) throws IOException {
    Files.writeString(folder.resolve("config.json"), json);
    return ModelSource.of(folder.toString());
  }

  private static void assertSize(ModelSource source, double all, double active) {
    assertThat(source.shape().parameters() / 1e9).isCloseTo(all, Percentage.withPercentage(1.5));
    assertThat(source.shape().activeParameters() / 1e9)
        .isCloseTo(active, Percentage.withPercentage(8));
  }

  @Test
  void mixtral() throws IOException {
    ModelSource source =
        config(
            """
            {"architectures": ["MixtralForCausalLM"], "hidden_size": 4096,
             "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32,
             "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2,
             "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "sliding_window": null,
             "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 32000}
            """);
    assertSize(source, 46.7, 12.9);
    assertThat(source.weights().orElseThrow().type()).isEqualTo("bf16");
    assertThat(source.remarks()).isEmpty();
  }

  @Test
  void qwen3Moe() throws IOException {
    ModelSource source =
        config(
            """
            {"model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144,
             "head_dim": 128, "num_attention_heads": 32, "num_key_value_heads": 4,
             "num_hidden_layers": 48, "num_experts": 128, "num_experts_per_tok": 8,
             "moe_intermediate_size": 768, "decoder_sparse_step": 1, "mlp_only_layers": [],
             "use_sliding_window": false, "sliding_window": 4096, "vocab_size": 151936,
             "torch_dtype": "bfloat16"}
            """);
    assertSize(source, 30.5, 3.3);
    assertThat(source.remarks()).isEmpty();
  }

  @Test
  void deepseekV3_isInEightBits() throws IOException {
    ModelSource source =
        config(
            """
            {"model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432,
             "first_k_dense_replace": 3, "moe_layer_freq": 1, "kv_lora_rank": 512,
             "q_lora_rank": 1536, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
             "v_head_dim": 128, "moe_intermediate_size": 2048, "n_routed_experts": 256,
             "n_shared_experts": 1, "num_attention_heads": 128, "num_experts_per_tok": 8,
             "num_hidden_layers": 61, "num_key_value_heads": 128, "num_nextn_predict_layers": 1,
             "quantization_config": {"activation_scheme": "dynamic", "fmt": "e4m3",
               "quant_method": "fp8", "weight_block_size": [128, 128]},
             "rope_scaling": {"factor": 40, "mscale": 1.0, "type": "yarn"},
             "torch_dtype": "bfloat16", "vocab_size": 129280}
            """);
    assertSize(source, 671, 37);
    assertThat(source.weights().orElseThrow().type()).isEqualTo("fp8");
    assertThat(source.weights().orElseThrow().isCounted()).isFalse();
    assertThat(source.remarks()).containsExactly("layers that only draft (1) are left out");
  }

  @Test
  void glm45Air() throws IOException {
    assertSize(
        config(
            """
            {"model_type": "glm4_moe", "attention_bias": true, "head_dim": 128,
             "hidden_size": 4096, "intermediate_size": 10944, "first_k_dense_replace": 1,
             "moe_intermediate_size": 1408, "n_group": 1, "n_routed_experts": 128,
             "n_shared_experts": 1, "num_attention_heads": 96, "num_experts_per_tok": 8,
             "num_hidden_layers": 46, "num_key_value_heads": 8, "num_nextn_predict_layers": 1,
             "partial_rotary_factor": 0.5, "vocab_size": 151552}
            """),
        106,
        12);
  }

  @Test
  void gptOss_hasFourBitsAndWindows() throws IOException {
    ModelSource source =
        config(
            """
            {"model_type": "gpt_oss", "head_dim": 64, "hidden_size": 2880,
             "intermediate_size": 2880, "layer_types": ["sliding_attention", "full_attention"],
             "num_attention_heads": 64, "num_experts_per_tok": 4, "experts_per_token": 4,
             "num_hidden_layers": 36, "num_key_value_heads": 8, "num_local_experts": 128,
             "quantization_config": {"modules_to_not_convert": ["model.layers.*.self_attn"],
               "quant_method": "mxfp4"}, "sliding_window": 128, "swiglu_limit": 7.0,
             "tie_word_embeddings": false, "vocab_size": 201088}
            """);
    assertSize(source, 116.8, 5.4);
    assertThat(source.weights().orElseThrow().type()).isEqualTo("mxfp4");
    assertThat(source.remarks()).singleElement().asString().contains("window of 128");
  }

  /** Maverick: every second layer has experts, a dense layer is wider, and it sees. */
  @Test
  void llama4_nestedAndMixed() throws IOException {
    ModelSource source =
        config(
            """
            {"model_type": "llama4", "vision_config": {"hidden_size": 1408},
             "text_config": {"model_type": "llama4_text", "hidden_size": 5120, "head_dim": 128,
               "intermediate_size": 8192, "intermediate_size_mlp": 16384,
               "interleave_moe_layer_step": 2, "num_attention_heads": 40,
               "num_key_value_heads": 8, "num_hidden_layers": 48, "num_local_experts": 128,
               "num_experts_per_tok": 1, "attention_chunk_size": 8192, "vocab_size": 202048,
               "no_rope_layers": [], "torch_dtype": "bfloat16"}}
            """);
    assertSize(source, 400, 17);
    assertThat(source.shape().expertLayers()).isEqualTo(24);
    assertThat(source.weights().orElseThrow().type()).isEqualTo("bf16");
  }

  @Test
  void minimaxM2() throws IOException {
    ModelSource source =
        config(
            """
            {"model_type": "minimax_m2", "attn_type_list": [1, 1, 1], "head_dim": 128,
             "hidden_size": 3072, "intermediate_size": 1536, "num_attention_heads": 48,
             "num_key_value_heads": 8, "num_hidden_layers": 62, "num_local_experts": 256,
             "num_experts_per_tok": 8, "shared_intermediate_size": 0, "use_mtp": true,
             "num_mtp_modules": 3, "quantization_config": {"fmt": "float8_e4m3fn",
               "quant_method": "fp8"}, "vocab_size": 200064}
            """);
    assertSize(source, 229, 10);
    assertThat(source.weights().orElseThrow().type()).isEqualTo("fp8");
  }

  /** Some values are given for each layer. */
  @Test
  void hunyuanA13b_listsByLayer() throws IOException {
    String json =
        """
        {"model_type": "hunyuan_v1_moe", "attention_head_dim": 128, "hidden_size": 4096,
         "intermediate_size": 3072, "moe_intermediate_size": [3072, 3072], "moe_topk": [8, 8],
         "num_attention_heads": 32, "num_experts": 64, "num_hidden_layers": 32,
         "num_key_value_heads": 8, "num_shared_expert": [1, 1], "tie_word_embeddings": true,
         "vocab_size": 128167, "use_mixed_mlp_moe": true}
        """;
    assertSize(config(json), 80, 13);
    assertThatThrownBy(() -> config(json.replace("[8, 8]", "[8, 4]")))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("moe_topk differs by layer")
        .hasMessageContaining("one value for all layers");
  }

  @Test
  void ernie45() throws IOException {
    assertSize(
        config(
            """
            {"model_type": "ernie4_5_moe", "hidden_size": 2560, "intermediate_size": 12288,
             "moe_capacity": [64, 64, 64], "moe_intermediate_size": 1536, "moe_k": 6,
             "moe_layer_end_index": 27, "moe_layer_interval": 1, "moe_layer_start_index": 1,
             "moe_num_experts": 64, "moe_num_shared_experts": 2, "num_attention_heads": 20,
             "num_hidden_layers": 28, "num_key_value_heads": 4, "tie_word_embeddings": true,
             "torch_dtype": "bfloat16", "vocab_size": 103424}
            """),
        21.8,
        3.27); // 3, and the last matrix, which its maker leaves out
  }

  @Test
  void quantizationConfig_namesTheType() throws IOException {
    String model =
        "{\"hidden_size\": 64, \"num_hidden_layers\": 2, \"num_attention_heads\": 4,"
            + " \"intermediate_size\": 96, \"vocab_size\": 100, \"quantization_config\": ";
    String groups =
        "{\"quant_method\": \"compressed-tensors\", \"config_groups\": {\"group_0\":"
            + " {\"targets\": [\"Linear\"], \"weights\": {\"num_bits\": 4, \"type\": \"int\"}}}}}";
    assertThat(config(model + groups).weights().orElseThrow().type()).isEqualTo("int4");
    assertThat(
            config(model + "{\"quant_method\": \"gptq\", \"bits\": 4}}")
                .weights()
                .orElseThrow()
                .type())
        .isEqualTo("int4");
    assertThat(
            config(model + "{\"quant_method\": \"modelopt\", \"quant_algo\": \"NVFP4\"}}")
                .weights()
                .orElseThrow()
                .type())
        .isEqualTo("nvfp4");
    assertThat(config(model + "{\"quant_method\": \"of tomorrow\"}}").weights()).isEmpty();
  }

  @Test
  void sparseAndLinearAttention_isSaid() throws IOException {
    ModelSource source =
        config(
            """
            {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
             "intermediate_size": 96, "vocab_size": 100, "index_topk": 2048,
             "full_attention_interval": 4}
            """);
    assertThat(source.remarks())
        .anyMatch(remark -> remark.startsWith("sparse attention"))
        .anyMatch(remark -> remark.startsWith("layers with linear attention"));
  }

  @Test
  void noJsonAndNoNumbers_areNamed() {
    assertThatThrownBy(() -> config("this is no JSON: [")).hasMessageContaining("config.json");
    assertThatThrownBy(() -> config("{\"hidden_size\": \"wide\"}"))
        .hasMessageContaining("hidden_size is wide");
    assertThatThrownBy(() -> config("[1, 2]")).hasMessageContaining("no map");
  }

  /** Whatever numbers stand there: measures that add up, or an error with its place. */
  @Test
  void anyNumbers_areMeasuresOrANamedError() throws IOException {
    List<String> keys =
        List.of(
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "intermediate_size",
            "vocab_size",
            "num_experts",
            "num_experts_per_tok",
            "moe_intermediate_size",
            "n_shared_experts",
            "first_k_dense_replace",
            "kv_lora_rank",
            "qk_nope_head_dim",
            "qk_rope_head_dim",
            "v_head_dim",
            "moe_layer_freq");
    List<String> values =
        List.of(
            "0",
            "1",
            "2",
            "3",
            "8",
            "64",
            "100",
            "4096",
            "67108864",
            "2147483647",
            "1e9",
            "-1",
            "null",
            "\"8\"",
            "true",
            "[8, 8]",
            "[8, 4]",
            "{}",
            "0.5",
            "\"wide\"");
    int usable = 0;
    for (long seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      StringBuilder json = new StringBuilder("{\"x\": 1");
      int good = random.nextInt(keys.size() + 1); // the first keys are mostly sensible
      for (String key : keys) {
        String value = values.get(random.nextInt(random.nextInt(4) < good % 4 ? 8 : values.size()));
        if (random.nextInt(8) > 0) {
          json.append(", \"").append(key).append("\": ").append(value);
        }
      }
      try {
        ModelShape shape =
            new ConfigReader(YamlFile.parse(json + "}", "config.json")).shape("x", List.of());
        assertThat(shape.parameters()).as("seed %s: %s", seed, json).isPositive();
        assertThat(shape.activeParameters()).as("seed %s", seed).isPositive();
        assertThat(shape.keptPerToken()).as("seed %s", seed).isPositive();
        usable++;
      } catch (PlanException e) {
        assertThat(e.where()).as("seed %s", seed).contains("config.json line ");
      }
    }
    assertThat(usable).isGreaterThan(10);
  }
}
