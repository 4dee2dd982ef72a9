package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.ymm;
import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Tile;
import io.moineau.kernels.x86.Operand.Vec;

/**
 * Sixteen rows of weights, as {@link StripPack} lays them out, times one to sixteen activations, as
 * {@link #assembleGather} lays these out: AMX multiplies the codes of the columns that share a
 * scale, AVX-512 scales the sums and adds them up in one register per activation. The operations on
 * floats are those of {@link StripProduct} in the same order, so both give the same bits.
 *
 * <p>A unit of codes from {@link StripPack} is a tile as AMX wants it without further ado: line j
 * holds four neighbouring columns of each of sixteen rows.
 *
 * <p>The tiles' results pass through memory. They are read two units after they were asked for, so
 * that a product's latency lies under the work on those before it.
 */
final class TileProduct {
  /** Arguments in memory: offsets in bytes, 64 bits each. */
  static final int STRIP = 0;

  /** Records of 32 columns. */
  static final int RECORDS = 8;

  static final int OUT = 16;
  static final int OUT_STRIDE = 24;

  /** The gathered activations; {@link #TIMES} times as many lie behind one another. */
  static final int ACTIVATIONS = 32;

  static final int TIMES = 40;

  /** Bytes from one lot of gathered activations to the next. */
  static final int LOT_BYTES = 48;

  /** Whether sums begin with what stands in the output (1) or with zero (0). */
  static final int GO_ON = 56;

  /** Address of the tile configuration, 64 bytes. */
  static final int CONFIGURATION = 64;

  /** Address of scratch memory, {@link #SCRATCH_BYTES}. */
  static final int SCRATCH = 72;

  static final int SCRATCH_BYTES = 4 * 1024;

  static final int MOST_ACTIVATIONS = 16;

  /**
   * Bytes of a record of 32 columns of up to sixteen activations: codes, 32 bytes of each, then a
   * vector of scales, one of sums of 32, and two of sums of 16 columns.
   */
  static final int RECORD = 768;

  static final int SCALES_AT = 512;
  private static final int SUMS_32_AT = 576;
  private static final int SUMS_16_AT = 640;

  private static final int RESULT = 1024; // a tile of 16 x 16

  private static final Gpr STRIP_AT = Gpr.RSI;
  private static final Gpr X = Gpr.RDX;
  private static final Gpr COUNT = Gpr.RCX;
  private static final Gpr HALF_LINE = Gpr.R8; // 32: bytes from an activation's codes to the next
  private static final Gpr LINE = Gpr.R9; // 64
  private static final Gpr RESULTS = Gpr.R10; // where the next results go
  private static final Gpr READY = Gpr.R11; // where those before are
  private static final Gpr OUT_AT = Gpr.RAX;
  private static final Gpr STRIDE = Gpr.RBX;
  private static final Gpr LOT = Gpr.RBP;
  private static final Gpr TEMPORARY = Gpr.R12;

  private static final Vec SCALE = zmm(16);
  private static final Vec MINIMUM = zmm(17);

  private final Assembler a;
  private final StripProduct.Kind kind;
  private final int acts;
  private final int unitBytes;

  private TileProduct(Assembler a, StripProduct.Kind kind, int acts) {
    this.a = a;
    this.kind = kind;
    this.acts = acts;
    this.unitBytes = kind.by16() ? StripPack.UNIT_16 : StripPack.UNIT_32;
  }

  static int assemble(Assembler a, StripProduct.Kind kind, int acts) {
    final int entry = a.begin("tile_" + kind + "_x" + acts);
    new TileProduct(a, kind, acts).emit();
    return entry;
  }

  /**
   * The configuration for so many activations: palette 1; tiles 0 and 1 take the results, 2 and 3
   * activations, 4 and 5 weights. Intel's Software Developer's Manual, volume 2, LDTILECFG.
   */
  static byte[] configuration(boolean by16, int acts) {
    byte[] bytes = new byte[64];
    int columns = by16 ? 16 : 32;
    bytes[0] = 1;
    for (int i = 0; i < 2; i++) {
      tile(bytes, i, acts, 64);
      tile(bytes, 2 + i, acts, columns);
      tile(bytes, 4 + i, columns / 4, 64);
    }
    return bytes;
  }

  private static void tile(byte[] configuration, int tile, int rows, int bytesPerRow) {
    configuration[16 + 2 * tile] = (byte) bytesPerRow;
    configuration[48 + tile] = (byte) rows;
  }

  private void emit() {
    Emit.enter(a);
    a.mov(TEMPORARY, Mem.at(Gpr.RDI, CONFIGURATION));
    a.op(Op.LDTILECFG, Mem.at(TEMPORARY, 0));
    a.mov(LOT, Mem.at(Gpr.RDI, ACTIVATIONS));
    a.mov(OUT_AT, Mem.at(Gpr.RDI, OUT));
    a.mov(STRIDE, Mem.at(Gpr.RDI, OUT_STRIDE));
    a.mov(HALF_LINE, 32);
    a.mov(LINE, 64);
    Label nextLot = a.label();
    a.bind(nextLot);
    lot();
    a.mov(TEMPORARY, Mem.at(Gpr.RDI, LOT_BYTES));
    a.add(LOT, TEMPORARY);
    a.mov(TEMPORARY, Mem.at(Gpr.RDI, TIMES));
    a.sub(TEMPORARY, 1);
    a.mov(Mem.at(Gpr.RDI, TIMES), TEMPORARY);
    a.jump(Assembler.Condition.NE, nextLot);
    a.op(Op.TILERELEASE); // else each switch of threads would save eight tiles
    Emit.leave(a);
  }

  private void lot() {
    a.mov(STRIP_AT, Mem.at(Gpr.RDI, STRIP));
    a.mov(X, LOT);
    a.mov(RESULTS, Mem.at(Gpr.RDI, SCRATCH));
    a.lea(READY, Mem.at(RESULTS, 2 * RESULT));
    firstSums();
    final Label loop = a.label();
    final Label last = a.label();
    final Label rest = a.label();
    a.mov(COUNT, Mem.at(Gpr.RDI, RECORDS));
    if (!kind.by16()) {
      a.shr(COUNT, 1); // two records make a pair of units, or one record of two halves
      a.test(COUNT, COUNT);
      a.jump(Assembler.Condition.E, rest);
    }
    multiply(2);
    advance();
    a.sub(COUNT, 1);
    a.jump(Assembler.Condition.E, last);
    a.bind(loop);
    a.mov(TEMPORARY, RESULTS);
    a.mov(RESULTS, READY);
    a.mov(READY, TEMPORARY);
    multiply(2);
    scale(2, READY, -1);
    advance();
    a.sub(COUNT, 1);
    a.jump(Assembler.Condition.NE, loop);
    a.bind(last);
    scale(2, RESULTS, -1);
    if (!kind.by16()) {
      final Label end = a.label();
      a.bind(rest);
      a.mov(COUNT, Mem.at(Gpr.RDI, RECORDS));
      a.and(COUNT, 1);
      a.jump(Assembler.Condition.E, end);
      multiply(1);
      scale(1, RESULTS, 0);
      a.bind(end);
    }
    for (int n = 0; n < acts; n++) {
      a.op(Op.VMOVUPS_STORE, Mem.at(OUT_AT, 0), zmm(n));
      a.add(OUT_AT, STRIDE);
    }
  }

  private void firstSums() {
    final Label zero = a.label();
    final Label end = a.label();
    a.mov(TEMPORARY, Mem.at(Gpr.RDI, GO_ON));
    a.test(TEMPORARY, TEMPORARY);
    a.jump(Assembler.Condition.E, zero);
    a.mov(TEMPORARY, OUT_AT);
    for (int n = 0; n < acts; n++) {
      a.op(Op.VMOVUPS, zmm(n), Mem.at(TEMPORARY, 0));
      a.add(TEMPORARY, STRIDE);
    }
    a.jump(end);
    a.bind(zero);
    for (int n = 0; n < acts; n++) {
      Emit.zero(a, zmm(n));
    }
    a.bind(end);
  }

  private void advance() {
    a.add(STRIP_AT, stripStep());
    a.add(X, activationStep());
  }

  /** Bytes of the strip that a pair of units takes. */
  private int stripStep() {
    return 2 * unitStride();
  }

  private int unitStride() {
    return StripProduct.GROUPS * unitBytes;
  }

  private int activationStep() {
    return kind.by16() ? RECORD : 2 * RECORD;
  }

  /** Products of bytes of one or two units, their results to memory. */
  private void multiply(int units) {
    for (int i = 0; i < units; i++) {
      a.op(Op.TILEZERO, result(i));
    }
    for (int i = 0; i < units; i++) {
      int codes = kind.by16() ? 16 * i : RECORD * i;
      a.op(Op.TILELOADD, activations(i), Mem.at(X, HALF_LINE, 1, codes));
      a.op(Op.TILELOADD, weights(i), Mem.at(STRIP_AT, LINE, 1, unitStride() * i));
    }
    for (int i = 0; i < units; i++) {
      a.op(Op.TDPBSSD, result(i), activations(i), weights(i));
    }
    for (int i = 0; i < units; i++) {
      a.op(Op.TILESTORED, Mem.at(RESULTS, LINE, 1, RESULT * i), result(i));
    }
  }

  private static Tile result(int i) {
    return new Tile(i);
  }

  private static Tile activations(int i) {
    return new Tile(2 + i);
  }

  private static Tile weights(int i) {
    return new Tile(4 + i);
  }

  /**
   * Adds results, scaled.
   *
   * @param pairs from the pair at which the registers point to theirs
   */
  private void scale(int units, Gpr results, int pairs) {
    for (int i = 0; i < units; i++) {
      int scales = pairs * stripStep() + unitStride() * i + unitBytes - 128;
      int x = pairs * activationStep() + (kind.by16() ? 0 : RECORD * i);
      int sums = x + (kind.by16() ? SUMS_16_AT + 64 * i : SUMS_32_AT);
      a.op(Op.VMOVUPS, SCALE, Mem.at(STRIP_AT, scales));
      if (!kind.signed()) {
        a.op(Op.VMOVUPS, MINIMUM, Mem.at(STRIP_AT, scales + 64));
      }
      for (int n = 0; n < acts; n++) {
        Vec product = zmm(18 + n % 7 * 2);
        Vec factor = zmm(19 + n % 7 * 2);
        a.op(Op.VCVTDQ2PS, product, Mem.at(results, RESULT * i + 64 * n));
        a.op(Op.VMULPS, factor, SCALE, Mem.at(X, x + SCALES_AT + 4 * n).toAll());
        a.op(Op.VFMADD231PS, zmm(n), product, factor);
        if (!kind.signed()) {
          a.op(Op.VFMADD231PS, zmm(n), MINIMUM, Mem.at(X, sums + 4 * n).toAll());
        }
      }
    }
  }

  /** Arguments of the code that gathers: a list of addresses of {@link ActivationRow}s ... */
  static final int GATHER_LIST = 0;

  /** ... their number, 1 to {@link #MOST_ACTIVATIONS} ... */
  static final int GATHER_COUNT = 8;

  /** ... records of 32 columns, at least one, and the address where the lot is to stand. */
  static final int GATHER_RECORDS = 16;

  static final int GATHER_TO = 24;

  /** Code that rearranges activations, which may lie anywhere, to records. */
  static int assembleGather(Assembler a) {
    final int entry = a.begin("gather");
    final Gpr list = Gpr.RSI;
    final Gpr count = Gpr.RCX;
    final Gpr codesTo = Gpr.RDX;
    final Gpr floatsTo = Gpr.R9;
    final Gpr codes = Gpr.RAX;
    final Gpr scales = Gpr.R10;
    final Gpr sums32 = Gpr.R11;
    final Gpr sums16 = Gpr.RBX;
    final Gpr code = Gpr.RBP;
    final Gpr number = Gpr.R12;
    final Gpr records = Gpr.R13;
    final Gpr word = Gpr.R14;
    Emit.enter(a);
    a.mov(list, Mem.at(Gpr.RDI, GATHER_LIST));
    a.mov(count, Mem.at(Gpr.RDI, GATHER_COUNT));
    a.mov(codesTo, Mem.at(Gpr.RDI, GATHER_TO));
    a.lea(floatsTo, Mem.at(codesTo, SCALES_AT));
    Label nextActivation = a.label();
    Label nextRecord = a.label();
    a.bind(nextActivation);
    a.mov(records, Mem.at(Gpr.RDI, GATHER_RECORDS));
    a.mov(codes, Mem.at(list, 0));
    a.mov(scales, records); // 64 bytes of codes per record, signed and unsigned
    a.shl(scales, 6);
    a.add(scales, codes);
    a.lea(sums32, Mem.at(scales, records, 4, 0));
    a.lea(sums16, Mem.at(sums32, records, 4, 0));
    a.mov(code, codesTo);
    a.mov(number, floatsTo);
    a.bind(nextRecord);
    a.op(Op.VMOVDQU, ymm(0), Mem.at(codes, 0));
    a.op(Op.VMOVDQU_STORE, Mem.at(code, 0), ymm(0));
    a.mov32(word, Mem.at(scales, 0));
    a.mov32(Mem.at(number, 0), word);
    a.mov32(word, Mem.at(sums32, 0));
    a.mov32(Mem.at(number, SUMS_32_AT - SCALES_AT), word);
    for (int i = 0; i < 2; i++) {
      a.mov32(word, Mem.at(sums16, 4 * i));
      a.mov32(Mem.at(number, SUMS_16_AT + 64 * i - SCALES_AT), word);
    }
    a.add(codes, 32);
    a.add(scales, 4);
    a.add(sums32, 4);
    a.add(sums16, 8);
    a.add(code, RECORD);
    a.add(number, RECORD);
    a.sub(records, 1);
    a.jump(Assembler.Condition.NE, nextRecord);
    a.add(list, 8);
    a.add(codesTo, 32);
    a.add(floatsTo, 4);
    a.sub(count, 1);
    a.jump(Assembler.Condition.NE, nextActivation);
    Emit.leave(a);
    return entry;
  }
}
