package io.moineau.adapt.lora;

import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** A file of random weights for each architecture and each form that its files have. */
final class TinyFiles {
  /** What can be written; the part before a slash is the architecture. */
  static final List<String> KINDS =
      List.of(
          "llama",
          "llama/tied",
          "llama/experts",
          "qwen2",
          "qwen2/fused",
          "qwen2moe",
          "qwen3",
          "qwen3moe",
          "deepseek2/lite",
          "deepseek2/v3",
          "deepseek2/kvb",
          "olmoe",
          "dots1",
          "glm4moe",
          "glm4moe/air",
          "gpt-oss",
          "hunyuan-moe",
          "ernie4_5",
          "ernie4_5-moe",
          "bailingmoe",
          "minimax-m2");

  static final int VOCABULARY = 48;
  private static final int LAYERS = 2;
  private static final int HEADS = 4;
  private static final int EXPERTS = 4;
  private static final int USED = 2;
  private static final int KV_LORA = 32;
  private static final int NOPE = 32;
  private static final int ROPE = 6;
  private static final int VALUE = 10;

  private final String kind;
  private final String architecture;
  private final int hidden;
  private final DType type;
  private final Random random;
  private final GgufWriter writer = new GgufWriter();

  private TinyFiles(String kind, int hidden, DType type, long seed) {
    this.kind = kind;
    this.hidden = hidden;
    this.type = type;
    architecture = kind.split("/", 2)[0];
    random = new Random(seed);
  }

  /** Writes a model whose matrices are of a type as far as their rows are whole blocks. */
  static Path write(Path path, String kind, int hidden, DType type, long seed) {
    TinyFiles tiny = new TinyFiles(kind, hidden, type, seed);
    tiny.hyperParameters();
    tiny.tensors();
    tiny.writer.write(path);
    return path;
  }

  private boolean is(String... architectures) {
    return List.of(architectures).contains(architecture);
  }

  private boolean mla() {
    return is("deepseek2");
  }

  private boolean v3() {
    return mla() && !kind.endsWith("lite");
  }

  private boolean moe() {
    return !is("llama", "qwen2", "qwen3", "ernie4_5") || kind.endsWith("experts");
  }

  private int keyValueHeads() {
    return 2;
  }

  private int headDim() {
    return 16;
  }

  private boolean hasDenseLayer() {
    return is("deepseek2", "dots1", "glm4moe", "ernie4_5-moe");
  }

  private int sharedWidth() {
    return is("deepseek2", "dots1", "glm4moe", "bailingmoe", "qwen2moe", "hunyuan-moe")
            || is("ernie4_5-moe")
        ? 32
        : 0;
  }

  private void put(String key, long value) {
    writer.metadata(architecture + "." + key, GgufValue.uint32(value));
  }

  private void number(String key, double value) {
    writer.metadata(architecture + "." + key, GgufValue.float32(value));
  }

  private void hyperParameters() {
    writer.metadata("general.architecture", GgufValue.string(architecture));
    put("block_count", LAYERS);
    put("context_length", 64);
    put("embedding_length", hidden);
    put("feed_forward_length", width());
    put("attention.head_count", HEADS);
    number("attention.layer_norm_rms_epsilon", 1e-6);
    number("rope.freq_base", 100);
    if (mla()) {
      mlaParameters();
    } else {
      put("attention.head_count_kv", keyValueHeads());
      put("attention.key_length", headDim());
      put("attention.value_length", headDim());
      put("rope.dimension_count", is("glm4moe", "minimax-m2") ? headDim() / 2 : headDim());
    }
    if (is("gpt-oss")) {
      put("attention.sliding_window", 3);
      writer.metadata(architecture + ".rope.scaling.type", GgufValue.string("yarn"));
      number("rope.scaling.factor", 8);
      put("rope.scaling.original_context_length", 16);
    }
    if (moe()) {
      expertParameters();
    }
  }

  private void mlaParameters() {
    put("attention.head_count_kv", 1);
    put("rope.dimension_count", ROPE);
    put("attention.kv_lora_rank", KV_LORA);
    put("attention.key_length", KV_LORA + ROPE);
    put("attention.value_length", KV_LORA);
    put("attention.key_length_mla", NOPE + ROPE);
    put("attention.value_length_mla", VALUE);
    if (v3()) {
      put("attention.q_lora_rank", 32);
      put("expert_group_count", 2);
      put("expert_group_used_count", 1);
    }
    writer.metadata(architecture + ".rope.scaling.type", GgufValue.string("yarn"));
    number("rope.scaling.factor", 40);
    put("rope.scaling.original_context_length", 16);
    number("rope.scaling.yarn_log_multiplier", 0.0707);
  }

  private void expertParameters() {
    put("expert_count", EXPERTS);
    put("expert_used_count", USED);
    if (!is("llama", "olmoe", "minimax-m2")) {
      put("expert_feed_forward_length", 32);
    }
    if (is("deepseek2", "dots1", "glm4moe", "bailingmoe")) {
      put("expert_shared_count", 1);
      number("expert_weights_scale", 1.5);
      writer.metadata(
          architecture + ".expert_weights_norm", GgufValue.bool(!kind.endsWith("lite")));
    }
    if (is("qwen2moe", "hunyuan-moe", "ernie4_5-moe")) {
      put("expert_shared_feed_forward_length", 32);
    }
    if (is("deepseek2")) {
      put("expert_gating_func", v3() ? 2 : 1);
    }
    if (hasDenseLayer()) {
      put("leading_dense_block_count", 1);
    }
    if (is("ernie4_5-moe")) {
      put("interleave_moe_layer_step", 1);
    }
  }

  /** Of a dense layer, and of the experts where they have no key of their own. */
  private int width() {
    return is("llama", "olmoe", "minimax-m2") && moe() ? 32 : 64;
  }

  private void tensors() {
    matrix("token_embd", 1, VOCABULARY, hidden);
    norm("output_norm", hidden);
    if (!kind.endsWith("tied")) {
      // The norm before it bounds its input: smaller weights could not be sure of any token.
      matrix("output", 3 / Math.sqrt(hidden), VOCABULARY, hidden);
    } else {
      add("rope_freqs.weight", 0.2, 1.5, headDim() / 2);
    }
    for (int i = 0; i < LAYERS; i++) {
      String block = "blk." + i + ".";
      norm(block + "attn_norm", hidden);
      if (mla()) {
        mla(block + "attn_");
      } else {
        gqa(block + "attn_");
      }
      norm(block + (is("glm4moe", "gpt-oss") ? "post_attention_norm" : "ffn_norm"), hidden);
      if (moe() && !(hasDenseLayer() && i == 0)) {
        experts(block);
      } else {
        ffn(block, "", width());
      }
    }
  }

  private void gqa(String prefix) {
    int q = HEADS * headDim();
    int kv = keyValueHeads() * headDim();
    boolean biased = is("qwen2", "qwen2moe", "gpt-oss");
    if (kind.endsWith("fused")) {
      linear(prefix + "qkv", q + 2 * kv, hidden);
      bias(prefix + "qkv", q + 2 * kv);
    } else {
      for (String name : List.of("q", "k", "v")) {
        linear(prefix + name, name.equals("q") ? q : kv, hidden);
        if (biased) {
          bias(prefix + name, name.equals("q") ? q : kv);
        }
      }
    }
    boolean full = is("olmoe", "minimax-m2");
    if (full || is("qwen3", "qwen3moe", "dots1", "hunyuan-moe") || kind.equals("glm4moe")) {
      norm(prefix + "q_norm", full ? q : headDim());
      norm(prefix + "k_norm", full ? kv : headDim());
    }
    linear(prefix + "output", hidden, q);
    if (is("gpt-oss")) {
      bias(prefix + "output", hidden);
      add(prefix + "sinks.weight", 1, 0, HEADS);
    }
  }

  private void mla(String prefix) {
    int width = HEADS * (NOPE + ROPE);
    if (v3()) {
      linear(prefix + "q_a", 32, hidden);
      norm(prefix + "q_a_norm", 32);
      linear(prefix + "q_b", width, 32);
    } else {
      linear(prefix + "q", width, hidden);
    }
    linear(prefix + "kv_a_mqa", KV_LORA + ROPE, hidden);
    norm(prefix + "kv_a_norm", KV_LORA);
    if (kind.endsWith("kvb")) {
      linear(prefix + "kv_b", HEADS * (NOPE + VALUE), KV_LORA);
    } else {
      linear(prefix + "k_b", HEADS, KV_LORA, NOPE);
      linear(prefix + "v_b", HEADS, VALUE, KV_LORA);
    }
    linear(prefix + "output", hidden, HEADS * VALUE);
  }

  private void ffn(String block, String suffix, int width) {
    linear(block + "ffn_gate" + suffix, width, hidden);
    linear(block + "ffn_up" + suffix, width, hidden);
    linear(block + "ffn_down" + suffix, hidden, width);
  }

  private void experts(String block) {
    add(block + "ffn_gate_inp.weight", 1 / Math.sqrt(hidden), 0, EXPERTS, hidden);
    if (kind.endsWith("gate-up")) {
      linear(block + "ffn_gate_up_exps", EXPERTS, 64, hidden);
    } else {
      linear(block + "ffn_gate_exps", EXPERTS, 32, hidden);
      linear(block + "ffn_up_exps", EXPERTS, 32, hidden);
    }
    linear(block + "ffn_down_exps", EXPERTS, hidden, 32);
    if (is("gpt-oss")) {
      add(block + "ffn_gate_inp.bias", 0.3, 0, EXPERTS);
      // So large that some are clamped.
      add(block + "ffn_gate_exps.bias", 4, 2, EXPERTS, 32);
      add(block + "ffn_up_exps.bias", 4, 0, EXPERTS, 32);
      add(block + "ffn_down_exps.bias", 0.3, 0, EXPERTS, hidden);
    }
    if (v3() || is("dots1", "glm4moe", "ernie4_5-moe", "minimax-m2")) {
      add(block + "exp_probs_b.bias", 0.1, 0, EXPERTS);
    }
    if (sharedWidth() > 0) {
      ffn(block, "_shexp", sharedWidth());
    }
    if (is("qwen2moe")) {
      add(block + "ffn_gate_inp_shexp.weight", 1 / Math.sqrt(hidden), 0, hidden);
    }
  }

  private void norm(String name, int width) {
    add(name + ".weight", 0.2, 1, width);
  }

  private void bias(String name, int width) {
    add(name + ".bias", 0.3, 0, width);
  }

  private void linear(String name, long... dims) {
    matrix(name, 1 / Math.sqrt(dims[dims.length - 1]), dims);
  }

  private void matrix(String name, double spread, long... dims) {
    add(name + ".weight", spread, 0, dims);
  }

  private void add(String name, double spread, double middle, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (middle + spread * random.nextGaussian());
    }
    boolean plain =
        dims.length < 2
            || name.contains("gate_inp")
            || name.endsWith("bias")
            || shape.columns() % type.blockSize() != 0;
    DType own = plain ? DType.F32 : type;
    MemorySegment bytes = Arena.ofAuto().allocate(own.bytesFor(values.length));
    BlockCodecs.encoder(own).quantize(values, 0, bytes, 0, values.length);
    writer.tensor(name, own, shape, bytes);
  }
}
