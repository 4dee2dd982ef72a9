package io.moineau.model.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.format.GgufFile;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.kernels.quant.FileType;
import io.moineau.model.ModelException;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import io.moineau.testkit.SharedFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufQuantizerTest {
  private static final long SEED = 3;

  // Model and CRC-32 of the source: file type and CRC-32 of what llama-quantize of llama.cpp v0.5.0
  // writes.
  private static final String REFERENCE =
      """
        llama-tied 99f869b4: F32 747770db, F16 e34e3eb6, Q4_0 f3bde80d, Q4_1 72eb80bb, Q8_0
        283ef73e, Q5_0 bbd0cee7, Q5_1 fa5aa093, Q2_K ee1bc211, Q3_K_S 7c4c085e, Q3_K_M ddd46e73,
        Q3_K_L ed8b8fc5, Q4_K_S 1a75caf0, Q4_K_M 1e264874, Q5_K_S 17b9ced3, Q5_K_M 4b193b6f,
        Q6_K 45f8dbbd, IQ4_NL 7fa0cb68, IQ4_XS d794c15b, BF16 a2b1a8b8, TQ1_0 75367bb0, TQ2_0
        1f59f7a9, MXFP4_MOE 0eacfdbc;
        qwen3moe b21442b7: F32 389c8a83, F16 d37a521b, Q4_0 1e8c2666, Q4_1 d5341ac0, Q8_0
        83523a39, Q5_0 ab4c2b95, Q5_1 3aa23e20, Q2_K fee01e69, Q3_K_S 65baa63b, Q3_K_M 16b381f4,
        Q3_K_L 4d285a46, Q4_K_S 3bb3e27b, Q4_K_M a375e04c, Q5_K_S 5ab3d5b6, Q5_K_M d89dd475,
        Q6_K 1682cb34, IQ4_NL 4db885fe, IQ4_XS 3bdfa0c2, BF16 ff655997, TQ1_0 28c39d90, TQ2_0
        2f459505, MXFP4_MOE 4edeafda;
        deepseek2-v3 b068941e: F32 a5c879b2, F16 10017015, Q4_0 9b751efb, Q4_1 f2a0f5ba, Q8_0
        67c0b3bd, Q5_0 a096ad2f, Q5_1 e982892c, Q2_K 003158eb, Q3_K_S 5ff2c2ad, Q3_K_M f8420045,
        Q3_K_L 82e8cb20, Q4_K_S 2015b279, Q4_K_M 25a6c8ef, Q5_K_S 1916298d, Q5_K_M a205b29a,
        Q6_K 98b70d02, IQ4_NL 07cf79de, IQ4_XS 43f4b84d, BF16 b88d69ae, TQ1_0 104e1afb, TQ2_0
        1cbde991, MXFP4_MOE 29c03432;
        gpt-oss 99672c2b: F32 04e0ac76, F16 7a3ce32b, Q4_0 ab814465, Q4_1 14bd9e85, Q8_0
        54eaf969, Q5_0 2bb83f3d, Q5_1 88ec86a0, Q2_K 61542b19, Q3_K_S b1bb9a6a, Q3_K_M 6a7ecf25,
        Q3_K_L aacf86ef, Q4_K_S 1b4037bd, Q4_K_M a9c3530b, Q5_K_S 690b5a42, Q5_K_M 06712ba7,
        Q6_K 5d10daa5, IQ4_NL 70cbac85, IQ4_XS 2fd6b01f, BF16 903fcdfd, TQ1_0 a069bc5f, TQ2_0
        70860d2c, MXFP4_MOE abb333da
      """;

  @TempDir Path folder;

  @Test
  void quantize_smallModel_typesMetadataAndBytesAsPlanned() throws IOException {
    Path source = write(folder.resolve("a.gguf"), model());
    Path target = folder.resolve("b.gguf");
    List<String> heard = new ArrayList<>();
    QuantizeOptions options = new QuantizeOptions(FileType.Q4_K_M, 2, false, true, false);

    QuantizeSummary summary =
        GgufQuantizer.quantize(
            source,
            target,
            options,
            (bytesDone, bytesInAll, tensor) ->
                heard.add(tensor.name() + " " + (bytesDone == bytesInAll)));

    try (GgufFile before = GgufFile.open(source);
        GgufFile after = GgufFile.open(target)) {
      assertThat(types(after)).isEqualTo(GgufQuantizer.plan(before, FileType.Q4_K_M));
      assertThat(types(after))
          .containsEntry("output.weight", DType.Q6_K)
          .containsEntry("blk.0.attn_q.weight", DType.Q4_K)
          .containsEntry("blk.0.attn_norm.weight", DType.F32)
          .containsEntry("blk.0.ffn_gate_tid2eid.weight", DType.I32)
          .containsEntry("blk.0.odd.weight", DType.Q5_0);
      assertThat(after.metadata().string("general.architecture")).isEqualTo("llama");
      assertThat(after.metadata().integer("llama.block_count")).isEqualTo(1);
      assertThat(after.metadata().integer("general.file_type")).isEqualTo(15);
      assertThat(after.metadata().integer("general.quantization_version")).isEqualTo(2);
      for (TensorView tensor : after.tensors().values()) {
        assertThat(tensor.data().toArray(ValueLayout.JAVA_BYTE))
            .as(tensor.name())
            .isEqualTo(encoded(before.tensor(tensor.name()), tensor.type()));
      }
    }
    assertThat(heard).hasSize(6).last().asString().endsWith(" true");
    assertThat(summary.tensors()).hasSize(6);
    assertThat(summary.fileBytes()).isEqualTo(Files.size(target));
    assertThat(summary.bitsPerWeightAfter()).isLessThan(summary.bitsPerWeightBefore());
    assertThat(summary.tensors())
        .filteredOn(tensor -> tensor.to() == DType.Q4_K)
        .allSatisfy(tensor -> assertThat(tensor.rmse()).isBetween(0.06, 0.08));
  }

  @Test
  void quantize_splitSource_oneFile() throws IOException {
    List<Path> parts = model().writeSplit(folder, "split", 300_000);
    assertThat(parts).hasSizeGreaterThan(1);
    Path whole = write(folder.resolve("whole.gguf"), model());

    quantize(parts.get(1), folder.resolve("from-parts.gguf"), FileType.Q8_0);
    quantize(whole, folder.resolve("from-whole.gguf"), FileType.Q8_0);

    assertThat(folder.resolve("from-parts.gguf"))
        .hasSameBinaryContentAs(folder.resolve("from-whole.gguf"));
  }

  @Test
  void quantize_ontoSource_refused() throws IOException {
    Path source = write(folder.resolve("a.gguf"), model());
    Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), source);
    long size = Files.size(source);
    QuantizeOptions overwrite = new QuantizeOptions(FileType.Q8_0, 1, false, false, true);

    for (Path target :
        List.of(source, link, folder.resolve("../" + folder.getFileName() + "/a.gguf"))) {
      assertThatThrownBy(
              () -> GgufQuantizer.quantize(source, target, overwrite, QuantizeProgress.NONE))
          .isInstanceOfSatisfying(
              ModelException.class, e -> assertThat(e.code()).isEqualTo("quantize-same-file"));
    }
    assertThat(source).hasSize(size);
  }

  @Test
  void quantize_targetThere_refusedUnlessAllowed() throws IOException {
    Path source = write(folder.resolve("a.gguf"), model());
    Path target = Files.writeString(folder.resolve("b.gguf"), "precious");

    assertThatThrownBy(() -> quantize(source, target, FileType.Q8_0))
        .isInstanceOfSatisfying(
            ModelException.class, e -> assertThat(e.code()).isEqualTo("quantize-target-exists"));
    assertThat(target).hasContent("precious");

    QuantizeOptions overwrite = new QuantizeOptions(FileType.Q8_0, 1, false, false, true);
    GgufQuantizer.quantize(source, target, overwrite, QuantizeProgress.NONE);
    assertThat(Files.size(target)).isGreaterThan(100_000);
  }

  @Test
  void quantize_quantisedSource_refusedUnlessAllowed() throws IOException {
    Path source = write(folder.resolve("a.gguf"), model());
    Path eight = folder.resolve("eight.gguf");
    quantize(source, eight, FileType.Q8_0);

    assertThatThrownBy(() -> quantize(eight, folder.resolve("four.gguf"), FileType.Q4_0))
        .isInstanceOfSatisfying(
            ModelException.class,
            e -> assertThat(e.code()).isEqualTo("quantize-already-quantized"));
    assertThat(folder.resolve("four.gguf")).doesNotExist();

    QuantizeOptions allowed = new QuantizeOptions(FileType.F32, 1, true, false, false);
    GgufQuantizer.quantize(eight, folder.resolve("f32.gguf"), allowed, QuantizeProgress.NONE);
    try (GgufFile back = GgufFile.open(folder.resolve("f32.gguf"))) {
      assertThat(back.tensor("output.weight").type()).isEqualTo(DType.F32);
    }
  }

  @Test
  void quantize_notANumber_namedAndNothingLeft() throws IOException {
    float[] weights = new float[4 * 256];
    weights[300] = Float.NaN;
    GgufWriter writer =
        model().tensor("blk.0.bad.weight", DType.F32, Shape.of(4, 256), bytes(weights));
    Path source = write(folder.resolve("a.gguf"), writer);

    assertThatThrownBy(() -> quantize(source, folder.resolve("b.gguf"), FileType.Q4_0))
        .isInstanceOfSatisfying(
            ModelException.class, e -> assertThat(e.code()).isEqualTo("quant-not-finite"))
        .hasMessageContaining("blk.0.bad.weight, row 1, element 44");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(source);
    }
  }

  @Test
  void plan_oracleModels_typesThatTheyHave() throws IOException {
    Optional<Path> oracles = SharedFiles.oracles();
    assumeTrue(oracles.isPresent(), "no folder of oracles: types of quantised models not compared");
    int compared = 0;
    List<Path> models;
    try (Stream<Path> files = Files.list(oracles.get().resolve("models"))) {
      models = files.filter(path -> path.toString().endsWith(".gguf")).sorted().toList();
    }
    for (Path path : models) {
      try (GgufFile file = GgufFile.open(path)) {
        Optional<FileType> type =
            file.metadata().findInteger("general.file_type").flatMap(FileType::fromNumber);
        if (type.isPresent() && file.metadata().has("general.quantization_version")) {
          assertThat(GgufQuantizer.plan(file, type.get())).as("%s", path).isEqualTo(types(file));
          compared++;
        }
      }
    }
    assertThat(compared).isPositive();
  }

  @Test
  void quantize_oracleModels_bytesOfTheReference() throws IOException {
    Optional<Path> oracles = SharedFiles.oracles();
    assumeTrue(oracles.isPresent(), "no folder of oracles: quantised files not compared");
    int compared = 0;
    for (String row : REFERENCE.split(";")) {
      String[] halves = row.strip().split(":");
      String[] model = halves[0].split("\\s+");
      Path source = oracles.get().resolve("models").resolve(model[0] + ".gguf");
      if (!Files.exists(source) || !crc(source).equals(model[1])) {
        continue; // Another folder of oracles.
      }
      for (String pair : halves[1].strip().split(",\\s*")) {
        String[] words = pair.split("\\s+");
        Path target = folder.resolve(model[0] + "." + words[0] + ".gguf");
        quantize(source, target, FileType.valueOf(words[0]));
        assertThat(crc(target)).as("%s as %s", model[0], words[0]).isEqualTo(words[1]);
        compared++;
      }
    }
    assumeTrue(compared > 0, "other models than those whose quantised files are known");
  }

  private static String crc(Path file) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(Files.readAllBytes(file));
    return String.format("%08x", crc.getValue());
  }

  private static void quantize(Path source, Path target, FileType type) {
    GgufQuantizer.quantize(source, target, QuantizeOptions.of(type), QuantizeProgress.NONE);
  }

  private static Map<String, DType> types(GgufFile file) {
    Map<String, DType> types = new LinkedHashMap<>();
    file.tensors().forEach((name, tensor) -> types.put(name, tensor.type()));
    return types;
  }

  private static byte[] encoded(TensorView source, DType type) {
    if (type == source.type()) {
      return source.data().toArray(ValueLayout.JAVA_BYTE);
    }
    float[] floats = source.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    byte[] blocks = new byte[(int) type.bytesFor(floats.length)];
    BlockCodecs.encoder(type).quantize(floats, 0, MemorySegment.ofArray(blocks), 0, floats.length);
    return blocks;
  }

  private static Path write(Path path, GgufWriter writer) {
    writer.write(path);
    return path;
  }

  private static GgufWriter model() {
    Random random = new Random(SEED);
    return new GgufWriter()
        .metadata("general.architecture", GgufValue.string("llama"))
        .metadata("general.file_type", GgufValue.uint32(0))
        .metadata("llama.block_count", GgufValue.uint32(1))
        .metadata("llama.attention.head_count", GgufValue.uint32(4))
        .tensor("output.weight", DType.F32, Shape.of(300, 256), gaussians(random, 300 * 256))
        .tensor("token_embd.weight", DType.F32, Shape.of(300, 256), gaussians(random, 300 * 256))
        .tensor("blk.0.attn_q.weight", DType.F32, Shape.of(64, 256), gaussians(random, 64 * 256))
        .tensor("blk.0.attn_norm.weight", DType.F32, Shape.of(256), gaussians(random, 256))
        .tensor("blk.0.odd.weight", DType.F32, Shape.of(8, 96), gaussians(random, 8 * 96))
        .tensor("blk.0.ffn_gate_tid2eid.weight", DType.I32, Shape.of(4, 8), gaussians(random, 32));
  }

  private static MemorySegment gaussians(Random random, int count) {
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return bytes(weights);
  }

  private static MemorySegment bytes(float[] weights) {
    MemorySegment bytes = Arena.ofAuto().allocate(4L * weights.length, 4);
    MemorySegment.copy(weights, 0, bytes, ValueLayout.JAVA_FLOAT, 0, weights.length);
    return bytes;
  }
}
