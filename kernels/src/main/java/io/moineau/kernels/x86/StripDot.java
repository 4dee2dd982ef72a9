package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * Sixteen rows of weights times one to four activations: rearranged as {@link StripPack} does, but
 * multiplied at once and never stored. For so few activations writing and reading the strip would
 * take longer than multiplying. Needs AVX-512 VNNI.
 *
 * <p>Rows are lanes, so that a scale serves sixteen rows in one instruction: per 512 weights and
 * activation eight products of bytes and three to four float operations, where {@link PairDot},
 * whose lanes are columns, has eight and twenty-four. Bits are those of {@link StripProduct}: sums
 * of products are whole numbers, and floats are added in the same order.
 */
final class StripDot extends StripPack {
  /** Arguments in memory: offsets in bytes, 64 bits each. */
  static final int WEIGHTS_AT = 0;

  static final int ROW_BYTES_AT = 8;

  /** Blocks of a row. */
  static final int BLOCKS_AT = 16;

  static final int OUT_AT = 24;
  static final int OUT_STRIDE_AT = 32;

  /** Groups of 16 rows that lie one behind another. */
  static final int GROUPS_AT = 40;

  /** Where in an activation the scales are. */
  static final int SCALES_OF_X = 48;

  /** And the sums of 32, or for types without a minimum the integers that sums begin from. */
  static final int SUMS_OF_X = 56;

  /** Addresses of the activations. */
  static final int ACTIVATIONS_AT = 64;

  /** Scales and minima of a super-block's units. */
  private static final int SCRATCH_AT = 128;

  /** Sums of products of eight units, where they do not come in the order of columns. */
  private static final int PRODUCTS_AT = SCRATCH_AT + 1024;

  static final int MOST_ACTIVATIONS = 4;

  /** Bytes of the arguments, with room for what the code keeps there. */
  static final int ARGUMENT_BYTES = PRODUCTS_AT + 8 * MOST_ACTIVATIONS * 64;

  private static final Gpr ARGUMENTS = Gpr.R15;
  private static final Gpr[] X = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13};
  private static final Gpr SCALES = Gpr.R14; // from an activation's codes to its scales
  private static final Gpr SUMS = Gpr.R11;
  private static final int[] SUM = {6, 7, 30, 31}; // float sums, per activation

  /** Integer sums of two units, per activation. */
  private static final int[] PRODUCTS = {8, 9, 10, 11, 12, 13, 14, 15};

  /** The same for Q6_K, whose high bits are in 8 to 11. */
  private static final int[] PRODUCTS_Q6_K = {12, 13, 14, 15, 24, 25, 26, 29};

  private static final Vec FACTOR = zmm(27);
  private static final Vec MINIMUM = zmm(26);

  private final int acts;

  private StripDot(Assembler a, DType type, int acts) {
    super(a, type);
    this.acts = acts;
  }

  static boolean hasCodeFor(DType type) {
    return type == DType.Q4_0 || type == DType.Q4_K || type == DType.Q6_K;
  }

  static int assemble(Assembler a, DType type, int acts) {
    final int entry = a.begin("strip_dot_" + type + "_x" + acts);
    new StripDot(a, type, acts).emit();
    return entry;
  }

  private void emit() {
    Emit.enter(a);
    a.mov(ARGUMENTS, Gpr.RDI);
    Label nextGroup = a.label();
    a.bind(nextGroup);
    a.mov(BASE[0], Mem.at(ARGUMENTS, WEIGHTS_AT));
    a.mov(Gpr.RDX, Mem.at(ARGUMENTS, ROW_BYTES_AT));
    a.lea(Gpr.RCX, Mem.at(Gpr.RDX, Gpr.RDX, 2, 0));
    for (int i = 1; i < 4; i++) {
      a.lea(BASE[i], Mem.at(BASE[i - 1], Gpr.RDX, 4, 0));
    }
    a.lea(AHEAD, Mem.at(BASE[3], Gpr.RDX, 4, 0));
    a.mov(Mem.at(ARGUMENTS, WEIGHTS_AT), AHEAD); // of the next group
    for (int n = 0; n < acts; n++) {
      a.mov(X[n], Mem.at(ARGUMENTS, ACTIVATIONS_AT + 8 * n));
      Emit.zero(a, zmm(SUM[n]));
    }
    a.mov(SCALES, Mem.at(ARGUMENTS, SCALES_OF_X));
    a.mov(SUMS, Mem.at(ARGUMENTS, SUMS_OF_X));
    a.mov(Gpr.RAX, Mem.at(ARGUMENTS, BLOCKS_AT));
    Label nextBlock = a.label();
    a.bind(nextBlock);
    beginStep();
    switch (type) {
      case Q4_K -> q4k();
      case Q6_K -> q6k();
      default -> q40();
    }
    endStep();
    int columns = type.blockSize();
    for (int n = 0; n < acts; n++) {
      a.add(X[n], columns);
    }
    a.add(SCALES, columns / 8 - columns);
    a.add(SUMS, columns / (hasMinimum(type) ? 8 : 4) - columns);
    a.sub(Gpr.RAX, 1);
    a.jump(Assembler.Condition.NE, nextBlock);
    a.mov(Gpr.RAX, Mem.at(ARGUMENTS, OUT_AT));
    a.mov(Gpr.RDX, Mem.at(ARGUMENTS, OUT_STRIDE_AT));
    a.lea(Gpr.RCX, Mem.at(Gpr.RAX, 64));
    a.mov(Mem.at(ARGUMENTS, OUT_AT), Gpr.RCX);
    for (int n = 0; n < acts; n++) {
      a.op(Op.VMOVUPS_STORE, Mem.at(Gpr.RAX, 0), zmm(SUM[n]));
      a.add(Gpr.RAX, Gpr.RDX);
    }
    a.mov(Gpr.RAX, Mem.at(ARGUMENTS, GROUPS_AT));
    a.sub(Gpr.RAX, 1);
    a.mov(Mem.at(ARGUMENTS, GROUPS_AT), Gpr.RAX);
    a.jump(Assembler.Condition.NE, nextGroup);
    Emit.leave(a);
  }

  private Vec products(int unit, int act) {
    boolean second = type == DType.Q6_K ? unit % 8 >= 4 : unit % 2 == 1;
    int[] registers = type == DType.Q6_K ? PRODUCTS_Q6_K : PRODUCTS;
    return zmm(registers[act + (second ? MOST_ACTIVATIONS : 0)]);
  }

  /** Columns 4 j to 4 j + 3 of a unit of 32, or of 16. */
  private void multiply(int unit, int j, Vec codes) {
    int column = unit * (by16(type) ? 16 : 32);
    for (int n = 0; n < acts; n++) {
      Vec sum = products(unit, n);
      if (j == 0) {
        begin(sum, Mem.at(X[n], SUMS, 1, column / 4));
      }
      a.op(Op.VPDPBUSD, sum, codes, Mem.at(X[n], column + 4 * j).toAll());
    }
  }

  private void begin(Vec sum, Mem offset) {
    switch (type) {
      case Q4_0 -> {
        a.op(Op.VPBROADCASTD, sum, offset);
        a.op(Op.VPADDD, sum, sum, offset.plus(4).toAll());
      }
      case Q6_K -> {
        a.op(Op.VPBROADCASTD, sum, offset);
        a.op(Op.VPSLLD, sum, sum, 2); // 32 times
      }
      default -> Emit.zero(a, sum);
    }
  }

  private void scale(int unit, Vec scale) {
    for (int n = 0; n < acts; n++) {
      Vec products = products(unit, n);
      a.op(Op.VCVTDQ2PS, products, products);
      a.op(Op.VMULPS, FACTOR, scale, Mem.at(X[n], SCALES, 1, 4 * unit).toAll());
      a.op(Op.VFMADD231PS, zmm(SUM[n]), products, FACTOR);
    }
  }

  private void q40() {
    transposeFirst(0, 0);
    halves(D, zmm(0), false);
    transpose(2, 0);
    for (int i = 0; i < 4; i++) {
      bits(zmm(4), zmm(i), 0, 0x0F0F_0F0F);
      bits(zmm(5), zmm(i), 4, 0x0F0F_0F0F);
      multiply(0, i, zmm(4));
      // A sum begins with column 0, and columns 16 to 31 are in the same bytes.
      multiply(0, 4 + i, zmm(5));
    }
    scale(0, D);
  }

  // --- Q4_K: units of 32 with a minimum, which come in the order of columns

  @Override
  void put(int unit, int j, Vec codes) {
    multiply(unit, j, codes);
    if (j == 7) {
      a.op(Op.VMOVUPS, MINIMUM, scratch(unit));
      scale(unit, MINIMUM);
      a.op(Op.VMOVUPS, MINIMUM, scratch(unit).plus(64));
      for (int n = 0; n < acts; n++) {
        Mem sum = Mem.at(X[n], SUMS, 1, 4 * unit).toAll();
        a.op(Op.VFMADD231PS, zmm(SUM[n]), MINIMUM, sum);
      }
    }
  }

  @Override
  void putScales(int unit, Vec scale, Vec minimum) {
    a.op(Op.VMOVUPS_STORE, scratch(unit), scale);
    a.op(Op.VMOVUPS_STORE, scratch(unit).plus(64), minimum);
  }

  private static Mem scratch(int unit) {
    return Mem.at(ARGUMENTS, SCRATCH_AT + 128 * unit);
  }

  // --- Q6_K: units of 16, eight of which come in another order

  @Override
  void beginSum(Vec sum) {
    // The sum of the codes is not needed: they stay unsigned.
  }

  @Override
  void less(Vec codes, int offset) {
    // The sums of products begin with what that would take away.
  }

  @Override
  void put(int unit, int j, Vec codes, Vec sum) {
    multiply(unit, j, codes);
  }

  @Override
  void putScales(int unit, Vec scale) {
    a.op(Op.VMOVUPS_STORE, Mem.at(ARGUMENTS, SCRATCH_AT + 64 * unit), scale);
  }

  @Override
  void putSum(int unit, Vec sum) {
    for (int n = 0; n < acts; n++) {
      Vec products = products(unit, n);
      a.op(Op.VCVTDQ2PS, products, products);
      a.op(Op.VMOVUPS_STORE, stored(unit, n), products);
    }
    if (unit % 8 == 7) { // the last of eight
      for (int u = unit - 7; u <= unit; u++) {
        for (int n = 0; n < acts; n++) {
          a.op(Op.VBROADCASTSS, FACTOR, Mem.at(X[n], SCALES, 1, 4 * (u / 2)));
          a.op(Op.VMULPS, FACTOR, FACTOR, Mem.at(ARGUMENTS, SCRATCH_AT + 64 * u));
          a.op(Op.VFMADD231PS, zmm(SUM[n]), FACTOR, stored(u, n));
        }
      }
    }
  }

  private static Mem stored(int unit, int act) {
    return Mem.at(ARGUMENTS, PRODUCTS_AT + 64 * (unit % 8 * MOST_ACTIVATIONS + act));
  }
}
