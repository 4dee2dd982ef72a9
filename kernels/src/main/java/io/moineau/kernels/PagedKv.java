package io.moineau.kernels;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys and values of every layer in blocks of tokens (vLLM, arXiv 2309.06180), so that sequences of
 * any length share one piece of memory. Who owns which block is not known here.
 *
 * <p>With {@code valueColumns} 0 a value is the beginning of its key (MLA: the compressed vector).
 */
public final class PagedKv implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final DType type;
  private final int keyColumns;
  private final int valueColumns;
  private final int blockTokens;
  private final MemorySegment[] keys; // per layer: [numBlocks, blockTokens, keyColumns]
  private final MemorySegment[] values;

  /**
   * Zeros for {@code numLayers} layers and {@code numBlocks} blocks of {@code blockTokens} tokens.
   */
  public PagedKv(
      DType type, int numLayers, int keyColumns, int valueColumns, int blockTokens, int numBlocks) {
    this.type = type;
    this.keyColumns = keyColumns;
    this.valueColumns = valueColumns;
    this.blockTokens = blockTokens;
    this.keys = new MemorySegment[numLayers];
    this.values = new MemorySegment[numLayers];
    for (int i = 0; i < numLayers; i++) {
      keys[i] = arena.allocate(type.bytesFor(keyColumns) * blockTokens * numBlocks, 64);
      values[i] =
          valueColumns == 0
              ? keys[i]
              : arena.allocate(type.bytesFor(valueColumns) * blockTokens * numBlocks, 64);
    }
  }

  /** Bytes per token over all layers. */
  public static long bytesPerToken(DType type, int numLayers, int keyColumns, int valueColumns) {
    return numLayers * (type.bytesFor(keyColumns) + type.bytesFor(valueColumns));
  }

  /** Element type. */
  public DType type() {
    return type;
  }

  /** Tokens per block. */
  public int blockTokens() {
    return blockTokens;
  }

  /**
   * Stores the key and value of one token; {@code value} is not read where values are in the keys.
   */
  public void write(int layer, int block, int slot, FloatMatrix key, FloatMatrix value, int row) {
    long at = (long) block * blockTokens + slot;
    MemorySegment.copy(
        key.data(), key.offset(row, 0), keys[layer], at * keyColumns * 4, keyColumns * 4L);
    if (valueColumns > 0) {
      MemorySegment.copy(
          value.data(),
          value.offset(row, 0),
          values[layer],
          at * valueColumns * 4,
          valueColumns * 4L);
    }
  }

  float key(int layer, int block, int slot, int column) {
    long at = ((long) block * blockTokens + slot) * keyColumns + column;
    return keys[layer].get(ValueLayout.JAVA_FLOAT, at * 4);
  }

  float value(int layer, int block, int slot, int column) {
    int columns = valueColumns == 0 ? keyColumns : valueColumns;
    long at = ((long) block * blockTokens + slot) * columns + column;
    return values[layer].get(ValueLayout.JAVA_FLOAT, at * 4);
  }

  @Override
  public void close() {
    arena.close();
  }
}
