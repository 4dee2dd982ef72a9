package io.moineau.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written is read back, whatever it is. */
class GgufRoundTripTest {
  @TempDir Path folder;

  @Test
  void open_randomFiles_giveBackWhatWasWritten() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
      int version = 2 + random.nextInt(2);
      GgufWriter writer = new GgufWriter().byteOrder(order).version(version);
      if (random.nextBoolean()) {
        writer.alignment(1 << random.nextInt(10));
      }
      Map<String, GgufValue> values = new LinkedHashMap<>();
      for (int i = random.nextInt(12); i > 0; i--) {
        String key = "key." + i + text(random);
        GgufValue value = value(random, GgufType.values()[random.nextInt(13)], 0);
        values.put(key, value);
        writer.metadata(key, value);
      }
      Map<String, byte[]> contents = new LinkedHashMap<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        DType type = DType.values()[random.nextInt(DType.values().length)];
        Shape shape = shape(random, type);
        byte[] bytes = new byte[Math.toIntExact(type.bytesFor(shape.columns()) * shape.rows())];
        random.nextBytes(bytes);
        contents.put("t" + i, bytes);
        writer.tensor("t" + i, type, shape, MemorySegment.ofArray(bytes));
      }

      Path path = folder.resolve(seed + ".gguf");
      writer.write(path);
      try (GgufFile file = GgufFile.open(path)) {
        String message = "seed " + seed;
        assertThat(file.version()).as(message).isEqualTo(version);
        assertThat(file.metadata().keys()).as(message).containsAll(values.keySet());
        values.forEach((key, value) ->
            assertThat(file.metadata().findValue(key)).as(message + " " + key).contains(value));
        assertThat(file.tensors().keySet())
            .as(message)
            .containsExactlyElementsOf(contents.keySet());
        contents.forEach((name, bytes) ->
            assertThat(file.tensor(name).data().toArray(ValueLayout.JAVA_BYTE))
                .as(message + " " + name)
                .isEqualTo(bytes));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void open_bigEndianFile_givesLittleEndianBlocks(DType type) throws Exception {
    byte[] bytes = new byte[3 * type.blockBytes()];
    new Random(7).nextBytes(bytes);
    Shape shape = Shape.of(3, type.blockSize());
    Path path = folder.resolve("big.gguf");
    new GgufWriter()
        .byteOrder(ByteOrder.BIG_ENDIAN)
        .tensor("a.weight", type, shape, MemorySegment.ofArray(bytes))
        .write(path);

    boolean hasWideFields = BlockLayout.of(type).wide().length > 0;
    try (GgufFile file = GgufFile.open(path)) {
      assertThat(file.byteOrder()).isEqualTo(ByteOrder.BIG_ENDIAN);
      assertThat(file.isCopied()).isEqualTo(hasWideFields);
      TensorView tensor = file.tensor("a.weight");
      assertThat(tensor.type()).isEqualTo(type);
      assertThat(tensor.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
    }
    byte[] onDisk = Files.readAllBytes(path);
    byte[] end =
        java.util.Arrays.copyOfRange(onDisk, dataStart(path), dataStart(path) + bytes.length);
    assertThat(java.util.Arrays.equals(end, bytes)).isEqualTo(!hasWideFields);
  }

  private static int dataStart(Path path) {
    try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
      return (int) GgufPart.parse(ModelBytes.map(path, arena), "x").dataStart();
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void blockLayout_everyType_liesWithinTheBlockAndDoesNotOverlap(DType type) {
    boolean[] taken = new boolean[type.blockBytes()];
    int[] wide = BlockLayout.of(type).wide();
    for (int i = 0; i < wide.length; i += 2) {
      for (int at = wide[i + 1]; at < wide[i + 1] + wide[i]; at++) {
        assertThat(taken[at]).as(type + " byte " + at).isFalse();
        taken[at] = true;
      }
    }
  }

  @Test
  void blockSwap_fieldsOfKnownBlock_areTurned() {
    byte[] block = new byte[18];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) i;
    }
    BlockSwap.swap(DType.Q4_0, MemorySegment.ofArray(block));
    assertThat(block).startsWith(1, 0, 2, 3, 4).endsWith(16, 17);

    byte[] sixth = new byte[210];
    sixth[208] = 1;
    BlockSwap.swap(DType.Q6_K, MemorySegment.ofArray(sixth));
    assertThat(sixth[208]).isZero();
    assertThat(sixth[209]).isEqualTo((byte) 1);
  }

  @Test
  void open_fileAboveTwoGigabytes_reachesItsEnd() throws Exception {
    long large = 2_500_000_000L;
    byte[] header =
        new GgufWriter()
            .tensor("a", DType.I8, Shape.of(64), MemorySegment.ofArray(new byte[64]))
            .tensor("b", DType.I8, Shape.of(64), MemorySegment.ofArray(new byte[64]))
            .toBytes();
    int dataStart = header.length - 128;
    java.nio.ByteBuffer edit = java.nio.ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    // Records are 8 + 1 + 4 + 8 + 4 + 8 bytes after 24 of header: make a larger and b later.
    edit.putLong(24 + 13, large);
    edit.putLong(24 + 33 + 25, (large + 31) / 32 * 32);
    Path path = folder.resolve("large.gguf");
    try (java.nio.channels.FileChannel channel =
        java.nio.channels.FileChannel.open(
            path,
            java.nio.file.StandardOpenOption.CREATE_NEW,
            java.nio.file.StandardOpenOption.SPARSE,
            java.nio.file.StandardOpenOption.WRITE)) {
      channel.write(edit.limit(dataStart));
      byte[] last = new byte[64];
      last[63] = 9;
      channel.write(java.nio.ByteBuffer.wrap(last), dataStart + (large + 31) / 32 * 32);
    }
    try (GgufFile file = GgufFile.open(path)) {
      assertThat(file.tensor("a").data().byteSize()).isEqualTo(large);
      assertThat(file.tensor("b").data().get(ValueLayout.JAVA_BYTE, 63)).isEqualTo((byte) 9);
      assertThat(file.fileBytes()).isGreaterThan(large);
    }
  }

  @Test
  void open_headerWrittenByHand_isReadAsTheSpecificationSays() {
    java.nio.ByteBuffer hand = java.nio.ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    hand.put("GGUF".getBytes(java.nio.charset.StandardCharsets.UTF_8)).putInt(3);
    hand.putLong(1).putLong(2);
    putString(hand, "general.architecture").putInt(8);
    putString(hand, "llama");
    putString(hand, "a").putInt(9).putInt(5).putLong(2).putInt(-1).putInt(7);
    putString(hand, "w").putInt(2).putLong(4).putLong(2).putInt(0).putLong(0);
    hand.position((hand.position() + 31) / 32 * 32);
    for (int i = 0; i < 8; i++) {
      hand.putFloat(i);
    }
    byte[] bytes = java.util.Arrays.copyOf(hand.array(), hand.position());

    try (GgufFile file = GgufFile.parse(MemorySegment.ofArray(bytes), "hand.gguf")) {
      assertThat(file.metadata().string("general.architecture")).isEqualTo("llama");
      assertThat(file.metadata().findIntegers("a")).contains(new long[] {-1, 7});
      // GGUF lists the fastest dimension first: 4 columns, 2 rows.
      assertThat(file.tensor("w").shape()).isEqualTo(Shape.of(2, 4));
      assertThat(file.tensor("w").data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 20)).isEqualTo(5f);
    }
    byte[] written =
        new GgufWriter()
            .metadata("general.architecture", GgufValue.string("llama"))
            .metadata("a", GgufValue.int32s(-1, 7))
            .tensor(
                "w",
                DType.F32,
                Shape.of(2, 4),
                MemorySegment.ofArray(
                    java.util.Arrays.copyOfRange(bytes, bytes.length - 32, bytes.length)))
            .toBytes();
    assertThat(written).isEqualTo(bytes);
  }

  private static java.nio.ByteBuffer putString(java.nio.ByteBuffer buffer, String text) {
    return buffer
        .putLong(text.length())
        .put(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static Shape shape(Random random, DType type) {
    long[] dims = new long[random.nextInt(5)];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = 1 + random.nextInt(3);
    }
    if (dims.length == 0) {
      return type.blockSize() == 1 ? Shape.of() : Shape.of(type.blockSize());
    }
    dims[dims.length - 1] *= type.blockSize();
    return Shape.of(dims);
  }

  private static GgufValue value(Random random, GgufType type, int depth) {
    return switch (type) {
      case UINT8 -> GgufValue.integer(type, random.nextInt(256));
      case INT8 -> GgufValue.integer(type, random.nextInt(256) - 128);
      case UINT16 -> GgufValue.integer(type, random.nextInt(65536));
      case INT16 -> GgufValue.integer(type, random.nextInt(65536) - 32768);
      case UINT32 -> GgufValue.integer(type, Integer.toUnsignedLong(random.nextInt()));
      case INT32 -> GgufValue.integer(type, random.nextInt());
      case INT64 -> GgufValue.integer(type, random.nextLong());
      case UINT64 -> {
        long raw = random.nextLong();
        yield raw >= 0
            ? GgufValue.integer(type, raw)
            : new GgufValue(type, new java.math.BigInteger(Long.toUnsignedString(raw)));
      }
      case FLOAT32 -> GgufValue.float32(random.nextGaussian());
      case FLOAT64 -> GgufValue.float64(random.nextGaussian());
      case BOOL -> GgufValue.bool(random.nextBoolean());
      case STRING -> GgufValue.string(text(random));
      case ARRAY -> {
        int kinds = depth < 3 ? 13 : 9;
        GgufType element = GgufType.values()[random.nextInt(kinds)];
        List<Object> items = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          GgufValue item = value(random, element, depth + 1);
          items.add(element == GgufType.ARRAY ? item : item.value());
        }
        yield GgufValue.array(element, items);
      }
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(10); i > 0; i--) {
      text.appendCodePoint("aé€😀\u0000\n\uFFFD".codePoints().toArray()[random.nextInt(7)]);
    }
    return text.toString();
  }
}
