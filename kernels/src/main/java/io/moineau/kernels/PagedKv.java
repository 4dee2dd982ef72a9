package io.moineau.kernels;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of every layer in blocks of tokens (vLLM, arXiv 2309.06180), so that sequences of
 * any length share one piece of memory. Who owns which block is not known here.
 *
 * <p>Per layer the keys are {@code [numBlocks, blockTokens, keyColumns]} and so are the values, as
 * F32, F16, or Q8_0 (blocks of 32 columns). With {@code valueColumns} 0 a value is the beginning of
 * its key (MLA: the compressed vector), and is stored once.
 */
public final class PagedKv implements AutoCloseable {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int Q8_0_BYTES = 34;
  private static final int CHUNK = 256;

  private final Arena arena = Arena.ofShared();
  private final DType type;
  private final int numLayers;
  private final int numBlocks;
  private final int keyColumns;
  private final int valueColumns;
  private final int blockTokens;
  private final long keyBytes;
  private final long valueBytes;
  private final MemorySegment[] keys; // per layer: [numBlocks, blockTokens, keyColumns]
  private final MemorySegment[] values;
  private final float[] singles = new float[CHUNK]; // of the one thread that writes
  private final short[] halves = new short[CHUNK];

  /**
   * Zeros for {@code numLayers} layers and {@code numBlocks} blocks of {@code blockTokens} tokens.
   *
   * @throws KernelException {@code kernel-bad-kv-type} if the type is not F32, F16 or Q8_0, {@code
   *     kernel-bad-kv-shape} if a size is not positive, the columns are no multiple of the type's
   *     block
   */
  public PagedKv(
      DType type, int numLayers, int keyColumns, int valueColumns, int blockTokens, int numBlocks) {
    checkType(type);
    if (numLayers < 1
        || keyColumns < 1
        || valueColumns < 0
        || blockTokens < 1
        || numBlocks < 1
        || keyColumns % type.blockSize() != 0
        || valueColumns % type.blockSize() != 0) {
      throw new KernelException(
          "kernel-bad-kv-shape",
          "keys and values cannot be laid out so",
          "type="
              + type
              + " numLayers="
              + numLayers
              + " keyColumns="
              + keyColumns
              + " valueColumns="
              + valueColumns
              + " blockTokens="
              + blockTokens
              + " numBlocks="
              + numBlocks,
          "positive sizes, columns multiples of " + type.blockSize(),
          "choose F16 or F32 for the keys and values if the columns do not fit Q8_0");
    }
    this.type = type;
    this.numLayers = numLayers;
    this.numBlocks = numBlocks;
    this.keyColumns = keyColumns;
    this.valueColumns = valueColumns;
    this.blockTokens = blockTokens;
    this.keyBytes = type.bytesFor(keyColumns);
    this.valueBytes = valueColumns == 0 ? keyBytes : type.bytesFor(valueColumns);
    this.keys = new MemorySegment[numLayers];
    this.values = new MemorySegment[numLayers];
    for (int i = 0; i < numLayers; i++) {
      keys[i] = arena.allocate(keyBytes * blockTokens * numBlocks, 64);
      values[i] =
          valueColumns == 0 ? keys[i] : arena.allocate(valueBytes * blockTokens * numBlocks, 64);
    }
  }

  private static void checkType(DType type) {
    if (type != DType.F32 && type != DType.F16 && type != DType.Q8_0) {
      throw new KernelException(
          "kernel-bad-kv-type",
          "keys and values cannot be held as this type",
          "type=" + type,
          "F32, F16, Q8_0",
          "choose one of these");
    }
  }

  /** Bytes per token over all layers. */
  public static long bytesPerToken(DType type, int numLayers, int keyColumns, int valueColumns) {
    return numLayers * (type.bytesFor(keyColumns) + type.bytesFor(valueColumns));
  }

  /** Bytes of a token's keys and values in one layer. */
  public long layerBytesPerToken() {
    return keyBytes + (valueColumns == 0 ? 0 : valueBytes);
  }

  /** Bytes of one block over all layers. */
  public long blockBytes() {
    return numLayers * blockTokens * layerBytesPerToken();
  }

  /**
   * Copies a block: its keys and then its values, layer by layer.
   *
   * @param target {@code [blockBytes]}
   */
  public void readBlock(int block, MemorySegment target) {
    long at = 0;
    for (MemorySegment part : memory()) {
      long bytes = part.byteSize() / numBlocks;
      MemorySegment.copy(part, block * bytes, target, at, bytes);
      at += bytes;
    }
  }

  /** Sets a block to what {@link #readBlock} gave. */
  public void writeBlock(int block, MemorySegment source) {
    long at = 0;
    for (MemorySegment part : memory()) {
      long bytes = part.byteSize() / numBlocks;
      MemorySegment.copy(source, at, part, block * bytes, bytes);
      at += bytes;
    }
  }

  /** All memory that it holds, to advise the system about its pages. */
  public List<MemorySegment> memory() {
    List<MemorySegment> all = new ArrayList<>(List.of(keys));
    if (valueColumns > 0) {
      all.addAll(List.of(values));
    }
    return all;
  }

  /** Element type. */
  public DType type() {
    return type;
  }

  /** Layers. */
  public int numLayers() {
    return numLayers;
  }

  /** Blocks. */
  public int numBlocks() {
    return numBlocks;
  }

  /** Tokens per block. */
  public int blockTokens() {
    return blockTokens;
  }

  /** Elements of a token's keys, all heads together. */
  public int keyColumns() {
    return keyColumns;
  }

  /** Elements of a token's values, all heads together; 0 where they are in the keys. */
  public int valueColumns() {
    return valueColumns;
  }

  /** Bytes of a token's keys. */
  public long keyBytes() {
    return keyBytes;
  }

  /** Bytes from one token's values to the next's. */
  public long valueBytes() {
    return valueBytes;
  }

  /** Address of a layer's keys. */
  public long keyAddress(int layer) {
    return keys[layer].address();
  }

  /** Address of a layer's values. */
  public long valueAddress(int layer) {
    return values[layer].address();
  }

  /**
   * Stores the key and value of one token; {@code value} is not read where values are in the keys.
   * By one thread at a time.
   *
   * @throws KernelException {@code kernel-bad-kv-slot} if there is no such layer, block or slot,
   *     {@code kernel-bad-shape} if the matrices have too few columns
   */
  public void write(int layer, int block, int slot, FloatMatrix key, FloatMatrix value, int row) {
    if (layer < 0
        || layer >= numLayers
        || block < 0
        || block >= numBlocks
        || slot < 0
        || slot >= blockTokens) {
      throw new KernelException(
          "kernel-bad-kv-slot",
          "there is no such place for a key",
          "layer=" + layer + " block=" + block + " slot=" + slot,
          numLayers + " layers, " + numBlocks + " blocks of " + blockTokens + " tokens",
          "");
    }
    if (key.columns() < keyColumns || (valueColumns > 0 && value.columns() < valueColumns)) {
      throw new KernelException(
          "kernel-bad-shape",
          "a key or value is too short",
          key.columns() + " and " + value.columns() + " columns",
          keyColumns + " and " + valueColumns,
          "");
    }
    long at = (long) block * blockTokens + slot;
    store(key, row, keyColumns, keys[layer], at * keyBytes);
    if (valueColumns > 0) {
      store(value, row, valueColumns, values[layer], at * valueBytes);
    }
  }

  private void store(FloatMatrix source, int row, int columns, MemorySegment target, long at) {
    MemorySegment data = source.data();
    long from = source.offset(row, 0);
    switch (type) {
      case F32 -> MemorySegment.copy(data, from, target, at, columns * 4L);
      case F16 -> {
        for (int c = 0; c < columns; c += CHUNK) {
          storeHalves(data, from + 4L * c, target, at + 2L * c, Math.min(CHUNK, columns - c));
        }
      }
      default -> {
        for (int c = 0; c < columns; c += 32) {
          storeQ8(data, from + 4L * c, target, at + (long) c / 32 * Q8_0_BYTES);
        }
      }
    }
  }

  /** By way of arrays, between which the loop is compiled to instructions on many numbers. */
  private void storeHalves(
      MemorySegment data, long from, MemorySegment target, long at, int count) {
    MemorySegment.copy(data, ValueLayout.JAVA_FLOAT, from, singles, 0, count);
    for (int c = 0; c < count; c++) {
      halves[c] = Float.floatToFloat16(singles[c]);
    }
    MemorySegment.copy(halves, 0, target, SHORT, at, count);
  }

  /** One block of Q8_0: a 16-bit scale and 32 bytes. */
  private static void storeQ8(MemorySegment data, long from, MemorySegment target, long at) {
    float max = 0;
    for (int c = 0; c < 32; c++) {
      max = Math.max(max, Math.abs(data.get(ValueLayout.JAVA_FLOAT, from + 4L * c)));
    }
    float inverse = max < ActivationRounding.TINY ? 0 : 127 / max;
    target.set(SHORT, at, Float.floatToFloat16(max / 127));
    for (int c = 0; c < 32; c++) {
      float x = data.get(ValueLayout.JAVA_FLOAT, from + 4L * c);
      target.set(ValueLayout.JAVA_BYTE, at + 2 + c, (byte) Math.rint(x * inverse));
    }
  }

  /** Reads {@code count} elements of a position's key, from {@code column} on. */
  void readKey(AttentionCall call, int token, int position, int column, float[] out, int count) {
    read(keys[call.layer()], at(call, token, position) * keyBytes, column, out, count);
  }

  /** Reads {@code count} elements of a position's value, from {@code column} on. */
  void readValue(AttentionCall call, int token, int position, int column, float[] out, int count) {
    read(values[call.layer()], at(call, token, position) * valueBytes, column, out, count);
  }

  private long at(AttentionCall call, int token, int position) {
    int block = call.block(token, position / blockTokens);
    return (long) block * blockTokens + position % blockTokens;
  }

  private void read(MemorySegment source, long row, int column, float[] out, int count) {
    switch (type) {
      case F32 ->
          MemorySegment.copy(
              source, ValueLayout.JAVA_FLOAT_UNALIGNED, row + 4L * column, out, 0, count);
      case F16 -> {
        for (int c = 0; c < count; c++) {
          out[c] = Float.float16ToFloat(source.get(SHORT, row + 2L * (column + c)));
        }
      }
      default -> {
        for (int c = 0; c < count; c++) {
          long block = row + (long) ((column + c) / 32) * Q8_0_BYTES;
          float scale = Float.float16ToFloat(source.get(SHORT, block));
          byte q = source.get(ValueLayout.JAVA_BYTE, block + 2 + (column + c) % 32);
          out[c] = q * scale;
        }
      }
    }
  }

  /** The key of a slot, all heads, as floats. */
  float[] key(int layer, int block, int slot) {
    float[] out = new float[keyColumns];
    read(keys[layer], ((long) block * blockTokens + slot) * keyBytes, 0, out, keyColumns);
    return out;
  }

  /** The value of a slot, all heads, as floats. */
  float[] value(int layer, int block, int slot) {
    float[] out = new float[valueColumns];
    read(values[layer], ((long) block * blockTokens + slot) * valueBytes, 0, out, valueColumns);
    return out;
  }

  @Override
  public void close() {
    arena.close();
  }
}
