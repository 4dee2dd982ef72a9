package io.moineau.kernels.x86;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import java.lang.foreign.MemorySegment;

/** Code for what is done to rows of activations between products, 16 elements at a time. */
final class RowCode implements AutoCloseable {
  /** Elements per step: rows of other lengths are left to another provider. */
  static final int STEP = 16;

  private final int bits;
  private final CodeMemory code;
  final MemorySegment swiGlu;
  final MemorySegment addScaled;

  RowCode(Isa isa) {
    bits = isa.avx512() ? 512 : 256;
    Assembler a = new Assembler();
    final int swiGluAt = swiGlu(a);
    final int addScaledAt = addScaled(a);
    code = CodeMemory.of(a.finish(), a.symbols());
    swiGlu = code.at(swiGluAt);
    addScaled = code.at(addScaledAt);
  }

  private Vec vec(int index) {
    return new Vec(index, bits);
  }

  /** (gate, up, steps): {@code gate = gate / (1 + exp(-gate)) * up}. */
  private int swiGlu(Assembler a) {
    final int entry = a.begin("swiglu");
    Vec x = vec(0);
    Vec e = vec(1);
    rows(
        a,
        at -> {
          a.op(Op.VMOVUPS, x, Mem.at(Gpr.RDI, at));
          Emit.zero(a, e);
          a.op(Op.VSUBPS, e, e, x);
          a.op(Op.VMOVUPS, vec(2), Emit.all(a, x, 86));
          a.op(Op.VMINPS, e, vec(2), e);
          Emit.exp(a, e, 2);
          a.op(Op.VADDPS, e, e, Emit.all(a, x, 1));
          a.op(Op.VDIVPS, x, x, e);
          a.op(Op.VMULPS, x, x, Mem.at(Gpr.RSI, at));
          a.op(Op.VMOVUPS_STORE, Mem.at(Gpr.RDI, at), x);
        });
    return entry;
  }

  /** (x, y, steps, factor): {@code x += factor * y}. */
  private int addScaled(Assembler a) {
    final int entry = a.begin("add_scaled");
    Vec factor = vec(1);
    a.op(Op.VBROADCASTSS, factor, Operand.xmm(0)); // where the first float argument comes
    rows(
        a,
        at -> {
          a.op(Op.VMOVUPS, vec(0), Mem.at(Gpr.RDI, at));
          a.op(Op.VFMADD231PS, vec(0), factor, Mem.at(Gpr.RSI, at));
          a.op(Op.VMOVUPS_STORE, Mem.at(Gpr.RDI, at), vec(0));
        });
    return entry;
  }

  private void rows(Assembler a, java.util.function.IntConsumer body) {
    Label next = a.label();
    a.bind(next);
    for (int at = 0; at < 4 * STEP; at += bits / 8) {
      body.accept(at);
    }
    a.add(Gpr.RDI, 4 * STEP);
    a.add(Gpr.RSI, 4 * STEP);
    a.sub(Gpr.RDX, 1);
    a.jump(Assembler.Condition.NE, next);
    a.vzeroupper();
    a.ret();
  }

  @Override
  public void close() {
    code.close();
  }
}
