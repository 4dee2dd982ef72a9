package io.moineau.engine.peft;

import io.moineau.engine.EngineException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the linear layers of an architecture are called in Hugging Face's {@code transformers}, and
 * the tensors that llama.cpp makes of them.
 *
 * <p>Names are those of each architecture's {@code modeling_*.py} (transformers 4.57, before
 * experts became single tensors) and of llama.cpp's {@code tensor_mapping.py}. A weight without an
 * entry has no layer of its own there, as where several are fused.
 */
final class PeftNames {
  /** The layer that compresses keys and values back, which new GGUF files hold as two tensors. */
  static final String KV_B = "self_attn.kv_b_proj";

  /**
   * A tensor of GGUF.
   *
   * @param weight its name
   * @param expert the slice that is meant; -1 for all of it
   */
  record Weight(String weight, int expert) {}

  private static final String EXPERT = "*"; // stands for the number of an expert
  private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d{1,4})\\.(.+)");
  private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d{1,4})\\.(.+)\\.weight");
  private static final Pattern NUMBER = Pattern.compile("\\.experts\\.(\\d{1,5})\\.");

  private final Map<String, String> toWeight = new LinkedHashMap<>(); // within a layer
  private final Map<String, String> toModule = new LinkedHashMap<>();
  private final String embedding;

  private PeftNames(String architecture) {
    embedding = architecture.equals("bailingmoe") ? "model.word_embeddings" : "model.embed_tokens";
    switch (architecture) {
      case "llama" -> {
        attention();
        dense();
        mixtral();
      }
      case "minimax-m2" -> {
        attention();
        mixtral();
      }
      case "qwen2", "qwen3", "ernie4_5" -> {
        attention();
        dense();
      }
      case "qwen2moe" -> {
        attention();
        dense();
        experts("mlp.gate");
        shared("mlp.shared_expert");
        add("ffn_gate_inp_shexp", "mlp.shared_expert_gate");
      }
      case "qwen3moe", "olmoe" -> {
        attention();
        dense();
        experts("mlp.gate");
      }
      case "dots1", "glm4moe", "ernie4_5-moe" -> {
        attention();
        dense();
        experts("");
        shared("mlp.shared_experts");
      }
      case "deepseek2" -> {
        add("attn_q", "self_attn.q_proj");
        add("attn_q_a", "self_attn.q_a_proj");
        add("attn_q_b", "self_attn.q_b_proj");
        add("attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa");
        add("attn_kv_b", KV_B);
        add("attn_output", "self_attn.o_proj");
        dense();
        experts("");
        shared("mlp.shared_experts");
      }
      case "hunyuan-moe" -> {
        attention();
        experts("mlp.gate.wg");
        shared("mlp.shared_mlp");
      }
      case "bailingmoe" -> {
        add("attn_output", "attention.dense"); // queries, keys and values are one layer
        dense();
        experts("mlp.gate");
        shared("mlp.shared_experts");
      }
      case "gpt-oss" -> attention(); // its experts are not layers
      default ->
          throw new EngineException(
              "peft-architecture",
              "the names of an architecture's layers in PEFT are not known here",
              "general.architecture=" + architecture,
              "llama, qwen2, qwen3, qwen2moe, qwen3moe, deepseek2, olmoe, dots1, glm4moe, gpt-oss,"
                  + " hunyuan-moe, ernie4_5, ernie4_5-moe, bailingmoe, minimax-m2",
              "use adapters in GGUF form");
    }
  }

  /**
   * The names of an architecture.
   *
   * @throws EngineException {@code peft-architecture} if it is not one that runs
   */
  static PeftNames of(String architecture) {
    return new PeftNames(architecture);
  }

  private void add(String tensor, String module) {
    toWeight.put(module, tensor);
    toModule.put(tensor, module);
  }

  private void attention() {
    add("attn_q", "self_attn.q_proj");
    add("attn_k", "self_attn.k_proj");
    add("attn_v", "self_attn.v_proj");
    add("attn_output", "self_attn.o_proj");
  }

  private void dense() {
    three("ffn_", "", "mlp");
  }

  private void shared(String module) {
    three("ffn_", "_shexp", module);
  }

  private void experts(String router) {
    three("ffn_", "_exps", "mlp.experts." + EXPERT);
    if (!router.isEmpty()) {
      add("ffn_gate_inp", router);
    }
  }

  private void three(String before, String after, String module) {
    for (String which : new String[] {"gate", "up", "down"}) {
      add(before + which + after, module + "." + which + "_proj");
    }
  }

  private void mixtral() {
    add("ffn_gate_exps", "block_sparse_moe.experts." + EXPERT + ".w1");
    add("ffn_down_exps", "block_sparse_moe.experts." + EXPERT + ".w2");
    add("ffn_up_exps", "block_sparse_moe.experts." + EXPERT + ".w3");
    add("ffn_gate_inp", "block_sparse_moe.gate");
  }

  /** The tensor of a layer such as {@code model.layers.0.self_attn.q_proj}, or empty. */
  Optional<Weight> weight(String module) {
    if (module.equals(embedding)) {
      return Optional.of(new Weight("token_embd.weight", -1));
    }
    if (module.equals("lm_head")) {
      return Optional.of(new Weight("output.weight", -1));
    }
    Matcher layer = LAYER.matcher(module);
    if (!layer.matches()) {
      return Optional.empty();
    }
    String rest = layer.group(2);
    int expert = -1;
    Matcher number = NUMBER.matcher(rest);
    if (number.find()) {
      expert = Integer.parseInt(number.group(1));
      rest = number.replaceFirst(".experts." + EXPERT + ".");
    }
    String tensor = toWeight.get(rest);
    return tensor == null
        ? Optional.empty()
        : Optional.of(
            new Weight(
                "blk." + Integer.parseInt(layer.group(1)) + "." + tensor + ".weight", expert));
  }

  /** The layer of a tensor, or empty where it is none; {@code expert} where it has experts. */
  Optional<String> module(String weight, int expert) {
    if (weight.equals("token_embd.weight")) {
      return Optional.of(embedding);
    }
    if (weight.equals("output.weight")) {
      return Optional.of("lm_head");
    }
    Matcher block = BLOCK.matcher(weight);
    String module = block.matches() ? toModule.get(block.group(2)) : null;
    return module == null
        ? Optional.empty()
        : Optional.of("model.layers." + block.group(1) + "." + module.replace(EXPERT, "" + expert));
  }

  /** The names of layers, for errors. */
  String known() {
    return String.join(", ", new TreeSet<>(toWeight.keySet()));
  }
}
