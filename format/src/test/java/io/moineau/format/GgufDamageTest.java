package io.moineau.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each fault of a file has its own named error. */
class GgufDamageTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "'version https://git-lfs.github.com/spec/v1', git-lfs",
    "'<!DOCTYPE html><html>', web page",
    "'PK\u0003\u0004xxxx', zip",
    "'tjggxxxx', legacy",
    "'{\"a\": 1}', JSON",
    "'hello', no kind",
  })
  void open_fileOfAnotherKind_saysWhatItSeemsToBe(String content, String seems) throws IOException {
    Path path = folder.resolve("x.gguf");
    Files.write(path, content.getBytes(StandardCharsets.ISO_8859_1));
    fails("file-not-gguf", seems, () -> GgufFile.open(path));
  }

  @Test
  void open_binaryFilesOfOtherKinds_sayWhatTheySeemToBe() {
    ByteBuffer safetensors = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    safetensors.putLong(20).put("{\"__metadata__\":{}  ".getBytes(StandardCharsets.UTF_8));
    fails("file-not-gguf", "safetensors", () -> parse(safetensors.array()));
    byte[] gzip = {0x1f, (byte) 0x8b, 8, 0, 0};
    fails("file-not-gguf", "gzip", () -> parse(gzip));
    fails("file-not-gguf", "no kind", () -> parse(new byte[] {'G', 'G'}));
  }

  @Test
  void open_noFile_namesWhy() throws IOException {
    fails("file-missing", "none.gguf", () -> GgufFile.open(folder.resolve("none.gguf")));
    fails("file-is-directory", folder.toString(), () -> GgufFile.open(folder));
    Path empty = Files.createFile(folder.resolve("empty.gguf"));
    fails("file-empty", "0 bytes", () -> GgufFile.open(empty));
  }

  @Test
  void parse_versions_areHeldToTwoAndThree() {
    fails("gguf-version-1", "version 1", () -> parse(header(1, 0, 0).bytes()));
    fails("gguf-unknown-version", "version 4", () -> parse(header(4, 0, 0).bytes()));
    fails("gguf-unknown-version", "version 0", () -> parse(header(0, 0, 0).bytes()));
    try (GgufFile file = parse(header(2, 0, 0).bytes())) {
      assertThat(file.version()).isEqualTo(2);
    }
  }

  @Test
  void parse_everyTruncation_isNamedOrOpens() {
    byte[] whole = model();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      // The padding behind the last tensor may be missing; all else may not.
      if (length >= whole.length - 28) {
        continue;
      }
      assertThatThrownBy(() -> parse(cut))
          .as("length " + length)
          .isInstanceOf(FormatException.class);
    }
  }

  @Test
  void parse_counts_areHeldAgainstTheBytesLeft() {
    fails("gguf-bad-count", "tensors", () -> parse(header(3, 1L << 40, 0).bytes()));
    fails("gguf-bad-count", "pairs", () -> parse(header(3, 0, -1).bytes()));
    fails(
        "gguf-bad-count",
        "key k",
        () -> parse(header(3, 0, 1).string("k").int32(9).int32(4).int64(1L << 60).bytes()));
    fails(
        "gguf-bad-count",
        "key k",
        () -> parse(header(3, 0, 1).string("k").int32(9).int32(8).int64(5).bytes()));
  }

  @Test
  void parse_strings_areHeldAgainstTheBytesLeft() {
    fails("gguf-bad-string-length", "pair 0", () -> parse(header(3, 0, 1).int64(-1).pad(50)));
    fails("gguf-bad-string-length", "pair 0", () -> parse(header(3, 0, 1).int64(1000).pad(50)));
    fails(
        "gguf-bad-string-length",
        "key k",
        () -> parse(header(3, 0, 1).string("k").int32(8).int64(Long.MAX_VALUE).bytes()));
  }

  @Test
  void parse_metadata_isCheckedValueByValue() {
    fails(
        "gguf-duplicate-key",
        "key k",
        () ->
            parse(
                header(3, 0, 2).string("k").int32(0).int8(1).string("k").int32(0).int8(1).pad(8)));
    fails(
        "gguf-bad-value-type",
        "type 13",
        () -> parse(header(3, 0, 1).string("k").int32(13).pad(8)));
    fails(
        "gguf-bad-bool", "has 2", () -> parse(header(3, 0, 1).string("k").int32(7).int8(2).pad(8)));
    fails(
        "gguf-bad-utf8",
        "the key",
        () -> parse(header(3, 0, 1).int64(1).int8(0xff).int32(0).int8(1).pad(8)));
    fails(
        "gguf-bad-alignment",
        "general.alignment=24",
        () -> parse(header(3, 0, 1).string("general.alignment").int32(4).int32(24).bytes()));
    fails(
        "gguf-bad-alignment",
        "general.alignment=0",
        () -> parse(header(3, 0, 1).string("general.alignment").int32(4).int32(0).bytes()));
  }

  @Test
  void parse_arraysTooDeep_areRefusedWithoutRecursion() {
    Bytes bytes = header(3, 0, 1).string("k").int32(9);
    for (int i = 0; i < 10_000; i++) {
      bytes.int32(9).int64(1);
    }
    fails("gguf-array-too-deep", "key k", () -> parse(bytes.bytes()));
  }

  @Test
  void parse_tensorRecords_areCheckedFieldByField() {
    fails("gguf-bad-rank", "has 5", () -> parse(header(3, 1, 0).string("t").int32(5).pad(200)));
    fails("gguf-bad-dimension", "of 0", () -> parse(tensor(0, 0, 0, 32)));
    fails("gguf-bad-dimension", "tensor t", () -> parse(tensor(0, 0, -5, 32)));
    fails("gguf-unknown-tensor-type", "F32, F16, Q4_0", () -> parse(tensor(31, 0, 8, 32)));
    fails("gguf-unknown-tensor-type", "type 4294967295", () -> parse(tensor(-1, 0, 8, 32)));
    fails("gguf-partial-block", "multiples of 32", () -> parse(tensor(2, 0, 31, 32)));
    fails("gguf-tensor-too-large", "tensor t", () -> parse(tensor(0, 0, Long.MAX_VALUE, 32)));
    fails("gguf-bad-offset", "multiples of the alignment", () -> parse(tensor(0, 8, 1, 64)));
    fails("gguf-bad-offset", "offset 18446744073709551584", () -> parse(tensor(0, -32, 1, 64)));
    fails("gguf-tensor-outside", "32 bytes of data", () -> parse(tensor(0, 0, 9, 32)));
    fails("gguf-tensor-outside", "tensor t", () -> parse(tensor(0, 1L << 62, 1, 32)));
    try (GgufFile file = parse(tensor(0, 0, 8, 32))) {
      assertThat(file.tensor("t").data().byteSize()).isEqualTo(32);
      fails("gguf-missing-tensor", "tensor no", () -> file.tensor("no"));
    }
  }

  @Test
  void parse_dimensionsWhoseProductOverflows_areRefused() {
    Bytes bytes = header(3, 1, 0).string("t").int32(2).int64(1L << 40).int64(1L << 40);
    fails("gguf-tensor-too-large", "tensor t", () -> parse(bytes.int32(0).int64(0).pad(64)));
  }

  @Test
  void parse_twoTensors_mayNotShareNameOrBytes() {
    fails("gguf-tensors-overlap", "a and b", () -> parse(twoTensors("a", "b", 0)));
    fails("gguf-duplicate-tensor", "tensor a", () -> parse(twoTensors("a", "a", 32)));
    parse(twoTensors("a", "b", 32)).close();
  }

  @Test
  void metadata_wrongTypesAndMissingKeys_areNamed() {
    try (GgufFile file = parse(model())) {
      GgufMetadata metadata = file.metadata();
      fails("gguf-missing-key", "nothing.here", () -> metadata.integer("nothing.here"));
      fails("gguf-wrong-value-type", "is STRING", () -> metadata.integer("general.name"));
      fails("gguf-wrong-value-type", "is UINT32", () -> metadata.string("count"));
      fails("gguf-wrong-value-type", "ARRAY of STRING", () -> metadata.findFloats("words"));
      fails("gguf-wrong-value-type", "is UINT32", () -> metadata.findStrings("count"));
      fails("gguf-wrong-value-type", "is UINT32", () -> metadata.findBoolean("count"));
      assertThat(metadata.findIntegers("count")).contains(new long[] {7});
      assertThat(metadata.findNumber("count")).contains(7.0);
      assertThat(metadata.findStrings("words")).contains(List.of("a", "b"));
      assertThat(metadata.find("absent")).isEmpty();
    }
  }

  @Test
  void metadata_afterClose_saysSo() {
    GgufFile file;
    Path path = folder.resolve("a.gguf");
    new GgufWriter().metadata("k", GgufValue.string("v")).write(path);
    file = GgufFile.open(path);
    file.close();
    file.close();
    fails("gguf-closed", "key k", () -> file.metadata().string("k"));
  }

  @Test
  void errors_hostileNames_arePrintedSafely() {
    String name = "\u001b[2Jx\u0007" + "y".repeat(500);
    fails(
        "gguf-bad-rank",
        "\\u001b[2Jx\\u0007",
        () -> parse(header(3, 1, 0).string(name).int32(9).pad(64)));
  }

  @Test
  void check_damagedWeights_areFound() {
    float[] values = new float[64];
    java.util.Arrays.fill(values, 1f);
    values[3] = Float.NaN;
    values[9] = Float.POSITIVE_INFINITY;
    byte[] scale = new byte[34];
    scale[1] = 0x7c;
    byte[] bytes =
        new GgufWriter()
            .tensor("nan", DType.F32, Shape.of(2, 32), MemorySegment.ofArray(values).asSlice(0))
            .tensor("zero", DType.F16, Shape.of(2, 32), MemorySegment.ofArray(new byte[128]))
            .tensor("scale", DType.Q8_0, Shape.of(32), MemorySegment.ofArray(scale))
            .toBytes();
    List<Long> progress = new ArrayList<>();
    try (GgufFile file = parse(java.util.Arrays.copyOf(bytes, bytes.length + 100))) {
      assertThat(file.check(progress::add))
          .extracting(finding -> finding.code() + " " + finding.subject())
          .containsExactly(
              "trailing-bytes test.gguf",
              "not-finite tensor nan",
              "all-zero tensor zero",
              "not-finite tensor scale");
      assertThat(progress.getLast()).isEqualTo(file.tensorBytes());
    }
  }

  @Test
  void open_largeVocabulary_isQuick() {
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < 150_000; i++) {
      tokens.add("token" + i);
    }
    byte[] bytes = new GgufWriter().metadata("words", GgufValue.strings(tokens)).toBytes();
    parse(bytes).close();
    long start = System.nanoTime();
    try (GgufFile file = parse(bytes)) {
      // A generous bound for a loaded machine; about 3 ms on an idle one.
      assertThat(System.nanoTime() - start).isLessThan(500_000_000L);
      assertThat(file.metadata().findStrings("words")).contains(tokens);
      assertThat(file.metadata().arrayLength("words")).contains(150_000L);
    }
  }

  private static void fails(
      String code, String part, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(part)
        .extracting("code")
        .isEqualTo(code);
  }

  private static GgufFile parse(byte[] bytes) {
    return GgufFile.parse(MemorySegment.ofArray(bytes), "test.gguf");
  }

  private static byte[] model() {
    return new GgufWriter()
        .metadata("general.name", GgufValue.string("model"))
        .metadata("count", GgufValue.uint32(7))
        .metadata("words", GgufValue.strings(List.of("a", "b")))
        .tensor("t", DType.F32, Shape.of(1), MemorySegment.ofArray(new byte[4]))
        .toBytes();
  }

  private static byte[] tensor(int type, long offset, long dim, int data) {
    return header(3, 1, 0)
        .string("t")
        .int32(1)
        .int64(dim)
        .int32(type)
        .int64(offset)
        .align()
        .pad(data);
  }

  private static byte[] twoTensors(String first, String second, long offset) {
    return header(3, 2, 0)
        .string(first)
        .int32(1)
        .int64(8)
        .int32(0)
        .int64(0)
        .string(second)
        .int32(1)
        .int64(8)
        .int32(0)
        .int64(offset)
        .align()
        .pad(64);
  }

  private static Bytes header(int version, long tensors, long pairs) {
    Bytes bytes = new Bytes();
    for (char c : "GGUF".toCharArray()) {
      bytes.int8(c);
    }
    return bytes.int32(version).int64(tensors).int64(pairs);
  }

  /** Little-endian bytes, field by field. */
  private static final class Bytes {
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18).order(ByteOrder.LITTLE_ENDIAN);

    Bytes int8(int value) {
      buffer.put((byte) value);
      return this;
    }

    Bytes int32(int value) {
      buffer.putInt(value);
      return this;
    }

    Bytes int64(long value) {
      buffer.putLong(value);
      return this;
    }

    Bytes string(String text) {
      byte[] raw = text.getBytes(StandardCharsets.UTF_8);
      buffer.putLong(raw.length).put(raw);
      return this;
    }

    Bytes align() {
      buffer.position((buffer.position() + 31) / 32 * 32);
      return this;
    }

    byte[] pad(int zeros) {
      buffer.position(buffer.position() + zeros);
      return bytes();
    }

    byte[] bytes() {
      return java.util.Arrays.copyOf(buffer.array(), buffer.position());
    }
  }
}
