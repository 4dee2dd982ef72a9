package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * Rearranges 16 rows of weights for {@link StripProduct}: whatever the type, a row's weight becomes
 * {@code scale * u + minimum} with a code u of 8 unsigned bits and one scale and minimum per 32 or
 * 16 columns, and the 16 rows become the 16 lanes of a vector. Needs AVX-512.
 *
 * <p>A unit of 32 columns is eight vectors (vector j: columns 4 j to 4 j + 3 of each row, one per
 * byte), one of scales and one of minima; where scales are per 16 columns, a unit is of 16 columns
 * and has four vectors of codes.
 *
 * <p>Sixteen bytes of each row are read at a time and transposed as words of 32 bits. The scales of
 * a block, whatever bits they are put together from, are so computed for 16 rows at once.
 */
class StripPack {
  /** Arguments in memory: offsets in bytes, 64 bits each. */
  static final int WEIGHTS = 0;

  static final int ROW_BYTES = 8;
  static final int BLOCKS = 16;
  static final int STRIP = 24;

  /** Bytes of a unit of 32 or 16 columns. */
  static final int UNIT_32 = 640;

  static final int UNIT_16 = 384;

  static final Gpr[] BASE = {Gpr.RSI, Gpr.R8, Gpr.R9, Gpr.R10};
  private static final Gpr OUT = Gpr.R11;
  static final Gpr AHEAD = Gpr.RDI; // the arguments are read by then
  static final Vec D = zmm(28);
  private static final Vec D_MIN = zmm(29);
  private static final Vec TABLE = zmm(30);
  private static final Vec ONES = zmm(31);

  final Assembler a;
  final DType type;
  private final int unit;
  private final int unitStride;
  private int lines; // of what will be packed next, per block
  private int linesAtOnce;
  private int nextLine;

  StripPack(Assembler a, DType type) {
    this.a = a;
    this.type = type;
    this.unit = by16(type) ? UNIT_16 : UNIT_32;
    this.unitStride = StripProduct.GROUPS * unit; // units of the groups of 16 rows take turns
  }

  static boolean supports(DType type) {
    return DotKernels.supports(type) && type.isQuantized();
  }

  /** Whether scales are per 16 columns. */
  static boolean by16(DType type) {
    return type == DType.Q2_K || type == DType.Q3_K || type == DType.Q6_K;
  }

  /** Whether weights have a minimum; the others' codes are signed. */
  static boolean hasMinimum(DType type) {
    return switch (type) {
      case Q4_1, Q5_1, Q2_K, Q4_K, Q5_K -> true;
      default -> false;
    };
  }

  static int assemble(Assembler a, DType type) {
    final int entry = a.begin("pack_" + type);
    StripPack pack = new StripPack(a, type);
    pack.emit();
    return entry;
  }

  private void emit() {
    a.mov(BASE[0], Mem.at(Gpr.RDI, WEIGHTS));
    a.mov(Gpr.RDX, Mem.at(Gpr.RDI, ROW_BYTES));
    a.mov(Gpr.RAX, Mem.at(Gpr.RDI, BLOCKS));
    a.mov(OUT, Mem.at(Gpr.RDI, STRIP));
    a.lea(Gpr.RCX, Mem.at(Gpr.RDX, Gpr.RDX, 2, 0));
    for (int i = 1; i < 4; i++) {
      a.lea(BASE[i], Mem.at(BASE[i - 1], Gpr.RDX, 4, 0));
    }
    if (tabled()) {
      a.op(Op.VBROADCASTI128, TABLE, Tables.of(a, type));
    }
    if (!hasMinimum(type)) {
      a.op(Op.VPBROADCASTD, ONES, a.constant(0x0101_0101));
    }
    // The rows lie one behind another: what is behind them is what will be packed next.
    a.mov(AHEAD, Gpr.RDX);
    a.shl(AHEAD, 4);
    a.add(AHEAD, BASE[0]);
    Label next = a.label();
    a.bind(next);
    beginStep();
    switch (type) {
      case Q4_K, Q5_K -> q4k();
      case Q6_K -> q6k();
      case Q3_K -> q3k();
      case Q2_K -> q2k();
      case IQ4_XS -> iq4xs();
      default -> blockOf32();
    }
    endStep();
    a.add(OUT, unitStride * type.blockSize() / (by16(type) ? 16 : 32));
    a.sub(Gpr.RAX, 1);
    a.jump(Assembler.Condition.NE, next);
    a.vzeroupper();
    a.ret();
  }

  /** Before the code of a block of each row: shares out the lines that it asks for. */
  final void beginStep() {
    lines = Math.ceilDiv(16 * type.blockBytes(), 64);
    linesAtOnce = Math.ceilDiv(lines, 4 * transposes(type));
    nextLine = 0;
  }

  /** After it: on to the next. */
  final void endStep() {
    prefetch(lines);
    a.add(AHEAD, 16 * type.blockBytes());
    for (Gpr base : BASE) {
      a.add(base, type.blockBytes());
    }
  }

  /** How often a block calls {@link #transpose}. */
  private static int transposes(DType type) {
    return switch (type) {
      case Q4_K, IQ4_XS -> 9;
      case Q5_K -> 11;
      case Q6_K -> 14;
      case Q3_K -> 7;
      case Q2_K -> 6;
      case Q8_0 -> 3;
      default -> 2;
    };
  }

  /**
   * Asks for the next lines of what will be packed next. A few at a time: all those of a
   * super-block at once fill the processor's queue of misses, and everything waits.
   */
  private void prefetch(int count) {
    int last = Math.min(lines, nextLine + count);
    while (nextLine < last) {
      a.prefetcht0(Mem.at(AHEAD, 64 * nextLine++));
    }
  }

  private boolean tabled() {
    return type == DType.IQ4_NL || type == DType.IQ4_XS || type == DType.MXFP4;
  }

  // --- the parts of which each type is made
  // -------------------------------------------------------

  /** Word i of 16 bytes at an offset of each row's block to vector {@code to + i}, for 4 words. */
  final void transpose(int at, int to) {
    gather(at);
    a.op(Op.VPUNPCKLDQ, zmm(20), zmm(16), zmm(17));
    a.op(Op.VPUNPCKHDQ, zmm(21), zmm(16), zmm(17));
    a.op(Op.VPUNPCKLDQ, zmm(22), zmm(18), zmm(19));
    a.op(Op.VPUNPCKHDQ, zmm(23), zmm(18), zmm(19));
    a.op(Op.VPUNPCKLQDQ, zmm(to), zmm(20), zmm(22));
    a.op(Op.VPUNPCKHQDQ, zmm(to + 1), zmm(20), zmm(22));
    a.op(Op.VPUNPCKLQDQ, zmm(to + 2), zmm(21), zmm(23));
    a.op(Op.VPUNPCKHQDQ, zmm(to + 3), zmm(21), zmm(23));
  }

  /** The first word of them only. */
  final void transposeFirst(int at, int to) {
    gather(at);
    a.op(Op.VPUNPCKLDQ, zmm(20), zmm(16), zmm(17));
    a.op(Op.VPUNPCKLDQ, zmm(22), zmm(18), zmm(19));
    a.op(Op.VPUNPCKLQDQ, zmm(to), zmm(20), zmm(22));
  }

  /** Sixteen bytes of row 4 lane + i to a lane of vector 16 + i. */
  private void gather(int at) {
    for (int i = 0; i < 4; i++) {
      Vec v = zmm(16 + i);
      prefetch(linesAtOnce);
      a.op(Op.VMOVDQU, v.as(128), row(0, i, at));
      for (int lane = 1; lane < 4; lane++) {
        a.op(Op.VINSERTI128, v, v, row(lane, i, at), lane);
      }
    }
  }

  /** Row 4 lane + i. */
  private static Mem row(int lane, int i, int at) {
    return switch (i) {
      case 0 -> Mem.at(BASE[lane], at);
      case 1 -> Mem.at(BASE[lane], Gpr.RDX, 1, at);
      case 2 -> Mem.at(BASE[lane], Gpr.RDX, 2, at);
      default -> Mem.at(BASE[lane], Gpr.RCX, 1, at);
    };
  }

  final Mem all(int word) {
    return a.constant(word).toAll();
  }

  private Mem all(float value) {
    return all(Float.floatToRawIntBits(value));
  }

  /** The 16-bit float in the low or high half of each word. */
  final void halves(Vec to, Vec words, boolean high) {
    Vec from = words;
    if (high) {
      a.op(Op.VPSRLD, to, words, 16);
      from = to;
    }
    a.op(Op.VPMOVDW, to.as(256), from);
    a.op(Op.VCVTPH2PS, to, to.as(256));
  }

  void put(int unitNumber, int j, Vec codes) {
    a.op(Op.VMOVDQU_STORE, Mem.at(OUT, unitNumber * unitStride + 64 * j), codes);
  }

  /** Before the first codes of a unit whose sum will be kept. */
  void beginSum(Vec sum) {
    Emit.zero(a, sum);
  }

  /** The same for signed codes, whose sum is kept in {@code sum}. */
  void put(int unitNumber, int j, Vec codes, Vec sum) {
    put(unitNumber, j, codes);
    a.op(Op.VPDPBUSD, sum, ONES, codes);
  }

  /** Makes codes signed that are too large by {@code offset}. */
  void less(Vec codes, int offset) {
    a.op(Op.VPSUBB, codes, codes, a.repeated(0x0101_0101 * offset, 16));
  }

  /** Scales are behind the codes, minima behind the scales. */
  private Mem scales(int unitNumber) {
    return Mem.at(OUT, unitNumber * unitStride + unit - 128);
  }

  void putScales(int unitNumber, Vec scale) {
    a.op(Op.VMOVUPS_STORE, scales(unitNumber), scale);
  }

  void putScales(int unitNumber, Vec scale, Vec minimum) {
    putScales(unitNumber, scale);
    a.op(Op.VMOVUPS_STORE, scales(unitNumber).plus(64), minimum);
  }

  /** -128 times the sum of a unit's signed codes. */
  void putSum(int unitNumber, Vec sum) {
    a.op(Op.VPSLLD, sum, sum, 7);
    Emit.zero(a, zmm(26));
    a.op(Op.VPSUBD, sum, zmm(26), sum);
    a.op(Op.VMOVDQU_STORE, scales(unitNumber).plus(64), sum);
  }

  /** {@code to = (words >> bit) & mask}. */
  final void bits(Vec to, Vec words, int bit, int mask) {
    if (bit == 0) {
      a.op(Op.VPAND, to, words, all(mask));
    } else {
      a.op(Op.VPSRLD, to, words, bit);
      a.op(Op.VPAND, to, to, all(mask));
    }
  }

  /** Adds {@code ((words >> bit) & mask) << up}. */
  private void orBits(Vec to, Vec words, int bit, int mask, int up) {
    Vec t = zmm(27);
    if (up > bit) {
      a.op(Op.VPSLLD, t, words, up - bit);
    } else if (bit > up) {
      a.op(Op.VPSRLD, t, words, bit - up);
    } else {
      a.op(Op.VMOVDQU, t, words);
    }
    a.op(Op.VPAND, t, t, all(mask << up));
    a.op(Op.VPOR, to, to, t);
  }

  private void toTable(Vec codes) {
    a.op(Op.VPSHUFB, codes, TABLE, codes);
  }

  // --- blocks of 32
  // -------------------------------------------------------------------------------

  private void blockOf32() {
    Vec scale = D;
    Vec minimum = D_MIN;
    Vec high = zmm(8); // fifth bits
    transpose(0, 0);
    switch (type) {
      case MXFP4 -> {
        a.op(Op.VPAND, scale, zmm(0), all(0xFF));
        a.op(Op.VPSLLD, scale, scale, 23);
        Tables.halve(a, scale);
      }
      default -> halves(scale, zmm(0), false);
    }
    if (type == DType.Q5_0) {
      a.op(Op.VPSRLD, high, zmm(0), 16);
      a.op(Op.VPSLLD, zmm(1), zmm(1), 16);
      a.op(Op.VPOR, high, high, zmm(1));
    } else if (type == DType.Q5_1) {
      a.op(Op.VMOVDQU, high, zmm(1));
    }
    boolean signed = !hasMinimum(type);
    if (signed) {
      putScales(0, scale);
    } else {
      halves(minimum, zmm(0), true);
      putScales(0, scale, minimum);
    }
    Vec sum = zmm(24);
    Emit.zero(a, sum);
    if (type == DType.Q8_0) {
      for (int half = 0; half < 2; half++) {
        transpose(2 + 16 * half, 0);
        for (int i = 0; i < 4; i++) {
          put(0, 4 * half + i, zmm(i), sum);
        }
      }
      putSum(0, sum);
      return;
    }
    transpose(type.blockBytes() - 16, 0);
    for (int i = 0; i < 4; i++) {
      bits(zmm(4), zmm(i), 0, 0x0F0F_0F0F);
      bits(zmm(5), zmm(i), 4, 0x0F0F_0F0F);
      if (type == DType.Q5_0 || type == DType.Q5_1) {
        fifthBits(zmm(4), high, 4 * i);
        fifthBits(zmm(5), high, 4 * i + 16);
      }
      if (signed) {
        for (int k = 0; k < 2; k++) {
          if (tabled()) {
            toTable(zmm(4 + k));
          } else {
            less(zmm(4 + k), type == DType.Q5_0 ? 16 : 8);
          }
          put(0, 4 * k + i, zmm(4 + k), sum);
        }
      } else {
        put(0, i, zmm(4));
        put(0, 4 + i, zmm(5));
      }
    }
    if (signed) {
      putSum(0, sum);
    }
  }

  /** Bits {@code from} to {@code from + 3} of each word, as 16 in its four bytes. */
  private void fifthBits(Vec codes, Vec words, int from) {
    Vec t = zmm(6);
    bits(t, words, from, 15);
    // The product puts bit i to place i + 7 m for m = 0 to 3; bit 8 i is kept.
    a.op(Op.VPMULLD, t, t, all(0x0020_4081));
    a.op(Op.VPAND, t, t, all(0x0101_0101));
    a.op(Op.VPSLLD, t, t, 4);
    a.op(Op.VPOR, codes, codes, t);
  }

  // --- blocks of 256
  // ------------------------------------------------------------------------------

  final void q4k() {
    boolean five = type == DType.Q5_K;
    transpose(0, 0);
    halves(D, zmm(0), false);
    halves(D_MIN, zmm(0), true);
    for (int j = 0; j < 8; j++) {
      Vec scale = zmm(4);
      Vec minimum = zmm(5);
      int at = 8 * (j % 4);
      if (j < 4) {
        bits(scale, zmm(1), at, 63);
        bits(minimum, zmm(2), at, 63);
      } else {
        bits(scale, zmm(3), at, 15);
        orBits(scale, zmm(1), at + 6, 3, 4);
        bits(minimum, zmm(3), at + 4, 15);
        orBits(minimum, zmm(2), at + 6, 3, 4);
      }
      a.op(Op.VCVTDQ2PS, scale, scale);
      a.op(Op.VCVTDQ2PS, minimum, minimum);
      a.op(Op.VMULPS, scale, scale, D);
      a.op(Op.VMULPS, minimum, minimum, D_MIN);
      a.op(Op.VPXOR, minimum, minimum, all(0x8000_0000));
      putScales(j, scale, minimum);
    }
    if (five) {
      transpose(16, 8);
      transpose(32, 12);
    }
    for (int part = 0; part < 8; part++) {
      transpose((five ? 48 : 16) + 16 * part, 0);
      int low = part / 2 * 2;
      for (int i = 0; i < 4; i++) {
        Vec fifth = zmm(8 + part % 2 * 4 + i);
        bits(zmm(4), zmm(i), 0, 0x0F0F_0F0F);
        bits(zmm(5), zmm(i), 4, 0x0F0F_0F0F);
        if (five) {
          orBits(zmm(4), fifth, low, 0x0101_0101, 4);
          orBits(zmm(5), fifth, low + 1, 0x0101_0101, 4);
        }
        put(low, part % 2 * 4 + i, zmm(4));
        put(low + 1, part % 2 * 4 + i, zmm(5));
      }
    }
  }

  private void iq4xs() {
    transpose(0, 0);
    halves(D, zmm(0), false);
    for (int j = 0; j < 8; j++) {
      Vec scale = zmm(4);
      bits(scale, zmm(1), 4 * j, 15);
      orBits(scale, zmm(0), 16 + 2 * j, 3, 4);
      a.op(Op.VPSUBD, scale, scale, all(32));
      a.op(Op.VCVTDQ2PS, scale, scale);
      a.op(Op.VMULPS, scale, scale, D);
      putScales(j, scale);
    }
    for (int j = 0; j < 8; j++) {
      transpose(8 + 16 * j, 0);
      Vec sum = zmm(24);
      Emit.zero(a, sum);
      for (int i = 0; i < 4; i++) {
        bits(zmm(4), zmm(i), 0, 0x0F0F_0F0F);
        bits(zmm(5), zmm(i), 4, 0x0F0F_0F0F);
        toTable(zmm(4));
        toTable(zmm(5));
        put(j, i, zmm(4), sum);
        put(j, 4 + i, zmm(5), sum);
      }
      putSum(j, sum);
    }
  }

  final void q6k() {
    transpose(194, 0);
    halves(D, zmm(3), true);
    transpose(192, 0); // sixteen signed scales
    for (int k = 0; k < 16; k++) {
      Vec scale = zmm(4);
      a.op(Op.VPSLLD, scale, zmm(k / 4), 24 - 8 * (k % 4));
      a.op(Op.VPSRAD, scale, scale, 24);
      a.op(Op.VCVTDQ2PS, scale, scale);
      a.op(Op.VMULPS, scale, scale, D);
      putScales(k, scale);
    }
    for (int half = 0; half < 2; half++) {
      for (int quarter = 0; quarter < 2; quarter++) { // columns 0 to 15 and 16 to 31 of each 32
        transpose(128 + 32 * half + 16 * quarter, 8); // two high bits each
        for (int second = 0; second < 2; second++) {
          transpose(64 * half + 32 * second + 16 * quarter, 0);
          int low = 8 * half + 2 * second + quarter;
          beginSum(zmm(24));
          beginSum(zmm(25));
          for (int i = 0; i < 4; i++) {
            bits(zmm(4), zmm(i), 0, 0x0F0F_0F0F);
            orBits(zmm(4), zmm(8 + i), 2 * second, 0x0303_0303, 4);
            less(zmm(4), 32);
            put(low, i, zmm(4), zmm(24));
            bits(zmm(5), zmm(i), 4, 0x0F0F_0F0F);
            orBits(zmm(5), zmm(8 + i), 2 * second + 4, 0x0303_0303, 4);
            less(zmm(5), 32);
            put(low + 4, i, zmm(5), zmm(25));
          }
          putSum(low, zmm(24));
          putSum(low + 4, zmm(25));
        }
      }
    }
  }

  private void q3k() {
    transpose(94, 0); // the last two codes, twelve bytes of scales, d
    halves(D, zmm(3), true);
    for (int i = 0; i < 3; i++) {
      a.op(Op.VPSRLD, zmm(i), zmm(i), 16);
      a.op(Op.VPSLLD, zmm(4), zmm(i + 1), 16);
      a.op(Op.VPOR, zmm(i), zmm(i), zmm(4));
    }
    for (int k = 0; k < 16; k++) {
      Vec scale = zmm(4);
      int at = 8 * (k % 4);
      bits(scale, zmm(k / 4 % 2), at + k / 8 * 4, 15);
      orBits(scale, zmm(2), at + k / 4 * 2, 3, 4);
      a.op(Op.VPSUBD, scale, scale, all(32));
      a.op(Op.VCVTDQ2PS, scale, scale);
      a.op(Op.VMULPS, scale, scale, D);
      putScales(k, scale);
    }
    for (int quarter = 0; quarter < 2; quarter++) {
      transpose(16 * quarter, 8); // a third bit each
      for (int half = 0; half < 2; half++) {
        transpose(32 + 32 * half + 16 * quarter, 0);
        for (int j = 0; j < 4; j++) {
          int number = 8 * half + 2 * j + quarter;
          Emit.zero(a, zmm(24));
          for (int i = 0; i < 4; i++) {
            bits(zmm(4), zmm(i), 2 * j, 0x0303_0303);
            orBits(zmm(4), zmm(8 + i), 4 * half + j, 0x0101_0101, 2);
            less(zmm(4), 4);
            put(number, i, zmm(4), zmm(24));
          }
          putSum(number, zmm(24));
        }
      }
    }
  }

  private void q2k() {
    transpose(68, 0);
    halves(D, zmm(3), false);
    halves(D_MIN, zmm(3), true);
    transpose(0, 0); // sixteen bytes of scale and minimum
    for (int k = 0; k < 16; k++) {
      bits(zmm(4), zmm(k / 4), 8 * (k % 4), 15);
      bits(zmm(5), zmm(k / 4), 8 * (k % 4) + 4, 15);
      a.op(Op.VCVTDQ2PS, zmm(4), zmm(4));
      a.op(Op.VCVTDQ2PS, zmm(5), zmm(5));
      a.op(Op.VMULPS, zmm(4), zmm(4), D);
      a.op(Op.VMULPS, zmm(5), zmm(5), D_MIN);
      a.op(Op.VPXOR, zmm(5), zmm(5), all(0x8000_0000));
      putScales(k, zmm(4), zmm(5));
    }
    for (int part = 0; part < 4; part++) {
      transpose(16 + 16 * part, 0);
      for (int j = 0; j < 4; j++) {
        for (int i = 0; i < 4; i++) {
          bits(zmm(4), zmm(i), 2 * j, 0x0303_0303);
          put(part / 2 * 8 + 2 * j + part % 2, i, zmm(4));
        }
      }
    }
  }
}
