package io.moineau.kernels.x86;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Tile;
import io.moineau.kernels.x86.Operand.Vec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Assembles x86-64: the general instructions that loops need, and the vector instructions of {@link
 * Op} under VEX or EVEX. Jumps and constants are resolved in {@link #finish()}.
 *
 * <p>Encodings follow Intel's Software Developer's Manual, volume 2. Each instruction is kept as
 * text too ({@link #listing()}), to be compared with a disassembler's.
 */
class Assembler {
  /** Conditions of jumps, numbered as in the opcode. */
  enum Condition {
    B(2),
    AE(3),
    E(4),
    NE(5),
    BE(6),
    A(7),
    L(12),
    GE(13),
    LE(14),
    G(15);

    private final int number;

    Condition(int number) {
      this.number = number;
    }
  }

  /** An instruction as it was asked for. */
  record Instruction(int offset, String mnemonic, List<Object> operands, @Nullable Op op) {
    Instruction {
      operands = List.copyOf(operands);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(mnemonic);
      String separator = " ";
      for (Object operand : operands) {
        text.append(separator).append(operand);
        separator = ",";
      }
      return text.toString();
    }
  }

  private record Fixup(int at, Label label, int end) {}

  private byte[] code = new byte[4096];
  private int size;
  private int labels;
  private final List<Fixup> fixups = new ArrayList<>();
  private final List<Instruction> listing = new ArrayList<>();
  private final Map<String, Integer> symbols = new LinkedHashMap<>();
  private final Map<List<Integer>, Label> constants = new LinkedHashMap<>();

  // --- labels, constants, the result ------------------------------------------------------------

  Label label() {
    return new Label(labels++);
  }

  void bind(Label label) {
    if (label.position >= 0) {
      throw new IllegalStateException(label + " is bound already");
    }
    label.position = size;
  }

  /** Names the code that begins here, at a multiple of 64 bytes, and returns its offset. */
  int begin(String name) {
    align(64);
    symbols.put(name, size);
    return size;
  }

  /** Constants of 32 bits that lie behind the code, aligned to 64 bytes. */
  Mem constant(int... words) {
    List<Integer> key = Arrays.stream(words).boxed().toList();
    return Mem.at(constants.computeIfAbsent(key, k -> label()));
  }

  /** One word as often as {@code count} says. */
  Mem repeated(int word, int count) {
    int[] words = new int[count];
    Arrays.fill(words, word);
    return constant(words);
  }

  /** The finished code: constants appended, jumps resolved. */
  byte[] finish() {
    constants.forEach((words, label) -> {
      align(64);
      label.position = size;
      words.forEach(this::int32);
    });
    for (Fixup fixup : fixups) {
      if (fixup.label.position < 0) {
        throw new IllegalStateException(fixup.label + " was never bound");
      }
      int distance = fixup.label.position - fixup.end;
      for (int i = 0; i < 4; i++) {
        code[fixup.at + i] = (byte) (distance >> 8 * i);
      }
    }
    return Arrays.copyOf(code, size);
  }

  List<Instruction> listing() {
    return List.copyOf(listing);
  }

  /** Names and the offsets where they begin, in order. */
  Map<String, Integer> symbols() {
    return Map.copyOf(symbols);
  }

  int size() {
    return size;
  }

  /** Fills with bytes that trap until the offset is a multiple of {@code bytes}. */
  void align(int bytes) {
    while (size % bytes != 0) {
      int8(0xCC);
    }
  }

  // --- vector instructions ----------------------------------------------------------------------

  /** An instruction without an immediate byte. */
  void op(Op op, Operand... operands) {
    emit(op, operands, 0, false);
  }

  /** An instruction whose last operand is an immediate byte. */
  void op(Op op, Operand first, Operand second, int immediate) {
    emit(op, new Operand[] {first, second}, immediate, true);
  }

  /** An instruction whose last operand is an immediate byte. */
  void op(Op op, Operand first, Operand second, Operand third, int immediate) {
    emit(op, new Operand[] {first, second, third}, immediate, true);
  }

  private void emit(Op op, Operand[] o, int immediate, boolean hasImmediate) {
    int bits = 0;
    int highest = 0;
    boolean broadcast = false;
    for (Operand operand : o) {
      if (operand instanceof Vec vec) {
        bits = Math.max(bits, vec.bits());
        highest = Math.max(highest, vec.index());
      } else if (operand instanceof Mem mem) {
        broadcast |= mem.broadcast();
      }
    }
    boolean beyondVex = bits == 512 || highest > 15 || broadcast;
    boolean evex = op.encoding == Op.Encoding.EVEX || beyondVex;
    if (evex && op.encoding == Op.Encoding.VEX) {
      throw new IllegalArgumentException(op + " has no EVEX form: " + Arrays.toString(o));
    }
    Operand reg = null;
    Operand vvvv = null;
    Operand rm = null;
    int last = -1;
    switch (op.form) {
      case NONE -> {}
      case R -> reg = o[0];
      case M -> rm = o[0];
      case RM, RMI -> {
        reg = o[0];
        rm = o[1];
      }
      case MR, MRI -> {
        rm = o[0];
        reg = o[1];
      }
      case RVM, RVMI -> {
        reg = o[0];
        vvvv = o[1];
        rm = o[2];
      }
      case RMV -> {
        reg = o[0];
        rm = o[1];
        vvvv = o[2];
      }
      case VMI -> {
        vvvv = o[0];
        rm = o[1];
      }
    }
    List<Object> operands = new ArrayList<>(List.of((Object[]) o));
    if (hasImmediate) {
      operands.add("0x" + Integer.toHexString(immediate & 0xFF));
      last = immediate & 0xFF;
    }
    listing.add(new Instruction(size, op.mnemonic(evex), operands, op));
    int regNumber = op.form == Op.Form.VMI ? op.digit : reg == null ? 0 : number(reg);
    int vvvvNumber = vvvv == null ? 0 : number(vvvv);
    if (evex) {
      evexPrefix(op, bits, regNumber, vvvvNumber, rm, broadcast);
    } else {
      vexPrefix(op, bits, regNumber, vvvvNumber, rm);
    }
    int8(op.opcode);
    int scale = evex ? op.memoryBytes(bits, broadcast) : 1;
    int after = last >= 0 ? 1 : 0;
    if (op.form == Op.Form.NONE) {
      int8(0xC0);
    } else if (op.form == Op.Form.R) {
      int8(0xC0 | (regNumber & 7) << 3);
    } else {
      modRm(regNumber, rm, scale, after);
    }
    if (last >= 0) {
      int8(last);
    }
  }

  private void vexPrefix(Op op, int bits, int reg, int vvvv, @Nullable Operand rm) {
    int x = rm instanceof Mem mem && mem.index() != null && mem.index().ordinal() > 7 ? 1 : 0;
    int b = high(rm) ? 1 : 0;
    int tail = (~vvvv & 15) << 3 | (bits == 256 ? 4 : 0) | op.prefix;
    if (x == 0 && b == 0 && op.w == 0 && op.map == 1) {
      int8(0xC5);
      int8((reg > 7 ? 0 : 0x80) | tail);
    } else {
      int8(0xC4);
      int8((reg > 7 ? 0 : 0x80) | (x ^ 1) << 6 | (b ^ 1) << 5 | op.map);
      int8(op.w << 7 | tail);
    }
  }

  private void evexPrefix(
      Op op, int bits, int reg, int vvvv, @Nullable Operand rm, boolean broadcast) {
    int x = 0;
    if (rm instanceof Mem mem) {
      x = mem.index() != null && mem.index().ordinal() > 7 ? 1 : 0;
    } else if (rm instanceof Vec vec) {
      x = vec.index() >> 4;
    }
    int b = high(rm) ? 1 : 0;
    int8(0x62);
    int8(
        ((reg & 8) == 0 ? 0x80 : 0) | (x ^ 1) << 6 | (b ^ 1) << 5 | (reg < 16 ? 0x10 : 0) | op.map);
    int8(op.w << 7 | (~vvvv & 15) << 3 | 4 | op.prefix);
    int8(
        (bits == 512 ? 0x40 : bits == 256 ? 0x20 : 0)
            | (broadcast ? 0x10 : 0)
            | (vvvv < 16 ? 8 : 0));
  }

  /** Whether bit 3 of the register in ModRM's last field is set. */
  private static boolean high(@Nullable Operand rm) {
    if (rm instanceof Mem mem) {
      return mem.base() != null && mem.base().ordinal() > 7;
    }
    return rm != null && (number(rm) & 8) != 0;
  }

  private static int number(Operand operand) {
    return switch (operand) {
      case Gpr gpr -> gpr.ordinal();
      case Vec vec -> vec.index();
      case Tile tile -> tile.index();
      case Mem mem -> throw new IllegalArgumentException(mem + " where a register must be");
    };
  }

  /** ModRM, SIB and displacement; {@code after}: bytes of the instruction that follow. */
  private void modRm(int reg, @Nullable Operand rm, int scale, int after) {
    int field = (reg & 7) << 3;
    if (!(rm instanceof Mem mem)) {
      int8(0xC0 | field | (number(java.util.Objects.requireNonNull(rm)) & 7));
      return;
    }
    Gpr base = mem.base();
    if (base == null) {
      int8(field | 5);
      fixups.add(new Fixup(size, java.util.Objects.requireNonNull(mem.label()), size + 4 + after));
      int32(0);
      return;
    }

    boolean sib = mem.index() != null || (base.ordinal() & 7) == 4;
    int disp = mem.disp();
    boolean none = disp == 0 && (base.ordinal() & 7) != 5;
    boolean small = disp % scale == 0 && disp / scale >= -128 && disp / scale <= 127;
    int8((none ? 0 : small ? 0x40 : 0x80) | field | (sib ? 4 : base.ordinal() & 7));
    if (sib) {
      int index = mem.index() == null ? 4 : mem.index().ordinal();
      if (mem.index() == Gpr.RSP) {
        throw new IllegalArgumentException("rsp cannot be an index");
      }
      int8(Integer.numberOfTrailingZeros(mem.scale()) << 6 | (index & 7) << 3 | base.ordinal() & 7);
    }
    if (!none) {
      if (small) {
        int8(disp / scale);
      } else {
        int32(disp);
      }
    }
  }

  // --- general instructions ---------------------------------------------------------------------

  void mov(Gpr to, Gpr from) {
    listed("mov", to, from);
    rex(true, from.ordinal(), to);
    int8(0x89);
    modRm(from.ordinal(), to, 1, 0);
  }

  void mov(Gpr to, Mem from) {
    listed("mov", to, from);
    rex(true, to.ordinal(), from);
    int8(0x8B);
    modRm(to.ordinal(), from, 1, 0);
  }

  void mov(Mem to, Gpr from) {
    listed("mov", to, from);
    rex(true, from.ordinal(), to);
    int8(0x89);
    modRm(from.ordinal(), to, 1, 0);
  }

  /** Stores the low 32 bits. */
  void mov32(Mem to, Gpr from) {
    listed("mov", to, from.name32());
    rex(false, from.ordinal(), to);
    int8(0x89);
    modRm(from.ordinal(), to, 1, 0);
  }

  /** Loads 32 bits, zero-extended. */
  void mov32(Gpr to, Mem from) {
    listed("mov", to.name32(), from);
    rex(false, to.ordinal(), from);
    int8(0x8B);
    modRm(to.ordinal(), from, 1, 0);
  }

  /** Stores the low 16 bits. */
  void mov16(Mem to, Gpr from) {
    listed("mov", to, from.ordinal() < 8 ? from.toString().substring(1) : from + "w");
    int8(0x66);
    rex(false, from.ordinal(), to);
    int8(0x89);
    modRm(from.ordinal(), to, 1, 0);
  }

  /** Loads 16 bits, zero-extended. */
  void movzx16(Gpr to, Mem from) {
    listed("movzx", to.name32(), from);
    rex(false, to.ordinal(), from);
    int8(0x0F);
    int8(0xB7);
    modRm(to.ordinal(), from, 1, 0);
  }

  /** Loads 8 bits, zero-extended. */
  void movzx8(Gpr to, Mem from) {
    listed("movzx", to.name32(), from);
    rex(false, to.ordinal(), from);
    int8(0x0F);
    int8(0xB6);
    modRm(to.ordinal(), from, 1, 0);
  }

  /** A constant of 32 bits, zero-extended. */
  void mov(Gpr to, int value) {
    listed("mov", to.name32(), "0x" + Integer.toHexString(value));
    rex(false, 0, to);
    int8(0xB8 | to.ordinal() & 7);
    int32(value);
  }

  void lea(Gpr to, Mem from) {
    listed("lea", to, from);
    rex(true, to.ordinal(), from);
    int8(0x8D);
    modRm(to.ordinal(), from, 1, 0);
  }

  void add(Gpr to, Gpr from) {
    arithmetic("add", 0x01, to, from);
  }

  void sub(Gpr to, Gpr from) {
    arithmetic("sub", 0x29, to, from);
  }

  void and(Gpr to, Gpr from) {
    arithmetic("and", 0x21, to, from);
  }

  void or(Gpr to, Gpr from) {
    arithmetic("or", 0x09, to, from);
  }

  void xor(Gpr to, Gpr from) {
    arithmetic("xor", 0x31, to, from);
  }

  void cmp(Gpr left, Gpr right) {
    arithmetic("cmp", 0x39, left, right);
  }

  void test(Gpr left, Gpr right) {
    arithmetic("test", 0x85, left, right);
  }

  private void arithmetic(String name, int opcode, Gpr to, Gpr from) {
    listed(name, to, from);
    rex(true, from.ordinal(), to);
    int8(opcode);
    modRm(from.ordinal(), to, 1, 0);
  }

  void imul(Gpr to, Gpr from) {
    listed("imul", to, from);
    rex(true, to.ordinal(), from);
    int8(0x0F);
    int8(0xAF);
    modRm(to.ordinal(), from, 1, 0);
  }

  void add(Gpr to, int value) {
    immediate("add", 0, to, value);
  }

  void or(Gpr to, int value) {
    immediate("or", 1, to, value);
  }

  void and(Gpr to, int value) {
    immediate("and", 4, to, value);
  }

  void sub(Gpr to, int value) {
    immediate("sub", 5, to, value);
  }

  void xor(Gpr to, int value) {
    immediate("xor", 6, to, value);
  }

  void cmp(Gpr to, int value) {
    immediate("cmp", 7, to, value);
  }

  private void immediate(String name, int digit, Gpr to, int value) {
    listed(name, to, "0x" + Long.toHexString(value));
    rex(true, 0, to);
    boolean small = value == (byte) value;
    int8(small ? 0x83 : 0x81);
    modRm(digit, to, 1, 0);
    if (small) {
      int8(value);
    } else {
      int32(value);
    }
  }

  void shl(Gpr to, int count) {
    shift("shl", 4, to, count);
  }

  void shr(Gpr to, int count) {
    shift("shr", 5, to, count);
  }

  private void shift(String name, int digit, Gpr to, int count) {
    listed(name, to, "0x" + Integer.toHexString(count));
    rex(true, 0, to);
    int8(0xC1);
    modRm(digit, to, 1, 0);
    int8(count);
  }

  void push(Gpr register) {
    listed("push", register);
    rex(false, 0, register);
    int8(0x50 | register.ordinal() & 7);
  }

  void pop(Gpr register) {
    listed("pop", register);
    rex(false, 0, register);
    int8(0x58 | register.ordinal() & 7);
  }

  void prefetcht0(Mem at) {
    listed("prefetcht0", at);
    rex(false, 0, at);
    int8(0x0F);
    int8(0x18);
    modRm(1, at, 1, 0);
  }

  void jump(Condition condition, Label to) {
    listed("j" + condition.name().toLowerCase(Locale.ROOT), to);
    int8(0x0F);
    int8(0x80 | condition.number);
    fixups.add(new Fixup(size, to, size + 4));
    int32(0);
  }

  void jump(Label to) {
    listed("jmp", to);
    int8(0xE9);
    fixups.add(new Fixup(size, to, size + 4));
    int32(0);
  }

  void ret() {
    listed("ret");
    int8(0xC3);
  }

  void cpuid() {
    listed("cpuid");
    int8(0x0F);
    int8(0xA2);
  }

  void xgetbv() {
    listed("xgetbv");
    int8(0x0F);
    int8(0x01);
    int8(0xD0);
  }

  void vzeroupper() {
    listed("vzeroupper");
    int8(0xC5);
    int8(0xF8);
    int8(0x77);
  }

  private void rex(boolean wide, int reg, Operand rm) {
    int prefix = (wide ? 8 : 0) | (reg > 7 ? 4 : 0) | (high(rm) ? 1 : 0);
    if (rm instanceof Mem mem && mem.index() != null && mem.index().ordinal() > 7) {
      prefix |= 2;
    }
    if (prefix != 0) {
      int8(0x40 | prefix);
    }
  }

  private void listed(String mnemonic, Object... operands) {
    listing.add(new Instruction(size, mnemonic, List.of(operands), null));
  }

  /** A byte of code. */
  final void int8(int value) {
    if (size == code.length) {
      code = Arrays.copyOf(code, 2 * size);
    }
    code[size++] = (byte) value;
  }

  private void int32(int value) {
    for (int i = 0; i < 4; i++) {
      int8(value >> 8 * i);
    }
  }
}
