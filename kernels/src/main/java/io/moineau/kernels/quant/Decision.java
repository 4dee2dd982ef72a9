package io.moineau.kernels.quant;

import io.moineau.kernels.quant.QuantizeRecipe.Tensor;
import io.moineau.tensor.DType;
import java.util.List;

/** One pass of a recipe over a model's tensors: counts what was seen, since some rules go by it. */
final class Decision {
  private enum Role {
    OUTPUT,
    TOKEN_EMBD,
    ATTN_QKV,
    ATTN_KV_B,
    ATTN_V,
    ATTN_K,
    ATTN_OUTPUT,
    FFN_DOWN,
    OTHER;

    static Role of(String name) {
      if (name.equals("output.weight")) {
        return OUTPUT;
      } else if (name.equals("token_embd.weight") || name.equals("per_layer_token_embd.weight")) {
        return TOKEN_EMBD;
      } else if (name.contains("attn_qkv.weight")) {
        return ATTN_QKV;
      } else if (name.contains("attn_kv_b.weight")) {
        return ATTN_KV_B;
      } else if (name.contains("attn_v.weight")) {
        return ATTN_V;
      } else if (name.contains("attn_k.weight")) {
        return ATTN_K;
      } else if (name.contains("attn_output.weight")) {
        return ATTN_OUTPUT;
      } else if (name.contains("ffn_down")) {
        return FFN_DOWN;
      }
      return OTHER;
    }

    boolean isValues() {
      return this == ATTN_V || this == ATTN_QKV || this == ATTN_KV_B;
    }
  }

  private final QuantizeRecipe recipe;
  private final FileType target;
  private final boolean falcon;
  private final boolean eightExperts;
  private final boolean tied;
  private final int numValues;
  private int valuesSeen;
  private int downsSeen;

  Decision(QuantizeRecipe recipe, List<Tensor> tensors) {
    this.recipe = recipe;
    this.target = recipe.target();
    this.falcon = recipe.architecture().equals("falcon");
    this.eightExperts = recipe.numExperts() == 8;
    int values = 0;
    boolean output = false;
    for (Tensor tensor : tensors) {
      Role role = Role.of(tensor.name());
      values += role.isValues() ? 1 : 0;
      output |= role == Role.OUTPUT;
    }
    this.numValues = values;
    this.tied = !output;
  }

  /** The type of the next tensor. */
  DType type(Tensor tensor) {
    if (!QuantizeRecipe.isQuantized(tensor)) {
      return tensor.type();
    }
    if (!target.type().isQuantized()) {
      return target.type();
    }
    return fitting(byRole(tensor, Role.of(tensor.name())), tensor.shape().columns());
  }

  /** The type itself, or where rows are no whole number of blocks the nearest of smaller blocks. */
  private static DType fitting(DType type, long columns) {
    if (columns % type.blockSize() == 0) {
      return type;
    }
    DType smaller =
        switch (type) {
          case IQ4_XS -> DType.IQ4_NL;
          case Q1_0, Q2_0, Q2_K, Q3_K, TQ1_0, TQ2_0 -> DType.Q4_0;
          case Q4_K -> DType.Q5_0;
          case Q5_K -> DType.Q5_1;
          case Q6_K -> DType.Q8_0;
          default -> type;
        };
    return columns % smaller.blockSize() == 0 ? smaller : DType.F16;
  }

  private DType byRole(Tensor tensor, Role role) {
    if (role == Role.OUTPUT || (tied && role == Role.TOKEN_EMBD)) {
      return output(tensor);
    }
    if (target == FileType.MXFP4_MOE) {
      return mxfp4(tensor);
    }
    return switch (role) {
      case TOKEN_EMBD ->
          switch (target) {
            case TQ1_0, TQ2_0, Q2_0 -> DType.Q4_K;
            default -> target.type();
          };
      case ATTN_V, ATTN_QKV, ATTN_KV_B -> values();
      case ATTN_K -> eightExperts ? DType.Q8_0 : target.type();
      case ATTN_OUTPUT -> attentionOutput();
      case FFN_DOWN -> down(tensor.name());
      default -> target.type();
    };
  }

  private DType output(Tensor tensor) {
    DType type = target.type();
    boolean eight =
        target == FileType.MXFP4_MOE
            || falcon
            || tensor.shape().columns() % type.blockSize() != 0
            || type == DType.Q8_0;
    return eight ? DType.Q8_0 : DType.Q6_K;
  }

  private DType mxfp4(Tensor tensor) {
    boolean expert =
        !recipe.architecture().equals("bailingmoe3")
            || tensor.name().contains("ffn_up")
            || tensor.name().contains("ffn_gate")
            || tensor.name().contains("ffn_down");
    return expert && QuantizeRecipe.matrices(tensor.shape()) > 1 ? DType.MXFP4 : DType.Q8_0;
  }

  private DType values() {
    int seen = valuesSeen++;
    boolean grouped = recipe.groupSize() >= 4;
    DType type =
        switch (target) {
          case Q2_K -> grouped ? DType.Q4_K : DType.Q3_K;
          case Q2_K_S -> grouped ? DType.Q4_K : DType.Q2_K;
          case Q3_K_M -> seen < 2 ? DType.Q5_K : DType.Q4_K;
          case Q3_K_L -> DType.Q5_K;
          case IQ4_NL, IQ4_XS -> grouped ? DType.Q5_K : target.type();
          case Q4_K_M, Q5_K_M -> moreBits(seen, numValues) ? DType.Q6_K : target.type();
          case Q4_K_S -> seen < 4 ? DType.Q5_K : DType.Q4_K;
          default -> target.type();
        };
    if (recipe.isLlama70B() && (type == DType.Q3_K || type == DType.Q4_K)) {
      type = DType.Q5_K;
    }
    return eightExperts ? DType.Q8_0 : type;
  }

  private DType attentionOutput() {
    if (falcon) {
      return target == FileType.Q3_K_L ? DType.Q4_K : target.type();
    }
    if (eightExperts) {
      return switch (target) {
        case Q2_K, Q3_K_S, Q3_K_M, IQ4_NL, IQ4_XS, Q4_K_S, Q4_K_M -> DType.Q5_K;
        default -> target.type();
      };
    }
    return switch (target) {
      case Q2_K -> DType.Q3_K;
      case Q3_K_M -> DType.Q4_K;
      case Q3_K_L -> DType.Q5_K;
      default -> target.type();
    };
  }

  private DType down(String name) {
    int seen = downsSeen++;
    int named = QuantizeRecipe.layer(name);
    int layer = recipe.numExperts() > 1 && named >= 0 ? named : seen;
    int layers = recipe.numLayers();
    boolean first = layer < layers / 8;
    boolean more = moreBits(layer, layers);
    return switch (target) {
      case Q2_K -> DType.Q3_K;
      case Q2_K_S -> first ? DType.Q4_K : DType.Q2_K;
      case Q3_K_M -> {
        if (layer < layers / 16) {
          yield DType.Q5_K;
        }
        yield !falcon || more ? DType.Q4_K : DType.Q3_K;
      }
      case Q3_K_L -> falcon ? DType.Q4_K : DType.Q5_K;
      case Q4_K_M -> {
        if (falcon) {
          yield layer < layers / 16 ? DType.Q6_K : more ? DType.Q5_K : DType.Q4_K;
        }
        yield more ? DType.Q6_K : DType.Q4_K;
      }
      case Q5_K_M -> more ? DType.Q6_K : DType.Q5_K;
      case IQ4_NL, IQ4_XS -> first ? DType.Q5_K : target.type();
      case Q4_K_S -> first && !falcon ? DType.Q5_K : DType.Q4_K;
      default -> target.type();
    };
  }

  /** The first and last eighth, and every third layer between. */
  private static boolean moreBits(int layer, int layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
  }
}
