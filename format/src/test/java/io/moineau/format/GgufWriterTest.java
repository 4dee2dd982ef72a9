package io.moineau.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
  @TempDir Path folder;

  @Test
  void writeSplit_severalTensors_openFromAnyPart() {
    List<Path> parts = threeTensors().writeSplit(folder, "m", 100);

    assertThat(parts)
        .extracting(path -> path.getFileName().toString())
        .containsExactly("m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf");
    for (Path part : parts) {
      try (GgufFile file = GgufFile.open(part)) {
        assertThat(file.path()).isEqualTo(parts.getFirst());
        assertThat(file.files()).isEqualTo(parts);
        assertThat(file.tensors().keySet()).containsExactly("a", "b", "c");
        assertThat(file.metadata().string("general.name")).isEqualTo("whole");
        assertThat(file.tensor("c").data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 3);
      }
    }
  }

  @Test
  void open_splitWithPartGone_namesIt() throws IOException {
    List<Path> parts = threeTensors().writeSplit(folder, "m", 100);
    Files.delete(parts.get(1));
    assertThatThrownBy(() -> GgufFile.open(parts.get(2)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("m-00002-of-00003.gguf")
        .extracting("code")
        .isEqualTo("gguf-split-missing-part");
  }

  @Test
  void open_splitWithPartsSwappedOrRenamed_saysSo() throws IOException {
    List<Path> parts = threeTensors().writeSplit(folder, "m", 100);
    Files.copy(parts.get(2), parts.get(1), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    fails("gguf-split-mixed", () -> GgufFile.open(parts.get(0)));
    Path renamed = folder.resolve("other.gguf");
    Files.copy(parts.get(0), renamed);
    fails("gguf-split-bad-name", () -> GgufFile.open(renamed));
  }

  @Test
  void open_splitOfAnotherModel_countsTensors() throws IOException {
    List<Path> parts = threeTensors().writeSplit(folder, "m", 100);
    Path other = Files.createDirectory(folder.resolve("other"));
    List<Path> mixed =
        new GgufWriter()
            .tensor("x", DType.I8, Shape.of(96), bytes(9))
            .tensor("y", DType.I8, Shape.of(48), bytes(9, 48))
            .tensor("z", DType.I8, Shape.of(48), bytes(9, 48))
            .tensor("v", DType.I8, Shape.of(96), bytes(9))
            .writeSplit(other, "m", 100);
    Files.copy(mixed.get(1), parts.get(1), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    fails("gguf-split-tensor-count", () -> GgufFile.open(parts.get(0)));
  }

  @Test
  void write_streamedTensor_isTheSameAsGiven() {
    byte[] whole = threeTensors().toBytes();
    byte[] streamed =
        new GgufWriter()
            .metadata("general.name", GgufValue.string("whole"))
            .tensor("a", DType.I8, Shape.of(96), sink -> pieces(sink, 1))
            .tensor("b", DType.I8, Shape.of(96), sink -> pieces(sink, 2))
            .tensor("c", DType.I8, Shape.of(96), sink -> pieces(sink, 3))
            .toBytes();
    assertThat(streamed).isEqualTo(whole);
  }

  @Test
  void write_sourceOfWrongSize_leavesNothingBehind() throws IOException {
    GgufWriter tooShort =
        new GgufWriter().tensor("a", DType.I8, Shape.of(96), sink -> sink.write(bytes(1, 95)));
    fails("gguf-write-wrong-size", () -> tooShort.write(folder.resolve("a.gguf")));
    GgufWriter tooLong =
        new GgufWriter().tensor("a", DType.I8, Shape.of(96), sink -> sink.write(bytes(1, 97)));
    fails("gguf-write-wrong-size", () -> tooLong.write(folder.resolve("a.gguf")));
    GgufWriter halfBlock =
        new GgufWriter().tensor("a", DType.Q8_0, Shape.of(32), sink -> sink.write(bytes(1, 17)));
    fails("gguf-write-wrong-size", () -> halfBlock.write(folder.resolve("a.gguf")));
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void write_sourceThatFails_keepsTheOldFile() throws IOException {
    Path target = folder.resolve("a.gguf");
    Files.writeString(target, "old");
    GgufWriter failing =
        new GgufWriter()
            .tensor(
                "a",
                DType.I8,
                Shape.of(96),
                sink -> {
                  throw new IOException("No space left on device");
                });
    fails("disk-full", () -> failing.write(target));
    assertThat(target).hasContent("old");
  }

  @Test
  void write_badTargets_areNamed() {
    fails("file-is-directory", () -> threeTensors().write(folder));
    fails("file-not-writable", () -> threeTensors().write(folder.resolve("none/a.gguf")));
    GgufWriter huge = new GgufWriter().tensor("a", DType.I8, Shape.of(1L << 60), sink -> {});
    fails("disk-full", () -> huge.write(folder.resolve("a.gguf")));
  }

  @Test
  void metadata_valuesOutsideTheirType_areRefused() {
    GgufWriter writer = new GgufWriter();
    fails(
        "gguf-write-bad-value", () -> writer.metadata("k", GgufValue.integer(GgufType.UINT8, 256)));
    fails("gguf-write-bad-value", () -> writer.metadata("k", GgufValue.uint32(-1)));
    fails("gguf-write-bad-value", () -> writer.metadata("k", new GgufValue(GgufType.STRING, 1L)));
    fails(
        "gguf-write-bad-value",
        () -> writer.metadata("k", GgufValue.array(GgufType.INT8, List.of(1L, "x"))));
    fails("gguf-bad-alignment", () -> writer.alignment(48));
  }

  @Test
  void tensor_badShapes_areRefused() {
    GgufWriter writer = threeTensors();
    fails("gguf-duplicate-tensor", () -> writer.tensor("a", DType.I8, Shape.of(96), bytes(1)));
    fails("gguf-bad-rank", () -> writer.tensor("r", DType.I8, Shape.of(1, 1, 1, 1, 96), bytes(1)));
    fails("gguf-bad-dimension", () -> writer.tensor("d", DType.I8, Shape.of(0), bytes(1, 0)));
    fails("gguf-write-wrong-size", () -> writer.tensor("s", DType.I8, Shape.of(95), bytes(1)));
  }

  private static void fails(String code, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(FormatException.class).extracting("code").isEqualTo(code);
  }

  private static GgufWriter threeTensors() {
    return new GgufWriter()
        .metadata("general.name", GgufValue.string("whole"))
        .tensor("a", DType.I8, Shape.of(96), bytes(1))
        .tensor("b", DType.I8, Shape.of(96), bytes(2))
        .tensor("c", DType.I8, Shape.of(96), bytes(3));
  }

  private static void pieces(TensorSink sink, int value) throws IOException {
    sink.write(bytes(value, 1));
    sink.write(bytes(value, 90));
    sink.write(bytes(value, 5));
  }

  private static MemorySegment bytes(int value) {
    return bytes(value, 96);
  }

  private static MemorySegment bytes(int value, int count) {
    return MemorySegment.ofArray(new byte[count]).fill((byte) value);
  }
}
