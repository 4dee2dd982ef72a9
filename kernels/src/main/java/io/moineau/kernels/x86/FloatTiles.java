package io.moineau.kernels.x86;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Machine code for products of float matrices on the Java heap: the innermost loops of {@code
 * kernels.dense}. Knows nothing of bounds; its caller has checked them.
 *
 * <p>Positions and strides are in floats. With bfloat16, a float of a packed side holds the bits of
 * two numbers, two steps of the depth.
 */
public final class FloatTiles {
  private static final int BLOCK = 16; // words of the depth that are transposed at once

  private final Isa isa;
  private final boolean bfloat16;
  private final CodeMemory code; // never freed: it serves the process
  private final MemorySegment write;
  private final MemorySegment add;
  private final MemorySegment[] transpose = new MemorySegment[2]; // left, right
  private final MemorySegment[] copy = new MemorySegment[2];

  private FloatTiles(Isa isa, boolean bfloat16) {
    this.isa = isa;
    this.bfloat16 = bfloat16;
    Assembler a = new Assembler();
    FloatTileCode tile = new FloatTileCode(a, isa, bfloat16);
    final int writeAt = tile.tiles(isa, false);
    final int addAt = tile.tiles(isa, true);
    int[] transposeAt = new int[2];
    int[] copyAt = new int[2];
    if (isa.avx512()) {
      transposeAt[0] = tile.transpose(rows(), 4 * leftStride());
      transposeAt[1] = tile.transpose(BLOCK, 4 * columns());
      copyAt[0] = tile.copy(1);
      copyAt[1] = tile.copy(columns() / BLOCK);
    }
    code = CodeMemory.of(a.finish(), a.symbols());
    write = code.at(writeAt);
    add = code.at(addAt);
    for (int i = 0; i < 2; i++) {
      transpose[i] = code.at(transposeAt[i]);
      copy[i] = code.at(copyAt[i]);
    }
  }

  /**
   * Code for this processor; empty where there is none.
   *
   * @param bfloat16 whether both sides are rounded to bfloat16 (sums stay floats)
   * @param limit what {@code MOINEAU_CPU} says, or empty
   */
  public static Optional<FloatTiles> open(boolean bfloat16, String limit) {
    if (!X86Kernels.problem(limit).isEmpty()) {
      return Optional.empty();
    }
    Isa isa = Isa.of(CpuId.ask(), limit);
    if (bfloat16 && !isa.avx512Bf16()) {
      return Optional.empty();
    }
    FloatTiles tiles = new FloatTiles(isa, bfloat16);
    return tiles.works() ? Optional.of(tiles) : Optional.empty();
  }

  /** Rows of a tile of results. */
  public int rows() {
    return FloatTileCode.rows(isa);
  }

  /** Columns of a tile of results. */
  public int columns() {
    return FloatTileCode.columns(isa);
  }

  /** Words from a step of a packed left tile to the next. */
  public int leftStride() {
    return FloatTileCode.leftStride(isa);
  }

  /** The instruction sets, for people. */
  public String describe() {
    return "machine code, " + (!isa.avx512() ? "AVX2" : bfloat16 ? "AVX-512 BF16" : "AVX-512");
  }

  /** Whether there is code for packing. */
  public boolean packs() {
    return isa.avx512();
  }

  /** Steps of the depth in a word. */
  public int depthOfWord() {
    return bfloat16 ? 2 : 1;
  }

  /** Steps of the depth that {@link #transpose} takes at once. */
  public int depthOfBlock() {
    return BLOCK * depthOfWord();
  }

  /** Lanes that {@link #copy} reads: of the left side more than its rows. */
  public int lanes(boolean left) {
    return left ? leftStride() : columns();
  }

  /**
   * Packs lanes whose depth lies in a row.
   *
   * @param left whether it is a left tile of all rows, else a right panel of all columns
   * @param laneStride from a lane to the next in {@code from}
   * @param depth a multiple of {@link #depthOfBlock}
   */
  public void transpose(
      boolean left, float[] from, int at, int laneStride, int depth, float[] to, int toAt) {
    int blocks = depth / depthOfBlock();
    for (int lane = 0; lane < lanes(left); lane += BLOCK) {
      NativeCall.call(
          transpose[left ? 0 : 1],
          slice(from, at + lane * laneStride),
          slice(to, toAt + lane),
          4L * laneStride,
          blocks);
    }
  }

  /**
   * Packs lanes that lie side by side; reads {@link #lanes} of each step of the depth.
   *
   * @param depthStride from a step of the depth to the next in {@code from}
   * @param depth a multiple of {@link #depthOfWord}
   */
  public void copy(
      boolean left, float[] from, int at, int depthStride, int depth, float[] to, int toAt) {
    NativeCall.call(
        copy[left ? 0 : 1],
        slice(from, at),
        slice(to, toAt),
        4L * depthStride,
        depth / depthOfWord());
  }

  /**
   * Multiplies tiles that lie one behind the other by a panel.
   *
   * @param words of the depth
   * @param ldc from a row of c to the next
   * @param addTo whether c is added to
   */
  public void multiply(
      float[] left,
      int leftAt,
      int tiles,
      float[] right,
      int rightAt,
      int words,
      float[] c,
      int at,
      int ldc,
      boolean addTo) {
    NativeCall.call(
        addTo ? add : write,
        slice(left, leftAt),
        slice(right, rightAt),
        slice(c, at),
        tiles,
        words,
        4L * ldc);
  }

  private static MemorySegment slice(float[] values, int at) {
    return MemorySegment.ofArray(values).asSlice(4L * at);
  }

  /** A tile whose result is known. */
  private boolean works() {
    float[] left = new float[leftStride()];
    float[] right = new float[columns()];
    float[] c = new float[rows() * columns()];
    // As bfloat16 a whole float's bits are two numbers, of which the low one is 0 here.
    for (int i = 0; i < rows(); i++) {
      left[i] = i + 1;
    }
    for (int j = 0; j < columns(); j++) {
      right[j] = j - 5;
    }
    multiply(left, 0, 1, right, 0, 1, c, 0, columns(), false);
    multiply(left, 0, 1, right, 0, 1, c, 0, columns(), true);
    for (int i = 0; i < c.length; i++) {
      int expected = 2 * (i / columns() + 1) * (i % columns() - 5);
      if (c[i] != expected) {
        return false;
      }
    }
    return true;
  }
}
