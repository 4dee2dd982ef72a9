package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.ymm;
import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * Products for few tokens: rows of weights, read once where they lie in the file's layout, times
 * one to four activations. What counts is the speed of memory: several rows are read at once, each
 * a stream of its own, with prefetches ahead.
 *
 * <p>Products of bytes need one unsigned and one signed factor. Codes that are unsigned by nature
 * are taken so, and what their offset makes too much (8 times the sum of the activations for Q4_0)
 * is subtracted as floats; signed codes give their sign to the activation.
 *
 * <p>Kernels are called with the address of a {@link Call}.
 */
final class DotKernels {
  /** Arguments in memory: offsets in bytes. All are 64 bits. */
  static final class Call {
    static final int WEIGHTS = 0;

    /**
     * Bytes from one stream's first row to the next stream's. Each of the rows that are read at
     * once begins a stream of rows that lie one behind another: so memory sees a few long linear
     * reads.
     */
    static final int STREAM_BYTES = 8;

    /** Rows of each stream. */
    static final int ROWS = 16;

    /** Blocks in a row. */
    static final int BLOCKS = 24;

    /** Result of row 0 and activation 0. */
    static final int OUT = 32;

    /** Bytes from an activation's results to the next one's. */
    static final int OUT_STRIDE = 40;

    /** Where in an activation the scales, sums of 32 and sums of 16 are. */
    static final int SCALES = 48;

    static final int SUMS_32 = 56;
    static final int SUMS_16 = 64;

    /** Addresses of the activations. */
    static final int ACTIVATIONS = 72;

    private Call() {}
  }

  static final int MOST_ACTIVATIONS = 4;

  /** Bytes ahead that each stream asks for (measured: 1024 to 8192 are about the same). */
  private static final int AHEAD = 2048;

  static final Gpr[] WEIGHT = {Gpr.R8, Gpr.R9, Gpr.R10, Gpr.R11};
  static final Gpr[] X = {Gpr.RSI, Gpr.RDX, Gpr.RCX, Gpr.RAX};

  /** From an activation's codes to the scales and sums of the same columns. */
  private static final Gpr SCALES = Gpr.R12;

  private static final Gpr SUMS_32 = Gpr.R14;
  private static final Gpr SUMS_16 = Gpr.R15;
  static final Vec ONES = ymm(14); // 16-bit ones, without VNNI

  final Assembler a;
  final Isa isa;
  final int rows;
  final int acts;

  private DotKernels(Assembler a, Isa isa, int rows, int acts) {
    this.a = a;
    this.isa = isa;
    this.rows = rows;
    this.acts = acts;
  }

  static boolean supports(DType type) {
    return switch (type) {
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL, MXFP4 -> true;
      case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS -> true;
      case F32, F16, BF16 -> true;
      default -> false;
    };
  }

  /** How many rows a kernel for so many activations takes at once. */
  static int rowsAtOnce(Isa isa, DType type, int acts) {
    return PairDot.supports(isa, type) ? PairDot.ROWS : acts == 1 ? 4 : acts == 2 ? 2 : 1;
  }

  /**
   * Code for {@code rows} rows at once, one or {@link #rowsAtOnce}, times {@code acts} activations.
   */
  static int assemble(Assembler a, Isa isa, DType type, int rows, int acts) {
    DotKernels kernel = new DotKernels(a, isa, rows, acts);
    int entry = a.begin("dot_" + type + "_" + rows + "x" + acts);
    if (PairDot.supports(isa, type)) {
      kernel.emit(new PairDot(kernel, type));
      return entry;
    }
    DotBlock block =
        switch (type) {
          case F32, F16, BF16 -> new FloatDot(kernel, type);
          case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS -> new SuperBlockDot(kernel, type);
          default -> new BlockDot(kernel, type);
        };
    boolean wide = WideDot.supports(isa, type);
    kernel.emit(wide ? new WideDot(kernel, type, block) : block);
    return entry;
  }

  /** The part that differs between types. */
  interface DotBlock {
    /** Loads constants into registers 13 and 15, once per call. */
    default void prepare() {}

    /** Adds one block of each row times each activation. */
    void block();

    /** Bytes of a block of weights. */
    int weightBytes();

    /** Bytes of an activation's codes (or floats) that belong to a block. */
    int activationBytes();

    /** What the second sums are to be multiplied with before they are added; 0: there are none. */
    default float minimumFactor() {
      return 0;
    }

    /** Whether the second sums lie in all eight lanes rather than in the first. */
    default boolean minimumInAllLanes() {
      return false;
    }
  }

  /** Where activation {@code act} has scale {@code i} of this block. */
  Mem scale(int act, int i) {
    return Mem.at(X[act], SCALES, 1, 4 * i);
  }

  /** And its sum of 32 columns. */
  Mem sum32(int act, int i) {
    return Mem.at(X[act], SUMS_32, 1, 4 * i);
  }

  /** And its sum of 16 columns. */
  Mem sum16(int act, int i) {
    return Mem.at(X[act], SUMS_16, 1, 4 * i);
  }

  Vec sum(int row, int act) {
    return ymm(row * acts + act);
  }

  Vec minimum(int row, int act) {
    return ymm(4 + row * acts + act);
  }

  private void emit(DotBlock block) {
    Emit.enter(a);
    a.mov(WEIGHT[0], Mem.at(Gpr.RDI, Call.WEIGHTS));
    a.mov(Gpr.RAX, Mem.at(Gpr.RDI, Call.STREAM_BYTES));
    for (int r = 1; r < rows; r++) {
      a.lea(WEIGHT[r], Mem.at(WEIGHT[r - 1], Gpr.RAX, 1, 0));
    }
    a.mov(Gpr.RBP, Mem.at(Gpr.RDI, Call.ROWS));
    a.mov(Gpr.R13, Mem.at(Gpr.RDI, Call.OUT));
    if (!isa.vnni()) {
      a.op(Op.VMOVDQU, ONES, a.repeated(0x0001_0001, 8));
    }
    block.prepare();
    Label nextGroup = a.label();
    a.bind(nextGroup);
    for (int n = 0; n < acts; n++) {
      a.mov(X[n], Mem.at(Gpr.RDI, Call.ACTIVATIONS + 8 * n));
    }
    a.mov(SCALES, Mem.at(Gpr.RDI, Call.SCALES));
    a.mov(SUMS_32, Mem.at(Gpr.RDI, Call.SUMS_32));
    a.mov(SUMS_16, Mem.at(Gpr.RDI, Call.SUMS_16));
    boolean minima = block.minimumFactor() != 0;
    for (int i = 0; i < rows * acts; i++) {
      Emit.zero(a, ymm(i));
      if (minima) {
        Emit.zero(a, ymm(4 + i));
      }
    }
    a.mov(Gpr.RBX, Mem.at(Gpr.RDI, Call.BLOCKS));
    Label rowDone = a.label();
    if (block instanceof PairDot pairs) {
      Label even = a.label();
      a.mov(SUMS_32, Gpr.RBX); // which pairs do without
      a.and(SUMS_32, 1);
      a.jump(Assembler.Condition.E, even);
      step(pairs.odd());
      a.bind(even);
      a.shr(Gpr.RBX, 1);
      a.jump(Assembler.Condition.E, rowDone);
    }
    Label nextBlock = a.label();
    a.bind(nextBlock);
    step(block);
    a.sub(Gpr.RBX, 1);
    a.jump(Assembler.Condition.NE, nextBlock);
    a.bind(rowDone);
    if (block instanceof WideDot || block instanceof PairDot) {
      for (int i = 0; i < rows * acts; i++) {
        a.op(Op.VEXTRACTI64X4, ymm(16), zmm(i), 1);
        a.op(Op.VADDPS, ymm(i), ymm(i), ymm(16));
      }
    }
    store(block, minima);
    a.add(Gpr.R13, 4);
    a.sub(Gpr.RBP, 1);
    a.jump(Assembler.Condition.NE, nextGroup);
    Emit.leave(a);
  }

  /** A block of each row, and on to the next. */
  private void step(DotBlock block) {
    for (int r = 0; r < rows; r++) {
      for (int line = 0; line < block.weightBytes(); line += 64) {
        a.prefetcht0(Mem.at(WEIGHT[r], AHEAD + line));
      }
    }
    block.block();
    for (int r = 0; r < rows; r++) {
      a.add(WEIGHT[r], block.weightBytes());
    }
    for (int n = 0; n < acts; n++) {
      a.add(X[n], block.activationBytes());
    }
    int columns = block.activationBytes();
    a.add(SCALES, columns / 8 - columns);
    a.add(SUMS_32, columns / 8 - columns);
    a.add(SUMS_16, columns / 4 - columns);
  }

  private void store(DotBlock block, boolean minima) {
    int count = rows * acts;
    int groups = (count + 3) / 4;
    Vec[] results = new Vec[groups]; // four sums in the lanes of each
    for (int g = 0; g < groups; g++) {
      // Sums beyond four are those of 512-bit code, which has more registers.
      results[g] = groups == 1 ? ymm(8) : ymm(16 + g);
      Emit.sumsOfFour(a, results[g], four(4 * g, count), groups == 1 ? ymm(9) : ymm(20));
    }
    if (minima) {
      Vec[] second = four(4, 4 + count);
      if (block.minimumInAllLanes()) {
        Emit.sumsOfFour(a, ymm(10), second, ymm(9));
      } else {
        a.op(Op.VPUNPCKLDQ, ymm(10).as(128), second[0].as(128), second[1].as(128));
        a.op(Op.VPUNPCKLDQ, ymm(11).as(128), second[2].as(128), second[3].as(128));
        a.op(Op.VPUNPCKLQDQ, ymm(10).as(128), ymm(10).as(128), ymm(11).as(128));
      }
      Mem factor = a.repeated(Float.floatToRawIntBits(block.minimumFactor()), 4);
      a.op(Op.VFMADD231PS, results[0].as(128), ymm(10).as(128), factor);
    }
    Gpr stream = Gpr.RCX; // the activations' registers are loaded anew for the next row
    Gpr streamBytes = Gpr.RDX;
    Gpr actBytes = Gpr.RSI;
    a.mov(stream, Gpr.R13);
    a.mov(streamBytes, Mem.at(Gpr.RDI, Call.ROWS));
    a.shl(streamBytes, 2);
    a.mov(actBytes, Mem.at(Gpr.RDI, Call.OUT_STRIDE));
    for (int i = 0; i < count; i++) {
      if (i > 0 && i % acts == 0) {
        a.add(stream, streamBytes);
      }
      if (i % acts == 0) {
        a.mov(Gpr.RAX, stream);
      } else {
        a.add(Gpr.RAX, actBytes);
      }
      Vec result = results[i / 4].as(128);
      a.op(Op.VMOVSS_STORE, Mem.at(Gpr.RAX, 0), result);
      if (i + 1 < count && i % 4 < 3) {
        a.op(Op.VPSHUFD, result, result, 0x39); // the next lane becomes the first
      }
    }
  }

  /** Registers {@code from} to {@code from + 3}; those from {@code end} on become stand-ins. */
  private Vec[] four(int from, int end) {
    Vec[] four = new Vec[4];
    for (int i = 0; i < 4; i++) {
      four[i] = ymm(from + i);
      if (from + i >= end) { // their sums go nowhere
        a.op(Op.VMOVUPS, four[i], ymm(from));
      }
    }
    return four;
  }

  /** {@code to = sums of products of four bytes}, as floats; {@code unsigned} is not changed. */
  void products(Vec to, Vec unsigned, Operand signed) {
    if (isa.vnni()) {
      Emit.zero(a, to);
      a.op(isa.vnniByVex() ? Op.VPDPBUSD_VEX : Op.VPDPBUSD, to, unsigned, signed);
    } else {
      a.op(Op.VPMADDUBSW, to, unsigned, signed);
      a.op(Op.VPMADDWD, to, to, ONES);
    }
    a.op(Op.VCVTDQ2PS, to, to);
  }

  /**
   * The same for signed weight codes, given as magnitudes and signs: the activations' codes take
   * the signs. The register after {@code to} is lost.
   */
  void signedProducts(Vec to, Vec magnitude, Vec signs, Mem codes) {
    Vec x = ymm(to.index() + 1);
    a.op(Op.VMOVDQU, x, codes);
    a.op(Op.VPSIGNB, x, x, signs);
    products(to, magnitude, x);
  }
}
