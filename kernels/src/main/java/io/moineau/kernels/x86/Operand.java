package io.moineau.kernels.x86;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an instruction works on; {@code toString} gives it in Intel's syntax. */
sealed interface Operand {
  /** A general register, 64 bits. */
  enum Gpr implements Operand {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15;

    /** Its name as a register of 32 bits. */
    String name32() {
      return ordinal() < 8 ? "e" + toString().substring(1) : this + "d";
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A vector register: 0 to 31 of 128, 256 or 512 bits. */
  record Vec(int index, int bits) implements Operand {
    /** The same register at another width. */
    Vec as(int newBits) {
      return new Vec(index, newBits);
    }

    @Override
    public String toString() {
      return (bits == 512 ? "zmm" : bits == 256 ? "ymm" : "xmm") + index;
    }
  }

  /** A tile register of AMX, 0 to 7. */
  record Tile(int index) implements Operand {
    @Override
    public String toString() {
      return "tmm" + index;
    }
  }

  /**
   * Memory at {@code base + index * scale + disp}, or at a label where {@code base} is null.
   *
   * @param broadcast one element, given to all lanes (EVEX)
   */
  record Mem(
      @Nullable Gpr base,
      @Nullable Gpr index,
      int scale,
      int disp,
      boolean broadcast,
      @Nullable Label label)
      implements Operand {
    static Mem at(Gpr base, int disp) {
      return new Mem(base, null, 1, disp, false, null);
    }

    static Mem at(Gpr base, Gpr index, int scale, int disp) {
      return new Mem(base, index, scale, disp, false, null);
    }

    static Mem at(Label label) {
      return new Mem(null, null, 1, 0, false, label);
    }

    Mem toAll() {
      return new Mem(base, index, scale, disp, true, label);
    }

    Mem plus(int more) {
      return new Mem(base, index, scale, disp + more, broadcast, label);
    }

    @Override
    public String toString() {
      if (base == null) {
        return "[rip+" + label + "]";
      }
      StringBuilder text = new StringBuilder("[").append(base);
      if (index != null) {
        text.append('+').append(index).append('*').append(scale);
      }
      if (disp != 0) {
        text.append(disp < 0 ? "-0x" : "+0x").append(Integer.toHexString(Math.abs(disp)));
      }
      return text.append(']').toString();
    }
  }

  /** A place in the code. */
  final class Label {
    private final int number;
    int position = -1;

    Label(int number) {
      this.number = number;
    }

    @Override
    public String toString() {
      return "L" + number;
    }
  }

  static Vec xmm(int index) {
    return new Vec(index, 128);
  }

  static Vec ymm(int index) {
    return new Vec(index, 256);
  }

  static Vec zmm(int index) {
    return new Vec(index, 512);
  }
}
