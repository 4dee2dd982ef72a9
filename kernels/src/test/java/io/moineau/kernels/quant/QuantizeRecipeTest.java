package io.moineau.kernels.quant;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.kernels.quant.QuantizeRecipe.Tensor;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/**
 * The figures are CRC-32 of the lines {@code name=TYPE} that llama-quantize of llama.cpp v0.5.0
 * gives to models of these shapes.
 */
class QuantizeRecipeTest {
  @Test
  void types_llama70B_asTheReference() {
    assertTypes(
        dense(80, true, 256),
        "llama",
        80,
        16,
        2,
        0,
        """
        F32 832dadfd, F16 cfb95495, Q4_0 90d4ac29, Q4_1 03c6ddde, Q8_0 19cfcb7e,
        Q5_0 ec2b09eb, Q5_1 7f39781c, Q2_K 439c782e, Q3_K_S bdfe8ccb, Q3_K_M ce5c9e3d,
        Q3_K_L 8bf7b6e6, Q4_K_S 8a53550f, Q4_K_M 39c1d9d3, Q5_K_S e32a867b,
        Q5_K_M fdb3f6c1, Q6_K 662a683d, IQ4_NL 185b34e7, IQ4_XS 3dde789c,
        BF16 0bb7ef95, TQ1_0 ca48ede6, TQ2_0 c3e25013, MXFP4_MOE 19cfcb7e,
        Q1_0 c4a498a2, Q2_0 d9890fe7
        """);
  }

  @Test
  void types_tiedOutputAndGroupedQueries_asTheReference() {
    assertTypes(
        dense(40, false, 256),
        "llama",
        40,
        16,
        4,
        0,
        """
        F32 c2b4c10d, F16 ef6ef624, Q4_0 b50c252f, Q4_1 fec29dbd, Q8_0 d290c9b1,
        Q5_0 33c1bdc7, Q5_1 780f0555, Q2_K 86e5adb7, Q3_K_S 902a35e3, Q3_K_M 8650f244,
        Q3_K_L ac102330, Q4_K_S f987fdaa, Q4_K_M 997753c4, Q5_K_S 30656b11,
        Q5_K_M e5ed9812, Q6_K 6042c468, IQ4_NL 2cbdd526, IQ4_XS c8cd3310,
        BF16 5d40d34a, TQ1_0 92b84773, TQ2_0 839f9b67, MXFP4_MOE d290c9b1,
        Q1_0 4564d4a4, Q2_0 15437bdd
        """);
  }

  @Test
  void types_rowsOfOddLength_asTheReference() {
    assertTypes(
        dense(33, true, 288),
        "llama",
        33,
        16,
        16,
        0,
        """
        F32 83ac8685, F16 9c92a117, Q4_0 98445d07, Q4_1 76aeeb5d, Q8_0 729d837d,
        Q5_0 fa12108a, Q5_1 14f8a6d0, Q2_K 9bfbc6fc, Q3_K_S d0b5e167, Q3_K_M 62186e7b,
        Q3_K_L ef49aa45, Q4_K_S 6b6368cd, Q4_K_M 8e5895cc, Q5_K_S 8f9c7d5e,
        Q5_K_M a85b08ff, Q6_K cfafc58b, IQ4_NL c82d98af, IQ4_XS 8c3fca75,
        BF16 0ac3ed48, TQ1_0 3f2c40f5, TQ2_0 cb2a2381, MXFP4_MOE 729d837d,
        Q2_0 2aa2c1ad
        """);
  }

  @Test
  void types_eightExperts_asTheReference() {
    assertTypes(
        experts(32, 8),
        "llama",
        32,
        32,
        8,
        8,
        """
        F32 bb906c2a, F16 a2e7722e, Q4_0 f87d0caf, Q4_1 320867b3, Q8_0 b2556d72,
        Q5_0 c46a2357, Q5_1 0e1f484b, Q2_K 1f7fb3cd, Q3_K_S ad0746b0, Q3_K_M 64ebadb8,
        Q3_K_L 3e85952c, Q4_K_S 70ff8df2, Q4_K_M 75ab87a2, Q5_K_S d27a60a6,
        Q5_K_M d424be85, Q6_K 964310ae, IQ4_NL c2655505, IQ4_XS 075d5657,
        BF16 8e3db5ed, TQ1_0 ae559d89, TQ2_0 0ee2cbbc, MXFP4_MOE 56d926c0,
        Q1_0 34369cb7, Q2_0 a85d9424
        """);
  }

  @Test
  void types_manyExperts_asTheReference() {
    assertTypes(
        experts(48, 16),
        "qwen3moe",
        48,
        32,
        4,
        16,
        """
        F32 a26bdb64, F16 2db7cced, Q4_0 925b1cda, Q4_1 799aab0d, Q8_0 81c843b5,
        Q5_0 092782ec, Q5_1 e2e6353b, Q2_K 98250458, Q3_K_S ddbd5977, Q3_K_M be436837,
        Q3_K_L d58de0f1, Q4_K_S ed575848, Q4_K_M d7997f8a, Q5_K_S 30541141,
        Q5_K_M 9f059ae2, Q6_K 46a0b55a, IQ4_NL bbea5e32, IQ4_XS edaa7ce4,
        BF16 be26bdc5, TQ1_0 d9daef9f, TQ2_0 5f7a1785, MXFP4_MOE f056f7e7,
        Q1_0 0946f0f7, Q2_0 cd0fddd7
        """);
  }

  @Test
  void types_falcon_asTheReference() {
    assertTypes(
        falcon(32),
        "falcon",
        32,
        71,
        1,
        0,
        """
        F32 8a95f2b7, F16 7dd8a755, Q4_0 1ae7b10b, Q4_1 cc721904, Q8_0 2efd3789,
        Q5_0 4572508b, Q5_1 93e7f884, Q2_K 4bea320f, Q3_K_S e13b89c1, Q3_K_M 750147e1,
        Q3_K_L 1c053f37, Q4_K_S afd42033, Q4_K_M 983c4a83, Q5_K_S fb36ca80,
        Q5_K_M 1bc577ba, Q6_K 1b88e800, IQ4_NL 89f88d29, IQ4_XS 57872040,
        BF16 5c94b1bb, TQ1_0 bb62d481, TQ2_0 9021c4a0, MXFP4_MOE 2efd3789,
        Q1_0 e054d0ca, Q2_0 a7776da6
        """);
  }

  @Test
  void types_quantisedModel_keepsNormsRoutersAndBiases() {
    List<Tensor> tensors =
        List.of(
            tensor("blk.0.attn_norm.weight", 256),
            tensor("blk.0.ffn_gate_inp.weight", 8, 256),
            tensor("blk.0.ffn_down_exps.bias", 8, 256),
            tensor("blk.0.attn_q.weight", 1, 256),
            tensor("blk.0.attn_k_b.weight", 4, 256, 64),
            tensor("blk.0.attn_q_b.weight", 256, 30));

    Map<String, DType> types =
        new QuantizeRecipe(FileType.Q4_K_M, "deepseek2", 2, 4, 1, 8).types(tensors);

    assertThat(types)
        .containsEntry("blk.0.attn_norm.weight", DType.F32)
        .containsEntry("blk.0.ffn_gate_inp.weight", DType.F32)
        .containsEntry("blk.0.ffn_down_exps.bias", DType.F32)
        .containsEntry("blk.0.attn_q.weight", DType.F32)
        .containsEntry("blk.0.attn_k_b.weight", DType.Q5_0)
        .containsEntry("blk.0.attn_q_b.weight", DType.F16);
  }

  @Test
  void order_numbersOfLayers_byValue() {
    List<String> names =
        new ArrayList<>(List.of("blk.10.a", "blk.2.b", "output.weight", "blk.2.a", "token_embd"));

    names.sort(QuantizeRecipe.order());

    assertThat(names)
        .containsExactly("output.weight", "token_embd", "blk.2.a", "blk.2.b", "blk.10.a");
  }

  @Test
  void fromName_usualNames_found() {
    assertThat(FileType.fromName("q4_k")).contains(FileType.Q4_K_M);
    assertThat(FileType.fromName(" Q8_0 ")).contains(FileType.Q8_0);
    assertThat(FileType.fromName("mxfp4")).contains(FileType.MXFP4_MOE);
    assertThat(FileType.fromName("Q9")).isEmpty();
    for (FileType type : FileType.values()) {
      assertThat(FileType.fromNumber(type.number())).contains(type);
    }
  }

  private static void assertTypes(
      List<Tensor> tensors,
      String architecture,
      int layers,
      int heads,
      int keyValueHeads,
      int experts,
      String expected) {
    for (String pair : expected.strip().split(",\\s*")) {
      String[] words = pair.split(" ");
      FileType target = FileType.valueOf(words[0]);
      QuantizeRecipe recipe =
          new QuantizeRecipe(target, architecture, layers, heads, keyValueHeads, experts);
      StringBuilder lines = new StringBuilder();
      recipe.types(tensors).forEach((name, type) -> lines.append(name + "=" + type + "\n"));
      CRC32 crc = new CRC32();
      crc.update(lines.toString().getBytes(StandardCharsets.UTF_8));
      assertThat(String.format("%08x", crc.getValue()))
          .as("%s:\n%s", target, lines)
          .isEqualTo(words[1]);
    }
  }

  private static List<Tensor> dense(int layers, boolean output, long feedForward) {
    List<Tensor> tensors = outer(output);
    for (int i = 0; i < layers; i++) {
      attention(tensors, i);
      tensors.add(tensor("blk." + i + ".ffn_gate.weight", 8, 256));
      tensors.add(tensor("blk." + i + ".ffn_up.weight", 8, 256));
      tensors.add(tensor("blk." + i + ".ffn_down.weight", 8, feedForward));
    }
    return tensors;
  }

  private static List<Tensor> experts(int layers, int experts) {
    List<Tensor> tensors = outer(true);
    for (int i = 0; i < layers; i++) {
      attention(tensors, i);
      tensors.add(tensor("blk." + i + ".ffn_gate_inp.weight", experts, 256));
      tensors.add(tensor("blk." + i + ".ffn_gate_exps.weight", experts, 2, 256));
      tensors.add(tensor("blk." + i + ".ffn_up_exps.weight", experts, 2, 256));
      tensors.add(tensor("blk." + i + ".ffn_down_exps.weight", experts, 2, 256));
    }
    return tensors;
  }

  private static List<Tensor> falcon(int layers) {
    List<Tensor> tensors = outer(true);
    for (int i = 0; i < layers; i++) {
      for (String name : new String[] {"attn_qkv", "attn_output", "ffn_up", "ffn_down"}) {
        tensors.add(tensor("blk." + i + "." + name + ".weight", 8, 256));
      }
    }
    return tensors;
  }

  private static List<Tensor> outer(boolean output) {
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(tensor("token_embd.weight", 8, 256));
    tensors.add(tensor("output_norm.weight", 256));
    if (output) {
      tensors.add(tensor("output.weight", 8, 256));
    }
    return tensors;
  }

  private static void attention(List<Tensor> tensors, int layer) {
    String prefix = "blk." + layer + ".";
    tensors.add(tensor(prefix + "attn_norm.weight", 256));
    tensors.add(tensor(prefix + "ffn_norm.weight", 256));
    for (String name : Arrays.asList("attn_q", "attn_k", "attn_v", "attn_output")) {
      tensors.add(tensor(prefix + name + ".weight", 4, 256));
    }
  }

  private static Tensor tensor(String name, long... dims) {
    return new Tensor(name, DType.F32, Shape.of(dims));
  }
}
