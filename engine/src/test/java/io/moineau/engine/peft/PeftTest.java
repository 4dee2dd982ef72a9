package io.moineau.engine.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.engine.EngineException;
import io.moineau.error.MoineauException;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.format.SafetensorsFile;
import io.moineau.format.SafetensorsWriter;
import io.moineau.model.LoraAdapter;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftTest {
  private static final int RANK = 4;

  @TempDir private Path folder;

  private GgufFile model(String kind) {
    TinyModel tiny =
        switch (kind) {
          case "llama" -> TinyModels.llama(1);
          case "mixtral" -> TinyModels.mixtral(2);
          case "qwen3moe" -> TinyModels.qwen3moe(3);
          case "deepseekV3" -> TinyModels.deepseekV3(4);
          default -> TinyModels.deepseekV2Lite(5);
        };
    return GgufFile.open(tiny.write(folder.resolve(kind + ".gguf")));
  }

  private static float[] random(long seed, long count) {
    Random random = new Random(seed);
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** An adapter of all matrices of a model but for what comes of {@code kv_b_proj}. */
  private Path ggufAdapter(GgufFile model) {
    GgufWriter writer = new GgufWriter();
    writer.metadata("general.type", GgufValue.string("adapter"));
    writer.metadata("adapter.type", GgufValue.string("lora"));
    writer.metadata(
        "general.architecture",
        GgufValue.string(model.metadata().findString("general.architecture").orElseThrow()));
    writer.metadata("adapter.lora.alpha", GgufValue.float32(8.5f));
    long seed = 0;
    for (TensorView weight : model.tensors().values()) {
      String name = weight.name();
      Shape shape = weight.shape();
      boolean skipped = name.contains("k_b.") || name.contains("v_b.");
      skipped |= name.contains("gate_inp") && name.startsWith("blk") && !isLayer(model);
      if (shape.rank() < 2 || skipped) {
        continue;
      }
      int rank = name.contains("attn_output") ? 2 : RANK;
      seed++;
      if (name.equals("token_embd.weight")) {
        tensor(writer, name + ".lora_a", seed, shape.dim(0), rank);
        tensor(writer, name + ".lora_b", -seed, shape.dim(1), rank);
      } else if (shape.rank() == 3) {
        tensor(writer, name + ".lora_a", seed, shape.dim(0), rank, shape.dim(2));
        tensor(writer, name + ".lora_b", -seed, shape.dim(0), shape.dim(1), rank);
      } else {
        tensor(writer, name + ".lora_a", seed, rank, shape.dim(1));
        tensor(writer, name + ".lora_b", -seed, shape.dim(0), rank);
      }
    }
    Path path = folder.resolve("adapter.gguf");
    writer.write(path);
    return path;
  }

  /** Whether the router is a linear layer for PEFT. */
  private static boolean isLayer(GgufFile model) {
    return !model.metadata().string("general.architecture").equals("deepseek2");
  }

  private static void tensor(GgufWriter writer, String name, long seed, long... dims) {
    Shape shape = Shape.of(dims);
    writer.tensor(name, DType.F32, shape, MemorySegment.ofArray(random(seed, shape.elements())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mixtral", "qwen3moe", "deepseekV3", "deepseekV2Lite"})
  void adapter_toPeftAndBack_isTheSameBits(String kind) {
    try (GgufFile model = model(kind)) {
      Path adapter = ggufAdapter(model);
      Path peft = folder.resolve("peft");
      Path back = folder.resolve("back.gguf");
      List<String> notes = new ArrayList<>();
      AdapterFiles.toPeft(adapter, model, peft);
      AdapterFiles.toGguf(peft, model, back, notes::add);
      assertThat(notes).isEmpty();
      try (GgufFile before = GgufFile.open(adapter);
          GgufFile after = GgufFile.open(back)) {
        assertThat(after.tensors().keySet())
            .containsExactlyInAnyOrderElementsOf(before.tensors().keySet());
        for (TensorView tensor : before.tensors().values()) {
          TensorView other = after.tensor(tensor.name());
          assertThat(other.shape()).as(tensor.name()).isEqualTo(tensor.shape());
          assertThat(other.data().mismatch(tensor.data())).as(tensor.name()).isEqualTo(-1);
        }
        assertThat(after.metadata().findNumber("adapter.lora.alpha")).contains(8.5);
      }
      Path again = folder.resolve("again");
      AdapterFiles.toPeft(back, model, again);
      try (SafetensorsFile one = SafetensorsFile.open(peft.resolve("adapter_model.safetensors"));
          SafetensorsFile two = SafetensorsFile.open(again.resolve("adapter_model.safetensors"))) {
        assertThat(two.tensors().keySet())
            .containsExactlyInAnyOrderElementsOf(one.tensors().keySet());
        for (TensorView tensor : one.tensors().values()) {
          assertThat(two.find(tensor.name()).orElseThrow().data().mismatch(tensor.data()))
              .as(tensor.name())
              .isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void names_ofEveryArchitecture_areTheSameBothWays() {
    for (String architecture :
        List.of(
            "llama",
            "qwen2",
            "qwen3",
            "qwen2moe",
            "qwen3moe",
            "deepseek2",
            "olmoe",
            "dots1",
            "glm4moe",
            "gpt-oss",
            "hunyuan-moe",
            "ernie4_5",
            "ernie4_5-moe",
            "bailingmoe",
            "minimax-m2")) {
      PeftNames names = PeftNames.of(architecture);
      int found = 0;
      for (String tensor :
          List.of(
              "attn_q",
              "attn_k",
              "attn_v",
              "attn_output",
              "attn_q_a",
              "attn_q_b",
              "attn_kv_b",
              "attn_kv_a_mqa",
              "ffn_gate",
              "ffn_up",
              "ffn_down",
              "ffn_gate_exps",
              "ffn_up_exps",
              "ffn_down_exps",
              "ffn_gate_shexp",
              "ffn_up_shexp",
              "ffn_down_shexp",
              "ffn_gate_inp_shexp",
              "ffn_gate_inp")) {
        String weight = "blk.12." + tensor + ".weight";
        boolean experts = tensor.endsWith("_exps");
        if (names.module(weight, 7).isPresent()) {
          found++;
          String module = names.module(weight, 7).orElseThrow();
          assertThat(names.weight(module))
              .as(architecture + " " + module)
              .contains(new PeftNames.Weight(weight, experts ? 7 : -1));
        }
      }
      assertThat(found).as(architecture).isGreaterThanOrEqualTo(4);
      assertThat(names.weight("model.layers.3.self_attn.rotary_emb")).isEmpty();
      assertThat(names.weight(names.module("token_embd.weight", -1).orElseThrow()))
          .contains(new PeftNames.Weight("token_embd.weight", -1));
    }
    assertThat(PeftNames.of("llama").module("blk.3.ffn_up_exps.weight", 5))
        .contains("model.layers.3.block_sparse_moe.experts.5.w3");
    assertThat(PeftNames.of("qwen2moe").module("blk.0.ffn_down_shexp.weight", -1))
        .contains("model.layers.0.mlp.shared_expert.down_proj");
    assertThat(PeftNames.of("gpt-oss").module("blk.0.ffn_up_exps.weight", 0)).isEmpty();
    refused(() -> PeftNames.of("rwkv7"), "peft-architecture", "rwkv7");
  }

  /** Two heads of 4: the pairs (0, 2) and (1, 3) of each lie together in GGUF. */
  @Test
  void rows_ofLlamasQueries_alternateHalvesOfAHead() {
    try (GgufFile model = model("llama")) {
      var config = io.moineau.model.Architectures.config(model);
      int heads = config.numAttentionHeads();
      int[] order = Matrices.rowOrder(config, "blk.0.attn_q.weight", 4 * heads);
      assertThat(order).startsWith(0, 2, 1, 3, 4, 6, 5, 7);
      assertThat(Matrices.rowOrder(config, "blk.0.attn_v.weight", 4)).containsExactly(0, 1, 2, 3);
    }
  }

  private Path peft(String config, Map<String, Shape> shapes) throws IOException {
    Path path = Files.createDirectories(folder.resolve("peft"));
    SafetensorsWriter writer = new SafetensorsWriter();
    shapes.forEach((name, shape) -> {
      float[] values = random(name.hashCode(), shape.elements());
      writer.tensor(
          "base_model.model." + name,
          DType.F32,
          shape,
          sink -> sink.write(MemorySegment.ofArray(values)));
    });
    writer.write(path.resolve("adapter_model.safetensors"));
    Files.writeString(
        path.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", " + config + "}");
    return path;
  }

  private static final String DOWN = "model.layers.0.mlp.down_proj";

  private Path down(String config) throws IOException {
    return peft(
        config,
        Map.of(
            DOWN + ".lora_A.weight", Shape.of(2, 128), DOWN + ".lora_B.weight", Shape.of(64, 2)));
  }

  /** Factors: lora_alpha / r, the root of it, or one of a layer's own. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'r':2,'lora_alpha':8|4",
        "'r':2,'lora_alpha':8,'use_rslora':true|5.65685",
        "'r':8,'lora_alpha':8,'rank_pattern':{'down_proj':2}|4",
        "'r':2,'lora_alpha':8,'alpha_pattern':{'layers.0.mlp.down_proj':3}|1.5",
        "'r':2,'lora_alpha':8,'alpha_pattern':{'layers\\\\.1.mlp.down_proj':3}|4",
      })
  void open_factors_areHonoured(String config, double factor) throws IOException {
    Path path = down(config.replace('\'', '"'));
    try (GgufFile model = model("llama");
        LoraAdapter adapter = AdapterFiles.open(path, 0.5f, model, note -> {})) {
      float[] row = new float[128];
      adapter.addTo("blk.0.ffn_down.weight", 3, row);
      float[] a = random(("" + DOWN + ".lora_A.weight").hashCode(), 256);
      float[] b = random(("" + DOWN + ".lora_B.weight").hashCode(), 128);
      double wanted = 0.5 * factor * (b[6] * a[5] + b[7] * a[128 + 5]);
      assertThat((double) row[5]).isCloseTo(wanted, within(1e-4));
    }
  }

  @Test
  void open_oneExpertOfALayer_leavesTheOthersAsTheyAre() throws IOException {
    String module = "model.layers.1.mlp.experts.5.gate_proj";
    try (GgufFile model = model("qwen3moe")) {
      Shape shape = model.tensor("blk.1.ffn_gate_exps.weight").shape();
      Path path =
          peft(
              "\"r\": 2, \"lora_alpha\": 2",
              Map.of(
                  module + ".lora_A.weight",
                  Shape.of(2, shape.dim(2)),
                  module + ".lora_B.weight",
                  Shape.of(shape.dim(1), 2)));
      List<String> notes = new ArrayList<>();
      try (LoraAdapter adapter = AdapterFiles.open(path, 1, model, notes::add)) {
        float[] row = new float[(int) shape.dim(2)];
        adapter.addTo("blk.1.ffn_gate_exps.weight", 4 * shape.dim(1), row);
        assertThat(row).containsOnly(0);
        adapter.addTo("blk.1.ffn_gate_exps.weight", 5 * shape.dim(1), row);
        assertThat(row[0]).isNotZero();
      }
      assertThat(notes).singleElement().asString().contains("1 of 8 experts");
    }
  }

  /** What the one layer adds to a head's rows is what its two tensors add. */
  @Test
  void open_kvB_isSplitIntoKeysAndValues() throws IOException {
    String module = "model.layers.0.self_attn.kv_b_proj";
    try (GgufFile model = model("deepseekV3")) {
      var config = io.moineau.model.Architectures.config(model);
      var mla = config.mla().orElseThrow();
      int width = mla.kvLoraRank();
      int nope = mla.qkNopeHeadDim();
      int value = mla.vHeadDim();
      int rows = config.numAttentionHeads() * (nope + value);
      Path path =
          peft(
              "\"r\": 3, \"lora_alpha\": 3",
              Map.of(
                  module + ".lora_A.weight",
                  Shape.of(3, width),
                  module + ".lora_B.weight",
                  Shape.of(rows, 3)));
      float[] a = random((module + ".lora_A.weight").hashCode(), 3L * width);
      float[] b = random((module + ".lora_B.weight").hashCode(), 3L * rows);
      try (LoraAdapter adapter = AdapterFiles.open(path, 1, model, note -> {})) {
        int head = 1;
        float[] key = new float[nope];
        adapter.addTo("blk.0.attn_k_b.weight", (long) head * width + 7, key);
        float[] values = new float[width];
        adapter.addTo("blk.0.attn_v_b.weight", (long) head * value + 2, values);
        int first = head * (nope + value);
        for (int i = 0; i < nope; i++) {
          assertThat((double) key[i]).isCloseTo(product(b, first + i, a, width, 7), within(1e-4));
        }
        for (int c = 0; c < width; c++) {
          assertThat((double) values[c])
              .isCloseTo(product(b, first + nope + 2, a, width, c), within(1e-4));
        }
      }
      Path gguf = folder.resolve("kvb.gguf");
      AdapterFiles.toGguf(path, model, gguf, note -> {});
      AdapterFiles.toPeft(gguf, model, folder.resolve("again"));
      assertThat(folder.resolve("again/adapter_model.safetensors")).isNotEmptyFile();
      try (SafetensorsFile one =
              SafetensorsFile.open(folder.resolve("again/adapter_model.safetensors"));
          SafetensorsFile two = SafetensorsFile.open(path.resolve("adapter_model.safetensors"))) {
        for (TensorView tensor : two.tensors().values()) {
          assertThat(one.find(tensor.name()).orElseThrow().data().mismatch(tensor.data()))
              .isEqualTo(-1);
        }
      }
    }
  }

  private static double product(float[] b, int row, float[] a, int columns, int column) {
    double sum = 0;
    for (int k = 0; k < 3; k++) {
      sum += (double) b[row * 3 + k] * a[k * columns + column];
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'r':2,'lora_alpha':8,'use_dora':true|peft-unsupported|use_dora=true",
        "'r':2,'lora_alpha':8,'fan_in_fan_out':true|peft-unsupported|fan_in_fan_out",
        "'r':2,'lora_alpha':8,'bias':'all'|peft-unsupported|bias=all",
        "'r':2,'lora_alpha':8,'modules_to_save':['lm_head']|peft-unsupported|lm_head",
        "'r':2,'lora_alpha':8,'init_lora_weights':'pissa_niter_4'|peft-unsupported|pissa",
        "'r':2,'lora_alpha':8,'alpha_pattern':{'.*down.*':3}|peft-unsupported|regular",
        "'r':2,'lora_alpha':8,'target_modules':['q_proj']|peft-bad-tensors|target_modules",
        "'r':4,'lora_alpha':8|peft-bad-tensors|rank 2",
        "'r':0,'lora_alpha':8|peft-bad-config|r=0",
        "'r':2,'lora_alpha':'x'|peft-bad-config|lora_alpha",
      })
  void open_whatIsMoreThanLora_isRefused(String config, String code, String part)
      throws IOException {
    Path path = down(config.replace('\'', '"'));
    try (GgufFile model = model("llama")) {
      refused(() -> AdapterFiles.open(path, 1, model, note -> {}), code, part);
    }
  }

  @Test
  void open_unknownSetting_isTold() throws IOException {
    Path path = down("\"r\": 2, \"lora_alpha\": 8, \"new_thing\": 3, \"other\": null");
    List<String> notes = new ArrayList<>();
    try (GgufFile model = model("llama");
        LoraAdapter adapter = AdapterFiles.open(path, 1, model, notes::add)) {
      assertThat(adapter.size()).isEqualTo(1);
      assertThat(notes).singleElement().asString().contains("new_thing=3");
    }
  }

  @Test
  void open_tensorsThatDoNotFit_areNamed() throws IOException {
    String config = "\"r\": 2, \"lora_alpha\": 8";
    String fused = "model.layers.0.self_attn.qkv_proj";
    try (GgufFile model = model("llama")) {
      Path other =
          peft(
              config,
              Map.of(
                  fused + ".lora_A.weight", Shape.of(2, 64),
                  fused + ".lora_B.weight", Shape.of(64, 2)));
      refused(() -> AdapterFiles.open(other, 1, model, n -> {}), "peft-unknown-layer", fused);
      Path narrow =
          peft(
              config,
              Map.of(
                  DOWN + ".lora_A.weight", Shape.of(2, 127),
                  DOWN + ".lora_B.weight", Shape.of(64, 2)));
      refused(() -> AdapterFiles.open(narrow, 1, model, n -> {}), "peft-bad-shape", "127");
      Path lone = peft(config, Map.of(DOWN + ".lora_A.weight", Shape.of(2, 128)));
      refused(() -> AdapterFiles.open(lone, 1, model, n -> {}), "peft-bad-tensors", "one matrix");
      Path dora = peft(config, Map.of(DOWN + ".lora_magnitude_vector", Shape.of(64)));
      refused(() -> AdapterFiles.open(dora, 1, model, n -> {}), "peft-bad-tensors", "magnitude");
      Path far = folder.resolve("none");
      Files.createDirectories(far);
      refused(() -> AdapterFiles.open(far, 1, model, n -> {}), "peft-no-tensors", "none");
    }
    try (GgufFile model = model("qwen3moe")) {
      refused(
          () -> AdapterFiles.checkPeft(List.of("blk.0.attn_norm.weight"), model),
          "peft-no-layer",
          "attn_norm");
    }
  }

  private static void refused(Runnable call, String code, String part) {
    assertThatThrownBy(call::run)
        .isInstanceOf(EngineException.class)
        .isInstanceOfSatisfying(MoineauException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(part);
  }
}
