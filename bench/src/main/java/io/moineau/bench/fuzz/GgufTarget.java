package io.moineau.bench.fuzz;

import io.moineau.format.FormatException;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufMetadata;
import io.moineau.format.GgufType;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import io.moineau.testkit.SharedFiles;
import io.moineau.testkit.TinyModel;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** The GGUF reader: the header, every metadata value in every way, every tensor, the deep check. */
final class GgufTarget implements FuzzTarget {
  private final List<Sample> samples = new ArrayList<>();

  GgufTarget() {
    add(everyType(ByteOrder.LITTLE_ENDIAN));
    add(everyType(ByteOrder.BIG_ENDIAN));
    add(small(TinyModels.llama(1)).toBytes());
    add(small(TinyModels.deepseekV3(2)).toBytes());
    SharedFiles.oracles()
        .flatMap(folder -> bytes(folder.resolve("models/gpt-oss-MXFP4.gguf")))
        .ifPresent(this::add);
  }

  private void add(byte[] bytes) {
    samples.add(new Sample(bytes, GgufFields.of(bytes)));
  }

  /** A file that may not be here. */
  static Optional<byte[]> bytes(Path path) {
    try {
      return Files.isRegularFile(path) ? Optional.of(Files.readAllBytes(path)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Few weights, so that most of the file is what is read first. */
  static TinyModel small(TinyModel model) {
    return model.hiddenSize(32).numHiddenLayers(2).intermediateSize(32);
  }

  private static byte[] everyType(ByteOrder order) {
    GgufWriter writer = new GgufWriter().byteOrder(order).alignment(64);
    for (GgufType type : GgufType.values()) {
      if (type.isInteger()) {
        writer.metadata("one." + type, GgufValue.integer(type, 5));
        writer.metadata("many." + type, GgufValue.array(type, List.of(1L, 2L, 3L)));
      }
    }
    writer.metadata("f32", GgufValue.float32s(1, 2));
    writer.metadata("f64", GgufValue.float64(1.5));
    writer.metadata("bool", GgufValue.array(GgufType.BOOL, List.of(true, false)));
    writer.metadata("text", GgufValue.string("caf\u00e9"));
    writer.metadata("texts", GgufValue.strings(List.of("a", "", "bc")));
    GgufValue inner = GgufValue.array(GgufType.UINT8, List.of(1L, 2L));
    GgufValue outer = GgufValue.array(GgufType.ARRAY, List.of(inner, inner));
    writer.metadata("nested", GgufValue.array(GgufType.ARRAY, List.of(outer)));
    Random random = new Random(7);
    for (DType type : DType.values()) {
      byte[] bytes = new byte[2 * type.blockBytes()];
      random.nextBytes(bytes);
      writer.tensor("t." + type, type, Shape.of(2, type.blockSize()), MemorySegment.ofArray(bytes));
    }
    return writer.toBytes();
  }

  @Override
  public String name() {
    return "gguf";
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  @Override
  public void read(byte[] input) {
    try (GgufFile file = GgufFile.parse(MemorySegment.ofArray(input), "mutant.gguf")) {
      GgufMetadata metadata = file.metadata();
      for (String key : metadata.keys()) {
        tryEach(
            () -> metadata.find(key),
            () -> metadata.string(key),
            () -> metadata.integer(key),
            () -> metadata.findNumber(key),
            () -> metadata.findBoolean(key),
            () -> metadata.findStrings(key),
            () -> metadata.findIntegers(key),
            () -> metadata.findFloats(key),
            () -> metadata.arrayLength(key));
      }
      for (TensorView tensor : file.tensors().values()) {
        tensor.data().get(ValueLayout.JAVA_BYTE, 0);
        tensor.data().get(ValueLayout.JAVA_BYTE, tensor.data().byteSize() - 1);
      }
      file.check(done -> {});
    }
  }

  /** Runs each; a value that is not of the type asked for is as good as one that is. */
  private static void tryEach(Runnable... reads) {
    for (Runnable read : reads) {
      try {
        read.run();
      } catch (FormatException e) {
        if (e.code().isEmpty() || e.what().isEmpty()) {
          throw new AssertionError("an error without a name", e);
        }
      }
    }
  }
}
