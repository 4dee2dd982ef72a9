package io.moineau.kernels.x86;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Code for attention of many query rows at once (tokens times heads of one key-value head). Rows
 * are the lanes of vectors, so that the softmax over positions is plain arithmetic between vectors,
 * and keys and values are read where they lie, one element for all lanes.
 *
 * <p>Two vectors of rows make a tile: {@link #rows()} is 32 with AVX-512, 16 with AVX2.
 */
final class AttentionCode implements AutoCloseable {
  /** How many rows ahead keys and values are asked for. */
  static final int ROWS_AHEAD = 16;

  /** Arguments of a product: offsets in bytes, 64 bits each. */
  static final int A = 0;

  static final int A_ROW = 8;
  static final int A_COLUMN = 16;

  /** Columns of A, rows of B. */
  static final int DEPTH = 24;

  /** Rows of A, divided by {@link #ROWS_AT_ONCE}. */
  static final int GROUPS = 32;

  static final int B = 40;
  static final int C = 48;

  /** Address of the factor on what C held, per lane; of a row's score the scale itself, a float. */
  static final int FACTOR = 56;

  /** Arguments of the softmax. */
  static final int SCORES = 0;

  static final int POSITIONS = 8;

  /** Address of the lanes' state: {@link #MAX} and so on, in vectors of {@link #rows()} floats. */
  static final int STATE = 16;

  /** The number of the first position, as a float in the low 32 bits. */
  static final int FIRST_POSITION = 24;

  /** Arguments of the conversion to floats. */
  static final int LIST = 0;

  static final int COUNT = 8;

  /** Elements of a row divided by 16, or by 32 for Q8_0. */
  static final int PIECES = 16;

  static final int TARGET = 24;

  /**
   * Parts of the state, in order: the highest score, the sum, the factor, first and last position.
   */
  static final int MAX = 0;

  static final int SUM = 1;
  static final int SCALE = 2;
  static final int FIRST = 3;
  static final int LAST = 4;
  static final int STATE_PARTS = 5;

  /**
   * What the highest score begins with: nothing that is seen is lower, nothing unseen is higher.
   */
  static final float LOWEST = -1e20f;

  private static final float UNSEEN = 1e30f;
  private static final int VECTORS = 2;

  private final int bits;
  private final int rowsAtOnce;
  private final CodeMemory code;
  final MemorySegment score;
  final MemorySegment mix;
  final MemorySegment softmax;
  final MemorySegment maskedSoftmax;
  final MemorySegment rowScore;
  final MemorySegment rowSoftmax;
  final MemorySegment rowMix64;
  final MemorySegment rowMix16;
  private final MemorySegment fromF32;
  private final MemorySegment fromF16;
  private final MemorySegment fromQ8;

  AttentionCode(Isa isa) {
    bits = isa.avx512() ? 512 : 256;
    rowsAtOnce = isa.avx512() ? 8 : 4; // their sums fill 16 or 8 registers
    Assembler a = new Assembler();
    final int scoreAt = product(a, "attention_score", false);
    final int mixAt = product(a, "attention_mix", true);
    final int softmaxAt = softmax(a, false);
    final int maskedAt = softmax(a, true);
    AttentionRowCode row = new AttentionRowCode(bits);
    final int rowScoreAt = row.score(a);
    final int rowSoftmaxAt = row.softmax(a);
    final int rowMix64At = row.mix(a, 64);
    final int rowMix16At = row.mix(a, 16);
    final int f32At = toFloats(a, DType.F32);
    final int f16At = toFloats(a, DType.F16);
    final int q8At = toFloats(a, DType.Q8_0);
    code = CodeMemory.of(a.finish(), a.symbols());
    score = code.at(scoreAt);
    mix = code.at(mixAt);
    softmax = code.at(softmaxAt);
    maskedSoftmax = code.at(maskedAt);
    rowScore = code.at(rowScoreAt);
    rowSoftmax = code.at(rowSoftmaxAt);
    rowMix64 = code.at(rowMix64At);
    rowMix16 = code.at(rowMix16At);
    fromF32 = code.at(f32At);
    fromF16 = code.at(f16At);
    fromQ8 = code.at(q8At);
  }

  /** Query rows of a tile. */
  int rows() {
    return VECTORS * bits / 32;
  }

  /**
   * Positions, or elements of a value, that a product takes at once: counts are multiples of it.
   */
  int rowsAtOnce() {
    return rowsAtOnce;
  }

  /** The code that turns listed rows of keys or values into floats. */
  MemorySegment toFloats(DType type) {
    return switch (type) {
      case F32 -> fromF32;
      case F16 -> fromF16;
      default -> fromQ8;
    };
  }

  private Vec vec(int index) {
    return new Vec(index, bits);
  }

  private int bytes() {
    return bits / 8;
  }

  /**
   * {@code C[i][lane] = sum over k of A[i][k] * B[k][lane]}, plus factor[lane] times what was in C
   * if {@code adds}. B and C are dense with {@link #rows()} lanes.
   */
  private int product(Assembler a, String name, boolean adds) {
    final int entry = a.begin(name);
    Gpr[] base = {Gpr.RSI, Gpr.RDX};
    Gpr row = Gpr.RCX;
    Gpr threeRows = Gpr.R8;
    Gpr b = Gpr.R9;
    Gpr c = Gpr.R10;
    Gpr depth = Gpr.R11;
    Gpr columnBytes = Gpr.RBX;
    Gpr groups = Gpr.RBP;
    Gpr at = Gpr.R12;
    Emit.enter(a);
    a.mov(at, Mem.at(Gpr.RDI, A));
    a.mov(row, Mem.at(Gpr.RDI, A_ROW));
    a.lea(threeRows, Mem.at(row, row, 2, 0));
    a.mov(columnBytes, Mem.at(Gpr.RDI, A_COLUMN));
    a.mov(groups, Mem.at(Gpr.RDI, GROUPS));
    a.mov(c, Mem.at(Gpr.RDI, C));
    Label nextGroup = a.label();
    a.bind(nextGroup);
    a.mov(base[0], at);
    a.lea(base[1], Mem.at(at, row, 4, 0));
    a.mov(b, Mem.at(Gpr.RDI, B));
    a.mov(depth, Mem.at(Gpr.RDI, DEPTH));
    if (adds) {
      a.mov(Gpr.RAX, Mem.at(Gpr.RDI, FACTOR));
    }
    int vb = VECTORS * rowsAtOnce; // registers behind the sums: rows of B, then an element of A
    for (int i = 0; i < rowsAtOnce; i++) {
      for (int v = 0; v < VECTORS; v++) {
        Vec sum = vec(VECTORS * i + v);
        if (adds) {
          a.op(Op.VMOVUPS, sum, Mem.at(Gpr.RAX, bytes() * v));
          a.op(Op.VMULPS, sum, sum, Mem.at(c, bytes() * (VECTORS * i + v)));
        } else {
          Emit.zero(a, sum);
        }
      }
    }
    Label next = a.label();
    a.bind(next);
    for (int v = 0; v < VECTORS; v++) {
      a.op(Op.VMOVUPS, vec(vb + v), Mem.at(b, bytes() * v));
    }
    for (int i = 0; i < rowsAtOnce; i++) {
      Vec element = vec(vb + VECTORS + i % 2);
      a.op(Op.VBROADCASTSS, element, element(base[i / 4], row, threeRows, i % 4));
      for (int v = 0; v < VECTORS; v++) {
        a.op(Op.VFMADD231PS, vec(VECTORS * i + v), element, vec(vb + v));
      }
    }
    a.add(base[0], columnBytes);
    if (rowsAtOnce > 4) {
      a.add(base[1], columnBytes);
    }
    a.add(b, VECTORS * bytes());
    a.sub(depth, 1);
    a.jump(Assembler.Condition.NE, next);
    for (int i = 0; i < VECTORS * rowsAtOnce; i++) {
      a.op(Op.VMOVUPS_STORE, Mem.at(c, bytes() * i), vec(i));
    }
    a.add(c, bytes() * VECTORS * rowsAtOnce);
    for (int i = 0; i < rowsAtOnce; i += 4) {
      a.lea(at, Mem.at(at, row, 4, 0));
    }
    a.sub(groups, 1);
    a.jump(Assembler.Condition.NE, nextGroup);
    Emit.leave(a);
    return entry;
  }

  static Mem element(Gpr base, Gpr row, Gpr threeRows, int i) {
    return switch (i) {
      case 0 -> Mem.at(base, 0);
      case 1 -> Mem.at(base, row, 1, 0);
      case 2 -> Mem.at(base, row, 2, 0);
      default -> Mem.at(base, threeRows, 1, 0);
    };
  }

  /**
   * Turns scores [positions][lanes] into weights {@code exp(score - max)}; brings max and sum up to
   * date and leaves the factor by which earlier sums are now too large.
   *
   * @param masked whether some lanes do not see some of the positions
   */
  private int softmax(Assembler a, boolean masked) {
    final int entry = a.begin(masked ? "attention_masked_softmax" : "attention_softmax");
    Gpr scores = Gpr.RSI;
    Gpr count = Gpr.RDX;
    Gpr state = Gpr.RCX;
    Gpr at = Gpr.R8;
    Gpr left = Gpr.R9;
    a.mov(scores, Mem.at(Gpr.RDI, SCORES));
    a.mov(count, Mem.at(Gpr.RDI, POSITIONS));
    a.mov(state, Mem.at(Gpr.RDI, STATE));
    for (int v = 0; v < VECTORS; v++) {
      Vec max = vec(0);
      Vec before = vec(1);
      Vec sum = vec(2);
      Vec x = vec(3);
      Vec position = vec(4);
      Vec first = vec(9);
      Vec last = vec(10);
      a.op(Op.VMOVUPS, max, part(state, MAX, v));
      a.op(Op.VMOVUPS, before, max);
      if (masked) {
        a.op(Op.VMOVUPS, first, part(state, FIRST, v));
        a.op(Op.VMOVUPS, last, part(state, LAST, v));
        a.op(Op.VBROADCASTSS, position, Mem.at(Gpr.RDI, FIRST_POSITION));
      }
      a.mov(left, count);
      a.lea(at, Mem.at(scores, bytes() * v));
      Label nextScore = a.label();
      a.bind(nextScore);
      if (masked) {
        // Beyond the last or before the first position a score falls by 1e30 per position.
        a.op(Op.VMOVUPS, x, Mem.at(at, 0));
        a.op(Op.VSUBPS, vec(5), last, position);
        a.op(Op.VSUBPS, vec(6), position, first);
        a.op(Op.VMINPS, vec(5), vec(5), vec(6));
        Emit.zero(a, vec(6));
        a.op(Op.VMINPS, vec(5), vec(5), vec(6));
        a.op(Op.VFMADD231PS, x, vec(5), all(a, UNSEEN));
        a.op(Op.VMOVUPS_STORE, Mem.at(at, 0), x);
        a.op(Op.VADDPS, position, position, all(a, 1));
        a.op(Op.VMAXPS, max, max, x);
      } else {
        a.op(Op.VMAXPS, max, max, Mem.at(at, 0)); // the second operand's NaN would be kept
      }
      a.add(at, VECTORS * bytes());
      a.sub(left, 1);
      a.jump(Assembler.Condition.NE, nextScore);
      Emit.zero(a, sum);
      a.mov(left, count);
      a.lea(at, Mem.at(scores, bytes() * v));
      Label nextWeight = a.label();
      a.bind(nextWeight);
      a.op(Op.VMOVUPS, x, Mem.at(at, 0));
      a.op(Op.VSUBPS, x, x, max);
      Emit.exp(a, x, 5);
      a.op(Op.VADDPS, sum, sum, x);
      a.op(Op.VMOVUPS_STORE, Mem.at(at, 0), x);
      a.add(at, VECTORS * bytes());
      a.sub(left, 1);
      a.jump(Assembler.Condition.NE, nextWeight);
      a.op(Op.VSUBPS, x, before, max);
      Emit.exp(a, x, 5);
      a.op(Op.VMOVUPS_STORE, part(state, SCALE, v), x);
      a.op(Op.VMOVUPS_STORE, part(state, MAX, v), max);
      a.op(Op.VFMADD231PS, sum, x, part(state, SUM, v));
      a.op(Op.VMOVUPS_STORE, part(state, SUM, v), sum);
    }
    a.vzeroupper();
    a.ret();
    return entry;
  }

  private Mem part(Gpr state, int part, int vector) {
    return Mem.at(state, bytes() * (VECTORS * part + vector));
  }

  private Mem all(Assembler a, float value) {
    return a.repeated(Float.floatToRawIntBits(value), bits / 32);
  }

  /**
   * Rows whose addresses are listed, as floats one behind another. The list has {@link #ROWS_AHEAD}
   * entries more than there are rows, which are prefetched, and may be any.
   */
  private int toFloats(Assembler a, DType type) {
    final int entry = a.begin("attention_from_" + type);
    Gpr list = Gpr.RSI;
    Gpr count = Gpr.RDX;
    Gpr to = Gpr.RCX;
    Gpr from = Gpr.R8;
    Gpr left = Gpr.R9;
    a.mov(list, Mem.at(Gpr.RDI, LIST));
    a.mov(count, Mem.at(Gpr.RDI, COUNT));
    a.mov(to, Mem.at(Gpr.RDI, TARGET));
    Label nextRow = a.label();
    a.bind(nextRow);
    // Rows of other heads lie between, so that no prefetcher of the processor follows.
    a.mov(from, Mem.at(list, 8 * ROWS_AHEAD));
    for (int line = 0; line < (type == DType.F32 ? 4 : 2); line++) {
      a.prefetcht0(Mem.at(from, 64 * line));
    }
    a.mov(from, Mem.at(list, 0));
    a.mov(left, Mem.at(Gpr.RDI, PIECES));
    Label next = a.label();
    a.bind(next);
    int lanes = bits / 32;
    int piece = type == DType.Q8_0 ? 32 : 16;
    if (type == DType.Q8_0) {
      Emit.half(a, vec(1), Mem.at(from, 0));
    }
    for (int i = 0; i < piece; i += lanes) {
      switch (type) {
        case F32 -> a.op(Op.VMOVUPS, vec(0), Mem.at(from, 4 * i));
        case F16 -> a.op(Op.VCVTPH2PS, vec(0), Mem.at(from, 2 * i));
        default -> {
          a.op(Op.VPMOVSXBD, vec(0), Mem.at(from, 2 + i));
          a.op(Op.VCVTDQ2PS, vec(0), vec(0));
          a.op(Op.VMULPS, vec(0), vec(0), vec(1));
        }
      }
      a.op(Op.VMOVUPS_STORE, Mem.at(to, 4 * i), vec(0));
    }
    a.add(from, type == DType.Q8_0 ? 34 : piece * type.blockBytes());
    a.add(to, 4 * piece);
    a.sub(left, 1);
    a.jump(Assembler.Condition.NE, next);
    a.add(list, 8);
    a.sub(count, 1);
    a.jump(Assembler.Condition.NE, nextRow);
    a.vzeroupper();
    a.ret();
    return entry;
  }

  @Override
  public void close() {
    code.close();
  }
}
