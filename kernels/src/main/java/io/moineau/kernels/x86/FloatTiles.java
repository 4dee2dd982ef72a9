package io.moineau.kernels.x86;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Machine code for products of float matrices on the Java heap: the innermost loops of {@code
 * kernels.dense}. Knows nothing of bounds; its caller has checked them.
 *
 * <p>Positions and strides are in floats. With bfloat16, a float of a packed side holds the bits of
 * two numbers, two steps of the depth. A right panel is {@code [words, columns]}. A left tile is
 * {@code [words, leftStride]}, or {@code [rows, words]} where {@link #leftInRows}.
 */
public final class FloatTiles {
  private static final int LANES = 16; // of a vector

  /** Calls code; in tests one that copies arrays to where an emulator may see them. */
  interface Caller {
    void call(MemorySegment code, MemorySegment from, MemorySegment to, long stride, long count);

    void call(
        MemorySegment code,
        MemorySegment left,
        MemorySegment right,
        MemorySegment c,
        long tiles,
        long words,
        long ldc);
  }

  private static final Caller DIRECT =
      new Caller() {
        @Override
        public void call(
            MemorySegment code, MemorySegment from, MemorySegment to, long stride, long count) {
          NativeCall.call(code, from, to, stride, count);
        }

        @Override
        public void call(
            MemorySegment code,
            MemorySegment left,
            MemorySegment right,
            MemorySegment c,
            long tiles,
            long words,
            long ldc) {
          NativeCall.call(code, left, right, c, tiles, words, ldc);
        }
      };

  private final Isa isa;
  private final boolean bfloat16;
  private final boolean amx;
  private final Caller caller;
  private final MemorySegment write;
  private final MemorySegment add;
  private final MemorySegment[] inRows = new MemorySegment[2]; // packing: left, right
  private final MemorySegment[] sideBySide = new MemorySegment[2];

  private FloatTiles(
      Isa isa, boolean bfloat16, boolean amx, Supplier<Assembler> assemblers, Caller caller) {
    this.isa = isa;
    this.bfloat16 = bfloat16;
    this.amx = amx;
    this.caller = caller;
    Assembler a = assemblers.get();
    FloatTileCode vectors = new FloatTileCode(a, isa, bfloat16);
    MatrixTileCode matrices = new MatrixTileCode(a);
    final int writeAt = amx ? matrices.tiles(false) : vectors.tiles(isa, false);
    final int addAt = amx ? matrices.tiles(true) : vectors.tiles(isa, true);
    int[] inRowsAt = new int[2];
    int[] sideBySideAt = new int[2];
    if (isa.avx512()) {
      inRowsAt[0] = amx ? matrices.rows() : vectors.transpose(rows(), 4 * leftStride());
      inRowsAt[1] = vectors.transpose(LANES, 4 * columns());
      sideBySideAt[0] = amx ? matrices.columns() : vectors.copy(1);
      sideBySideAt[1] = vectors.copy(columns() / LANES);
    }
    CodeMemory code = CodeMemory.of(a.finish(), a.symbols()); // serves as long as the process
    write = code.at(writeAt);
    add = code.at(addAt);
    for (int i = 0; i < 2; i++) {
      inRows[i] = code.at(inRowsAt[i]);
      sideBySide[i] = code.at(sideBySideAt[i]);
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
    if (bfloat16 && isa.amxBf16() && Amx.problem().isEmpty()) {
      FloatTiles tiles = new FloatTiles(isa, true, true, Assembler::new, DIRECT);
      if (tiles.works()) {
        return Optional.of(tiles);
      }
    }
    if (bfloat16 && !isa.avx512Bf16()) {
      return Optional.empty();
    }
    FloatTiles tiles = new FloatTiles(isa, bfloat16, false, Assembler::new, DIRECT);
    return tiles.works() ? Optional.of(tiles) : Optional.empty();
  }

  /** Code with AMX, which the processor need not have. It needs AVX-512 BF16. */
  static FloatTiles withAmx(Isa isa, Supplier<Assembler> assemblers, Caller caller) {
    return new FloatTiles(isa, true, true, assemblers, caller);
  }

  /** Rows of a tile of results. */
  public int rows() {
    return amx ? MatrixTileCode.ROWS : FloatTileCode.rows(isa);
  }

  /** Columns of a tile of results. */
  public int columns() {
    return amx ? MatrixTileCode.COLUMNS : FloatTileCode.columns(isa);
  }

  /** Words that a packed left tile has per word of the depth. */
  public int leftStride() {
    return amx ? MatrixTileCode.ROWS : FloatTileCode.leftStride(isa);
  }

  /** Whether a left tile is packed row by row. */
  public boolean leftInRows() {
    return amx;
  }

  /** Words that so many steps of the depth take; those beyond the depth must be zero. */
  public int words(int depth) {
    int line = amx ? MatrixTileCode.LINE : 1;
    int words = (depth + depthOfWord() - 1) / depthOfWord();
    return (words + line - 1) / line * line;
  }

  /** The instruction sets, for people. */
  public String describe() {
    String sets = amx ? "AMX BF16" : bfloat16 ? "AVX-512 BF16" : isa.avx512() ? "AVX-512" : "AVX2";
    return "machine code, " + sets;
  }

  /** Whether there is code for packing. */
  public boolean packs() {
    return isa.avx512();
  }

  /** Steps of the depth in a word. */
  public int depthOfWord() {
    return bfloat16 ? 2 : 1;
  }

  /** Steps of the depth that packing takes at once of lanes whose depth lies in a row. */
  public int depthOfBlock() {
    return LANES * depthOfWord();
  }

  /** Lanes that packing reads at once: of the left side it may be more than its rows. */
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
  public void packRows(
      boolean left, float[] from, int at, int laneStride, int depth, float[] to, int toAt) {
    int blocks = depth / depthOfBlock();
    boolean whole = left && amx;
    int calls = whole ? 1 : lanes(left) / LANES;
    for (int i = 0; i < calls; i++) {
      caller.call(
          inRows[left ? 0 : 1],
          slice(from, at + i * LANES * laneStride),
          slice(to, toAt + i * LANES),
          4L * laneStride,
          blocks);
    }
  }

  /**
   * Packs lanes that lie side by side; reads {@link #lanes} of each step of the depth.
   *
   * @param depthStride from a step of the depth to the next in {@code from}
   * @param depth a multiple of {@link #depthOfWord}, or of {@link #depthOfBlock} for a left tile in
   *     rows
   */
  public void packColumns(
      boolean left, float[] from, int at, int depthStride, int depth, float[] to, int toAt) {
    if (left && amx) {
      int lines = depth / depthOfBlock();
      for (int lane = 0; lane < rows(); lane += LANES) {
        MemorySegment rows = slice(to, toAt + lane * lines * MatrixTileCode.LINE);
        caller.call(sideBySide[0], slice(from, at + lane), rows, 4L * depthStride, lines);
      }
    } else {
      caller.call(
          sideBySide[left ? 0 : 1],
          slice(from, at),
          slice(to, toAt),
          4L * depthStride,
          depth / depthOfWord());
    }
  }

  /**
   * Multiplies tiles that lie one behind the other by a panel.
   *
   * @param words of the depth, as {@link #words} says
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
    caller.call(
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
    int words = words(1);
    float[] left = new float[leftStride() * words];
    float[] right = new float[columns() * words];
    float[] c = new float[rows() * columns()];
    // As bfloat16 a whole float's bits are two numbers, of which the low one is 0 here.
    for (int i = 0; i < rows(); i++) {
      left[amx ? i * words : i] = i + 1;
    }
    for (int j = 0; j < columns(); j++) {
      right[j] = j - 5;
    }
    multiply(left, 0, 1, right, 0, words, c, 0, columns(), false);
    multiply(left, 0, 1, right, 0, words, c, 0, columns(), true);
    for (int i = 0; i < c.length; i++) {
      int expected = 2 * (i / columns() + 1) * (i % columns() - 5);
      if (c[i] != expected) {
        return false;
      }
    }
    return true;
  }
}
