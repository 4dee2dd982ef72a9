package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.xmm;
import static io.moineau.kernels.x86.Operand.ymm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * Blocks of 256 weights with a scale per 16 or 32 of them: layouts of {@code ggml-common.h}. The
 * scales of a block are unpacked into floats first, multiplied with the activation's, and kept on
 * the stack, from where each is given to all lanes when its turn comes.
 */
final class SuperBlockDot implements DotKernels.DotBlock {
  private static final Vec CODES = ymm(8);
  private static final Vec DOT = ymm(10); // and 11
  private static final Vec FACTOR = ymm(12);
  private static final Vec MASK = ymm(15);
  private static final Vec TABLE = ymm(13);

  private final DotKernels k;
  private final Assembler a;
  private final DType type;
  private final boolean by16;
  private final int frame;

  SuperBlockDot(DotKernels k, DType type) {
    this.k = k;
    this.a = k.a;
    this.type = type;
    this.by16 = type == DType.Q2_K || type == DType.Q3_K || type == DType.Q6_K;
    // Below the stack pointer 128 bytes belong to a leaf function (System V): one row's scales.
    this.frame = 128;
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
    return switch (type) {
      case Q6_K -> -32;
      case Q3_K -> -4;
      case IQ4_XS -> 0;
      default -> -1;
    };
  }

  @Override
  public boolean minimumInAllLanes() {
    return true;
  }

  @Override
  public void prepare() {
    a.op(Op.VMOVDQU, MASK, a.repeated(0x0F0F_0F0F, 8));
    if (type == DType.IQ4_XS) {
      a.op(Op.VMOVDQU, TABLE, Tables.of(a, type));
    }
  }

  @Override
  public void block() {
    for (int r = 0; r < k.rows; r++) {
      Gpr w = DotKernels.WEIGHT[r];
      switch (type) {
        case Q4_K, Q5_K -> {
          scalesAndMinima(w, r);
          a.op(Op.VMOVUPS_STORE, scale(0), ymm(9));
        }
        case IQ4_XS -> scalesOfIq4(w);
        case Q6_K -> scalesOfSixteen(w, r, 208, () -> a.op(Op.VMOVDQU, xmm(8), Mem.at(w, 192)));
        case Q3_K -> scalesOfSixteen(w, r, 108, () -> scalesOfQ3(w));
        default -> scalesOfQ2(w, r);
      }
      for (int j = 0; j < 8; j++) {
        codes(w, j);
        part(r, j);
      }
    }
  }

  /** Scale {@code i} of this row, as it was left on the stack. */
  private Mem scale(int i) {
    return Mem.at(Gpr.RSP, 4 * i - frame);
  }

  /** 32 codes times each activation, with their one scale or two. */
  private void part(int r, int j) {
    boolean signed = type == DType.IQ4_XS;
    Vec signs = ymm(9);
    if (signed) {
      a.op(Op.VMOVDQU, signs, CODES);
      a.op(Op.VPABSB, CODES, CODES);
    }
    for (int n = 0; n < k.acts; n++) {
      Mem codes = Mem.at(DotKernels.X[n], 32 * j);
      if (signed) {
        k.signedProducts(DOT, CODES, signs, codes);
      } else {
        k.products(DOT, CODES, codes);
      }
      a.op(Op.VBROADCASTSS, FACTOR, k.scale(n, j));
      if (by16) {
        a.op(Op.VBROADCASTSS, xmm(11), scale(2 * j));
        a.op(Op.VBROADCASTSS, xmm(9), scale(2 * j + 1));
        a.op(Op.VINSERTI128, ymm(11), ymm(11), xmm(9), 1);
      } else {
        a.op(Op.VBROADCASTSS, ymm(11), scale(j));
      }
      a.op(Op.VMULPS, FACTOR, FACTOR, ymm(11));
      a.op(Op.VFMADD231PS, k.sum(r, n), DOT, FACTOR);
    }
  }

  // --- scales -----------------------------------------------------------------------------------

  /**
   * Q4_K and Q5_K: d, dmin, then eight scales and eight minima of 6 bits in 12 bytes. Leaves the
   * scales in ymm9.
   */
  void scalesAndMinima(Gpr w, int r) {
    Vec x = xmm(8);
    Vec high = xmm(9);
    Vec top = xmm(10);
    a.op(Op.VMOVDQU, x, Mem.at(w, 4));
    a.op(Op.VPSHUFD, high, x, 0xAA); // the last four bytes hold low bits of the upper four
    a.op(Op.VPSRLVD, high, high, a.constant(0, 4, 0, 4));
    a.op(Op.VPAND, high, high, MASK.as(128));
    a.op(Op.VPSRLW, top, x, 2);
    a.op(Op.VPAND, top, top, a.repeated(0x3030_3030, 4));
    a.op(Op.VPOR, high, high, top);
    a.op(Op.VPAND, x, x, a.repeated(0x3F3F_3F3F, 4));
    a.op(Op.VPUNPCKLDQ, x, x, high); // bytes: eight scales, eight minima
    a.op(Op.VPMOVZXBD, ymm(9), x);
    a.op(Op.VPSHUFD, x, x, 0x4E);
    a.op(Op.VPMOVZXBD, ymm(10), x);
    a.op(Op.VCVTDQ2PS, ymm(9), ymm(9));
    a.op(Op.VCVTDQ2PS, ymm(10), ymm(10));
    Emit.half(a, ymm(11), Mem.at(w, 0));
    a.op(Op.VMULPS, ymm(9), ymm(9), ymm(11));
    Emit.half(a, ymm(11), Mem.at(w, 2));
    a.op(Op.VMULPS, ymm(10), ymm(10), ymm(11));
    for (int n = 0; n < k.acts; n++) {
      a.op(Op.VFMADD231PS, k.minimum(r, n), ymm(10), k.sum32(n, 0));
    }
  }

  /** IQ4_XS: d, 16 high bits by two, 32 low bits by four. */
  private void scalesOfIq4(Gpr w) {
    a.op(Op.VPBROADCASTD, ymm(8), Mem.at(w, 4));
    a.op(Op.VPSRLVD, ymm(8), ymm(8), a.constant(0, 4, 8, 12, 16, 20, 24, 28));
    a.op(Op.VPAND, ymm(8), ymm(8), a.repeated(15, 8));
    a.op(Op.VPBROADCASTD, ymm(9), Mem.at(w, 2));
    a.op(Op.VPSRLVD, ymm(9), ymm(9), a.constant(0, 2, 4, 6, 8, 10, 12, 14));
    a.op(Op.VPAND, ymm(9), ymm(9), a.repeated(3, 8));
    a.op(Op.VPSLLD, ymm(9), ymm(9), 4);
    a.op(Op.VPOR, ymm(8), ymm(8), ymm(9));
    a.op(Op.VPSUBD, ymm(8), ymm(8), a.repeated(32, 8));
    a.op(Op.VCVTDQ2PS, ymm(8), ymm(8));
    Emit.half(a, ymm(9), Mem.at(w, 0));
    a.op(Op.VMULPS, ymm(8), ymm(8), ymm(9));
    a.op(Op.VMOVUPS_STORE, scale(0), ymm(8));
  }

  /** Sixteen signed bytes in xmm8, times the scale at {@code d}; sums of 16 go to the minima. */
  private void scalesOfSixteen(Gpr w, int r, int d, Runnable toBytes) {
    toBytes.run();
    a.op(Op.VPMOVSXBD, ymm(9), xmm(8));
    a.op(Op.VPSHUFD, xmm(8), xmm(8), 0x4E);
    a.op(Op.VPMOVSXBD, ymm(10), xmm(8));
    a.op(Op.VCVTDQ2PS, ymm(9), ymm(9));
    a.op(Op.VCVTDQ2PS, ymm(10), ymm(10));
    Emit.half(a, ymm(11), Mem.at(w, d));
    a.op(Op.VMULPS, ymm(9), ymm(9), ymm(11));
    a.op(Op.VMULPS, ymm(10), ymm(10), ymm(11));
    a.op(Op.VMOVUPS_STORE, scale(0), ymm(9));
    a.op(Op.VMOVUPS_STORE, scale(8), ymm(10));
    minima16(r);
  }

  private void minima16(int r) {
    for (int n = 0; n < k.acts; n++) {
      a.op(Op.VFMADD231PS, k.minimum(r, n), ymm(9), k.sum16(n, 0));
      a.op(Op.VFMADD231PS, k.minimum(r, n), ymm(10), k.sum16(n, 8));
    }
  }

  /** Q3_K: sixteen scales of 6 bits, less 32, in 12 bytes. */
  private void scalesOfQ3(Gpr w) {
    Vec x = xmm(9);
    Vec low = xmm(8);
    // The 12 bytes at 96, read so that nothing behind the block is touched, and moved to the front.
    a.op(Op.VMOVDQU, x, Mem.at(w, 94));
    a.op(Op.VPSHUFB, x, x, a.constant(0x0504_0302, 0x0908_0706, 0x0D0C_0B0A, 0x8080_8080));
    a.op(Op.VPSHUFD, low, x, 0x44);
    a.op(Op.VPSRLVD, low, low, a.constant(0, 0, 4, 4));
    a.op(Op.VPAND, low, low, MASK.as(128));
    a.op(Op.VPSHUFD, x, x, 0xAA);
    a.op(Op.VPSRLVD, x, x, a.constant(0, 2, 4, 6));
    a.op(Op.VPAND, x, x, a.repeated(0x0303_0303, 4));
    a.op(Op.VPSLLD, x, x, 4);
    a.op(Op.VPOR, low, low, x);
    a.op(Op.VPSUBB, low, low, a.repeated(0x2020_2020, 4));
  }

  /** Q2_K: sixteen bytes of a scale and a minimum of 4 bits; d at 80, dmin at 82. */
  private void scalesOfQ2(Gpr w, int r) {
    a.op(Op.VMOVDQU, xmm(8), Mem.at(w, 0));
    a.op(Op.VPAND, xmm(9), xmm(8), MASK.as(128));
    a.op(Op.VPSRLW, xmm(8), xmm(8), 4);
    a.op(Op.VPAND, xmm(8), xmm(8), MASK.as(128));
    Emit.half(a, ymm(11), Mem.at(w, 80));
    for (int half = 0; half < 2; half++) {
      a.op(Op.VPMOVZXBD, ymm(10), xmm(9));
      a.op(Op.VCVTDQ2PS, ymm(10), ymm(10));
      a.op(Op.VMULPS, ymm(10), ymm(10), ymm(11));
      a.op(Op.VMOVUPS_STORE, scale(8 * half), ymm(10));
      a.op(Op.VPSHUFD, xmm(9), xmm(9), 0x4E);
    }
    Emit.half(a, ymm(11), Mem.at(w, 82));
    a.op(Op.VPMOVZXBD, ymm(9), xmm(8));
    a.op(Op.VPSHUFD, xmm(8), xmm(8), 0x4E);
    a.op(Op.VPMOVZXBD, ymm(10), xmm(8));
    a.op(Op.VCVTDQ2PS, ymm(9), ymm(9));
    a.op(Op.VCVTDQ2PS, ymm(10), ymm(10));
    a.op(Op.VMULPS, ymm(9), ymm(9), ymm(11));
    a.op(Op.VMULPS, ymm(10), ymm(10), ymm(11));
    minima16(r);
  }

  // --- codes ------------------------------------------------------------------------------------

  /** Codes 32 j to 32 j + 31, one per byte. */
  private void codes(Gpr w, int j) {
    switch (type) {
      case Q4_K -> nibbles(w, 16 + 32 * (j / 2), j % 2 == 1);
      case Q5_K -> {
        nibbles(w, 48 + 32 * (j / 2), j % 2 == 1);
        bitsTo(ymm(9), Mem.at(w, 16), j, 1, 4);
        a.op(Op.VPOR, CODES, CODES, ymm(9));
      }
      case Q6_K -> {
        // Per 128 codes: 64 bytes of low nibbles, 32 bytes of two high bits each.
        nibbles(w, 64 * (j / 4) + 32 * (j % 2), j % 4 >= 2);
        bitsTo(ymm(9), Mem.at(w, 128 + 32 * (j / 4)), 2 * (j % 4), 2, 4);
        a.op(Op.VPOR, CODES, CODES, ymm(9));
      }
      case Q3_K -> {
        bitsTo(CODES, Mem.at(w, 32 + 32 * (j / 4)), 2 * (j % 4), 2, 0);
        bitsTo(ymm(9), Mem.at(w, 0), j, 1, 2);
        a.op(Op.VPOR, CODES, CODES, ymm(9));
      }
      case Q2_K -> bitsTo(CODES, Mem.at(w, 16 + 32 * (j / 4)), 2 * (j % 4), 2, 0);
      default -> {
        Tables.nibbles(a, CODES, Mem.at(w, 8 + 16 * j), MASK);
        a.op(Op.VPSHUFB, CODES, TABLE, CODES);
      }
    }
  }

  private void nibbles(Gpr w, int at, boolean high) {
    if (high) {
      a.op(Op.VMOVDQU, CODES, Mem.at(w, at));
      a.op(Op.VPSRLW, CODES, CODES, 4);
      a.op(Op.VPAND, CODES, CODES, MASK);
    } else {
      a.op(Op.VPAND, CODES, MASK, Mem.at(w, at));
    }
  }

  /** Of each of 32 bytes, {@code count} bits from {@code bit} on, moved to bit {@code to}. */
  private void bitsTo(Vec out, Mem bytes, int bit, int count, int to) {
    int mask = ((1 << count) - 1 << to) * 0x0101_0101;
    Mem kept = a.repeated(mask, 8);
    if (bit == to) {
      a.op(Op.VMOVDQU, out, kept);
      a.op(Op.VPAND, out, out, bytes);
      return;
    }
    a.op(Op.VMOVDQU, out, bytes);
    // Shifts of 16-bit lanes carry bits into the neighbour byte, where the mask drops them.
    a.op(bit > to ? Op.VPSRLW : Op.VPSLLW, out, out, Math.abs(bit - to));
    a.op(Op.VPAND, out, out, kept);
  }
}
