package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.ymm;
import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * Super-blocks in vectors of 512 bits: 64 columns at a time, half of the instructions of {@link
 * SuperBlockDot}. Needs AVX-512 VNNI.
 *
 * <p>The codes of Q6_K are unsigned, too large by an offset; what that makes too much is the same
 * for all rows, so the sums begin with its negative.
 */
final class WideDot implements DotKernels.DotBlock {
  private static final Vec X = zmm(24);
  private static final Vec BEGIN = zmm(14); // what sums begin with
  private static final Vec CODES = zmm(20);
  private static final Vec HIGH = zmm(21);
  private static final Vec DOT = zmm(22);
  private static final Vec FACTOR = zmm(23);
  private static final Vec PICK = zmm(25);
  private static final Vec PICK_X = zmm(26);
  private static final Vec MASK = zmm(28);
  private static final Vec SHIFTS = zmm(29);
  private static final Vec OFFSETS = zmm(30);
  private static final Vec SCALES_X = zmm(31);

  private final DotKernels k;
  private final Assembler a;
  private final DType type;
  private final DotKernels.DotBlock narrow;

  WideDot(DotKernels k, DType type, DotKernels.DotBlock narrow) {
    this.k = k;
    this.a = k.a;
    this.type = type;
    this.narrow = narrow;
  }

  static boolean supports(Isa isa, DType type) {
    return isa.avx512Vnni()
        && switch (type) {
          case Q4_K, Q5_K, Q6_K -> true;
          default -> false;
        };
  }

  @Override
  public int weightBytes() {
    return type.blockBytes();
  }

  @Override
  public int activationBytes() {
    return 256;
  }

  @Override
  public float minimumFactor() {
    return type == DType.Q6_K ? 0 : narrow.minimumFactor();
  }

  @Override
  public boolean minimumInAllLanes() {
    return narrow.minimumInAllLanes();
  }

  @Override
  public void prepare() {
    narrow.prepare(); // registers 13 and 15
    a.op(Op.VPBROADCASTD, MASK, a.constant(0x0F0F_0F0F));
    a.op(Op.VMOVDQU, SHIFTS, a.constant(0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 4, 0, 4, 0));
    if (type == DType.Q6_K) {
      a.op(Op.VPBROADCASTD, OFFSETS, a.constant(0x2020_2020));
    }
  }

  @Override
  public void block() {
    if (type == DType.Q6_K) {
      q6k();
    } else {
      q4k();
    }
  }

  /** {@code BEGIN = - 32 * sum of x}, per lane of four columns. */
  private void begin() {
    Emit.zero(a, DOT);
    a.op(Op.VPDPBUSD, DOT, OFFSETS, X);
    Emit.zero(a, BEGIN);
    a.op(Op.VPSUBD, BEGIN, BEGIN, DOT);
  }

  private void products() {
    if (type != DType.Q6_K) {
      Emit.zero(a, DOT);
    } else {
      a.op(Op.VMOVDQU, DOT, BEGIN);
    }
    a.op(Op.VPDPBUSD, DOT, CODES, X);
    a.op(Op.VCVTDQ2PS, DOT, DOT);
  }

  private Vec sum(int row, int act) {
    return zmm(row * k.acts + act);
  }

  /** One activation is loaded once for all rows; several, for each row. */
  private void loadX(int act, int c, boolean beforeRows) {
    if (beforeRows == (k.acts == 1)) {
      a.op(Op.VMOVDQU, X, Mem.at(DotKernels.X[act], 64 * c));
    }
  }

  /**
   * Lanes of eight, or of four, that each take one element of a vector, counted from {@code first}.
   */
  private Mem picks(int first, int lanes) {
    int[] words = new int[16];
    for (int i = 0; i < 16; i++) {
      words[i] = first + i / lanes;
    }
    return a.constant(words);
  }

  /** How far bytes' bits are rotated left, in the lower and in the upper half. */
  private void rotate(Vec v, int lower, int upper) {
    int[] counts = new int[16];
    for (int i = 0; i < 16; i++) {
      counts[i] = (i < 8 ? lower : upper) & 31;
    }
    a.op(Op.VPROLVD, v, v, a.constant(counts));
  }

  /** {@code CODES |= HIGH & mask}. */
  private void orHigh(int mask) {
    a.op(Op.VPTERNLOGD, CODES, HIGH, a.constant(mask).toAll(), 0xF8);
  }

  private void q4k() {
    SuperBlockDot scales = (SuperBlockDot) narrow;
    for (int r = 0; r < k.rows; r++) {
      scales.scalesAndMinima(DotKernels.WEIGHT[r], r);
      for (int n = 0; n < k.acts; n++) {
        a.op(Op.VMULPS, ymm(16 + r * k.acts + n), ymm(9), k.scale(n, 0));
      }
    }
    boolean five = type == DType.Q5_K;
    for (int c = 0; c < 4; c++) {
      loadX(0, c, true);
      a.op(Op.VMOVDQU, PICK, picks(2 * c, 8));
      for (int r = 0; r < k.rows; r++) {
        Gpr w = DotKernels.WEIGHT[r];
        a.op(Op.VBROADCASTI64X4, CODES, Mem.at(w, (five ? 48 : 16) + 32 * c));
        a.op(Op.VPSRLVQ, CODES, CODES, SHIFTS);
        a.op(Op.VPAND, CODES, CODES, MASK);
        if (five) {
          a.op(Op.VBROADCASTI64X4, HIGH, Mem.at(w, 16));
          rotate(HIGH, 4 - 2 * c, 3 - 2 * c);
          orHigh(0x1010_1010);
        }
        for (int n = 0; n < k.acts; n++) {
          loadX(n, c, false);
          products();
          a.op(Op.VPERMPS, FACTOR, PICK, zmm(16 + r * k.acts + n));
          a.op(Op.VFMADD231PS, sum(r, n), DOT, FACTOR);
        }
      }
    }
  }

  /** The activation's part of 64 columns of Q6_K: codes, their sum, scales. */
  private void prepareX(int act, int c, boolean beforeRows) {
    loadX(act, c, beforeRows);
    if (beforeRows == (k.acts == 1)) {
      begin();
      a.op(Op.VPERMPS, SCALES_X, PICK_X, k.scale(act, 0));
    }
  }

  private void q6k() {
    for (int r = 0; r < k.rows; r++) {
      Gpr w = DotKernels.WEIGHT[r];
      Vec scale = zmm(16 + r);
      a.op(Op.VPMOVSXBD, scale, Mem.at(w, 192));
      a.op(Op.VCVTDQ2PS, scale, scale);
      Emit.half(a, FACTOR, Mem.at(w, 208));
      a.op(Op.VMULPS, scale, scale, FACTOR);
    }
    for (int c = 0; c < 4; c++) {
      int half = c / 2;
      boolean high = c % 2 == 1;
      a.op(Op.VMOVDQU, PICK_X, picks(2 * c, 8));
      a.op(Op.VMOVDQU, PICK, picks(4 * c, 4));
      prepareX(0, c, true);
      for (int r = 0; r < k.rows; r++) {
        Gpr w = DotKernels.WEIGHT[r];
        a.op(Op.VMOVDQU, CODES, Mem.at(w, 64 * half));
        if (high) {
          a.op(Op.VPSRLW, CODES, CODES, 4);
        }
        a.op(Op.VPAND, CODES, CODES, MASK);
        a.op(Op.VBROADCASTI64X4, HIGH, Mem.at(w, 128 + 32 * half));
        rotate(HIGH, high ? 0 : 4, high ? -2 : 2);
        orHigh(0x3030_3030);
        for (int n = 0; n < k.acts; n++) {
          prepareX(n, c, false);
          products();
          a.op(Op.VPERMPS, FACTOR, PICK, zmm(16 + r));
          a.op(Op.VMULPS, FACTOR, FACTOR, SCALES_X);
          a.op(Op.VFMADD231PS, sum(r, n), DOT, FACTOR);
        }
      }
    }
  }
}
