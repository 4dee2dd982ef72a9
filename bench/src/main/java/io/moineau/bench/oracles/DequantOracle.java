package io.moineau.bench.oracles;

import io.moineau.error.MoineauException;
import io.moineau.kernels.quant.BlockCodec;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.text.Json;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Compares every weight type of {@code index.json} with the floats beside its blocks: equal bits,
 * or no further apart than {@value #TOLERANCE} of the largest value of the block.
 */
final class DequantOracle implements OracleCheck {
  private static final double TOLERANCE = 1e-6;

  @Override
  public String folderName() {
    return "dequant";
  }

  @Override
  public void run(Path folder, OracleReport report) throws IOException {
    Object index = Json.parse(folder.resolve("index.json"));
    if (!(index instanceof Map<?, ?> map) || !(map.get("types") instanceof List<?> types)) {
      report.differ("dequant", "index.json has no list of types");
      return;
    }
    for (Object entry : types) {
      if (entry instanceof Map<?, ?> type) {
        check(folder, type, report);
      } else {
        report.differ("dequant", "an entry of index.json is no object: " + entry);
      }
    }
  }

  private static void check(Path folder, Map<?, ?> entry, OracleReport report) throws IOException {
    String name = String.valueOf(entry.get("type"));
    String label = "dequant/" + name;
    long id = entry.get("id") instanceof Long number ? number : -1;
    DType type = DType.fromId(id).orElse(null);
    if (type == null || !type.name().equals(name)) {
      report.differ(label, "no such type with number " + id);
      return;
    }
    if (!Long.valueOf(type.blockSize()).equals(entry.get("block_size"))
        || !Long.valueOf(type.blockBytes()).equals(entry.get("bytes_per_block"))) {
      report.differ(label, "another size of block than " + entry);
      return;
    }
    try {
      String fault =
          compare(
              BlockCodecs.of(type),
              Files.readAllBytes(folder.resolve(name + ".blocks")),
              Files.readAllBytes(folder.resolve(name + ".f32")));
      if (fault.isEmpty()) {
        report.pass();
      } else {
        report.differ(label, fault);
      }
    } catch (MoineauException e) {
      report.differ(label, e.getMessage());
    }
  }

  /** What differs, or an empty string. */
  static String compare(BlockCodec codec, byte[] blocks, byte[] expectedBytes) {
    DType type = codec.type();
    FloatBuffer expected =
        ByteBuffer.wrap(expectedBytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    int elements = expected.remaining();
    if (type.bytesFor(elements) != blocks.length) {
      return blocks.length + " bytes of blocks do not make " + elements + " floats";
    }
    float[] actual = new float[elements];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(Math.max(1, blocks.length));
      MemorySegment.copy(
          blocks, 0, source, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, blocks.length);
      codec.dequantize(source, 0, actual, 0, elements);
    }
    for (int block = 0; block < elements; block += type.blockSize()) {
      float largest = 0;
      for (int i = block; i < block + type.blockSize(); i++) {
        largest = Math.max(largest, Math.abs(expected.get(i)));
      }
      for (int i = block; i < block + type.blockSize(); i++) {
        boolean equal =
            Float.floatToIntBits(actual[i]) == Float.floatToIntBits(expected.get(i))
                || Math.abs((double) actual[i] - expected.get(i)) <= TOLERANCE * largest;
        if (!equal) {
          return "element " + i + " is " + actual[i] + ", expected " + expected.get(i);
        }
      }
    }
    return "";
  }
}
