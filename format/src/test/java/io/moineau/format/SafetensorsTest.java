package io.moineau.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.error.MoineauException;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final String NAME = "a \"quoted\"\n\\ name é";

  @TempDir Path folder;

  private static SafetensorsWriter writer() {
    return new SafetensorsWriter()
        .metadata("format", "pt")
        .tensor("w", DType.F32, Shape.of(2, 3), bytes(24, 1))
        .tensor(NAME, DType.BF16, Shape.of(5), bytes(10, 2))
        .tensor("h", DType.F16, Shape.of(1, 1, 2), bytes(4, 3));
  }

  private static TensorSource bytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return sink -> {
      sink.write(MemorySegment.ofArray(bytes).asSlice(0, 2));
      sink.write(MemorySegment.ofArray(bytes).asSlice(2));
    };
  }

  @Test
  void file_writtenAndRead_isTheSame() {
    Path path = folder.resolve("x.safetensors");
    writer().write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata()).containsExactly(java.util.Map.entry("format", "pt"));
      assertThat(file.tensors().keySet()).containsExactly("w", NAME, "h");
      TensorView odd = file.find(NAME).orElseThrow();
      assertThat(odd.type()).isEqualTo(DType.BF16);
      assertThat(odd.shape()).isEqualTo(Shape.of(5));
      byte[] wanted = new byte[10];
      new Random(2).nextBytes(wanted);
      assertThat(odd.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(wanted);
      assertThat(file.find("none")).isEmpty();
    }
  }

  @Test
  void file_withoutTensors_isRead() {
    try (SafetensorsFile file = parse("{}  ", 0)) {
      assertThat(file.tensors()).isEmpty();
    }
  }

  @Test
  void write_diskThatFillsUp_leavesWhatWasThere() throws IOException {
    Path path = Files.writeString(folder.resolve("x.safetensors"), "mine");
    SafetensorsWriter full =
        writer()
            .tensor(
                "late",
                DType.F32,
                Shape.of(1),
                sink -> {
                  throw new IOException("No space left on device");
                });
    assertThatThrownBy(() -> full.write(path))
        .isInstanceOfSatisfying(
            FormatException.class, e -> assertThat(e.code()).isEqualTo("disk-full"));
    assertThat(path).hasContent("mine");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void write_sourceThatGivesTooLittle_isNamed() {
    SafetensorsWriter writer =
        new SafetensorsWriter().tensor("w", DType.F32, Shape.of(2), bytes(4, 1));
    refused(writer::toBytes, "safetensors-write-wrong-size", "tensor w [2] got 4");
    refused(
        () -> writer.tensor("q", DType.Q8_0, Shape.of(32), bytes(34, 1)),
        "safetensors-unknown-type",
        "Q8_0");
    refused(
        () -> writer.tensor("w", DType.F32, Shape.of(1), bytes(4, 1)),
        "safetensors-duplicate-tensor",
        "w");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'w':{'dtype':'F64','shape':[1],'data_offsets':[0,8]}}|8|safetensors-unknown-type",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}|4|safetensors-bad-size",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|8|safetensors-bad-size",
        "{'w':{'dtype':'F32','shape':[9000000000,9000000000],'data_offsets':[0,4]}}|4|safetensors-bad-size",
        "{'w':{'dtype':'F32','shape':[4000000000000000000],'data_offsets':[0,4]}}|4|safetensors-bad-size",
        "{'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|8|safetensors-bad-offsets",
        "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|5|safetensors-bad-offsets",
        "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|3|safetensors-bad-offsets",
        "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'v':{'dtype':'F16','shape':[1],'data_offsets':[2,4]}}|4|safetensors-bad-offsets",
        "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|8|safetensors-duplicate-tensor",
        "{'w':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}|4|safetensors-bad-header",
        "{'w':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,4]}}|4|safetensors-bad-header",
        "{'w':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,1],'data_offsets':[0,4]}}|4|safetensors-bad-header",
        "{'w':{'dtype':'F32','shape':[1]}}|4|safetensors-bad-header",
        "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0]}}|4|safetensors-bad-header",
        "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'more':1}}|4|safetensors-bad-header",
        "{'__metadata__':{'a':1}}|0|safetensors-bad-header",
        "{'a\\x':{}}|0|safetensors-bad-header",
        "{} {}|0|safetensors-bad-header",
        "[]|0|safetensors-bad-header",
      })
  void open_faultyHeader_isNamed(String header, int data, String code) {
    refused(() -> parse(header.replace('\'', '"'), data), code, "bad.safetensors");
  }

  @Test
  void open_lengthThatCannotBe_isNamed() {
    byte[] good = writer().toBytes();
    for (long length : new long[] {-1, 0, 1, good.length - 7, 100_000_001, Long.MAX_VALUE}) {
      byte[] bytes = good.clone();
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      refused(() -> open(bytes), "safetensors-bad-length", "header of");
    }
    refused(() -> open(new byte[7]), "safetensors-bad-length", "7 bytes");
    byte[] latin = good.clone();
    latin[9] = (byte) 0xe9;
    refused(() -> open(latin), "safetensors-bad-header", "UTF-8");
  }

  /** Whatever is in a file, it is read whole or refused by name. */
  @Test
  void open_mutants_areReadOrRefused() {
    byte[] good = writer().toBytes();
    int refused = 0;
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = good.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(4)) {
          case 0 -> bytes[at] = (byte) random.nextInt(256);
          case 1 -> bytes[at] = (byte) "0123456789{}[]\",:\\".charAt(random.nextInt(18));
          case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
          default -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1);
        }
      }
      try (SafetensorsFile file = open(bytes)) {
        for (TensorView tensor : file.tensors().values()) {
          if (tensor.data().byteSize() > 0) {
            tensor.data().get(ValueLayout.JAVA_BYTE, tensor.data().byteSize() - 1);
          }
        }
      } catch (MoineauException e) {
        assertThat(e.code()).as("seed %d", seed).isNotEmpty();
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(refused).isBetween(5_000, 19_999);
  }

  private static SafetensorsFile parse(String header, int data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    return open(bytes.array());
  }

  private static SafetensorsFile open(byte[] bytes) {
    return SafetensorsFile.parse(MemorySegment.ofArray(bytes), "bad.safetensors");
  }

  private static void refused(Runnable call, String code, String part) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(FormatException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(part);
  }
}
