package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which type each tensor of a model gets for a file type, as {@code llama-quantize} decides without
 * an importance matrix ({@code llama-quant.cpp} of llama.cpp v0.5.0).
 *
 * <p>A few tensors bear much of the error for few bytes, and get more bits: the output matrix, the
 * values of attention, the way down of the first and last layers. Norms, routers and vectors stay
 * as they are. A row that is no whole number of blocks falls back to a type of smaller blocks.
 *
 * @param target the mixture wanted
 * @param architecture {@code general.architecture}
 * @param numLayers {@code block_count}
 * @param numHeads query heads of the first layer
 * @param numKeyValueHeads key and value heads of the first layer
 * @param numExperts experts per layer, 0 for a dense model
 */
public record QuantizeRecipe(
    FileType target,
    String architecture,
    int numLayers,
    int numHeads,
    int numKeyValueHeads,
    int numExperts) {
  private static final Pattern LAYER = Pattern.compile("^blk\\.(\\d{1,9})\\.");

  // Tensors of two dimensions that stay as they are, by a part of the name: too small to matter, or
  // too sensitive (tensor_allows_quantization).
  private static final List<String> KEPT =
      List.of(
          "_norm.weight",
          "ffn_gate_inp.weight",
          "ffn_gate_tid2eid.weight",
          "altup",
          "laurel",
          "per_layer_model_proj",
          "ssm_conv1d",
          "shortconv.conv.weight",
          "indexer.k_proj.weight",
          "indexer.q_proj.weight",
          "time_mix_first.weight",
          "time_mix_w0.weight",
          "time_mix_w1.weight",
          "time_mix_w2.weight",
          "time_mix_v0.weight",
          "time_mix_v1.weight",
          "time_mix_v2.weight",
          "time_mix_a0.weight",
          "time_mix_a1.weight",
          "time_mix_a2.weight",
          "time_mix_g1.weight",
          "time_mix_g2.weight",
          "time_mix_decay_w1.weight",
          "time_mix_decay_w2.weight",
          "time_mix_lerp_fused.weight",
          "attn_rel_b.weight",
          ".position_embd",
          "sam.pos_embd",
          "sam.neck.",
          "sam.net_",
          ".rel_pos",
          ".patch_embd",
          ".patch_merger",
          "a.rvq.codebook",
          "mm.a.code_embd");

  /**
   * A tensor as it is before.
   *
   * @param name as in the file
   * @param type element type
   * @param shape slowest dimension first
   */
  public record Tensor(String name, DType type, Shape shape) {}

  /**
   * The order in which tensors are decided and written: those outside of layers, then layer by
   * layer, by name.
   */
  public static Comparator<String> order() {
    return Comparator.comparingInt(QuantizeRecipe::layer).thenComparing(Comparator.naturalOrder());
  }

  /**
   * The types of all tensors of a model.
   *
   * @return by name, in {@link #order()}
   */
  public Map<String, DType> types(List<Tensor> tensors) {
    List<Tensor> sorted = new ArrayList<>(tensors);
    sorted.sort(Comparator.comparing(Tensor::name, order()));
    Decision decision = new Decision(this, sorted);
    Map<String, DType> types = new LinkedHashMap<>();
    for (Tensor tensor : sorted) {
      types.put(tensor.name(), decision.type(tensor));
    }
    return types;
  }

  /** Whether a tensor takes part, or is copied as it is. */
  static boolean isQuantized(Tensor tensor) {
    String name = tensor.name();
    return dimensions(tensor.shape()) >= 2
        && name.endsWith("weight")
        && !name.equals("position_embd.weight")
        && !name.equals("token_types.weight")
        && KEPT.stream().noneMatch(name::contains);
  }

  /** Experts, or whatever a third dimension counts. */
  static long matrices(Shape shape) {
    return shape.rank() < 3 ? 1 : shape.dim(shape.rank() - 3);
  }

  /** The layer in a name, -1 where there is none. */
  static int layer(String name) {
    Matcher matcher = LAYER.matcher(name);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
  }

  /** Dimensions without leading ones, as GGML counts them. */
  private static int dimensions(Shape shape) {
    int leading = 0;
    while (leading < shape.rank() - 1 && shape.dim(leading) == 1) {
      leading++;
    }
    return shape.rank() - leading;
  }

  /** Query heads per key-value head, 0 where there are none. */
  int groupSize() {
    return numKeyValueHeads == 0 ? 0 : numHeads / numKeyValueHeads;
  }

  /** Llama 2 and 3 of 70 B, whose few value heads are worth more bits. */
  boolean isLlama70B() {
    return architecture.equals("llama") && numLayers == 80 && numHeads != numKeyValueHeads;
  }
}
