package io.moineau.kernels.x86;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A product whose result is known, computed with the instructions that would be used. */
final class Probe {
  private Probe() {}

  /** Empty if the result is right, else a line that says what is wrong. */
  static String run(Isa isa) {
    Assembler a = new Assembler();
    final int round = ActivationRow.assemble(a);
    final int dot = DotKernels.assemble(a, isa, io.moineau.tensor.DType.Q8_0, 1, 1);
    try (CodeMemory code = CodeMemory.of(a.finish(), a.symbols());
        Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(128, 64);
      MemorySegment weights = arena.allocate(34, 64);
      weights.set(ValueLayout.JAVA_SHORT, 0, Float.floatToFloat16(0.5f));
      long expected = 0;
      for (int i = 0; i < 32; i++) {
        int activation = 127 - 8 * i; // the largest is 127: each is its own code
        int weight = 11 * i - 128;
        weight = Math.clamp(weight, -128, 127);
        x.setAtIndex(ValueLayout.JAVA_FLOAT, i, activation);
        weights.set(ValueLayout.JAVA_BYTE, 2 + i, (byte) weight);
        expected += (long) activation * weight;
      }
      MemorySegment packed = arena.allocate(ActivationRow.bytes(32), 64);
      NativeCall.call(code.at(round), x.address(), 1, packed.address());
      MemorySegment out = arena.allocate(4, 4);
      MemorySegment call = arena.allocate(256, 64);
      call.set(ValueLayout.JAVA_LONG, DotKernels.Call.WEIGHTS, weights.address());
      call.set(ValueLayout.JAVA_LONG, DotKernels.Call.STREAM_BYTES, 34);
      call.set(ValueLayout.JAVA_LONG, DotKernels.Call.ROWS, 1);
      call.set(ValueLayout.JAVA_LONG, DotKernels.Call.BLOCKS, 1);
      call.set(ValueLayout.JAVA_LONG, DotKernels.Call.OUT, out.address());
      call.set(ValueLayout.JAVA_LONG, DotKernels.Call.SCALES, ActivationRow.scales(32));
      call.set(ValueLayout.JAVA_LONG, DotKernels.Call.ACTIVATIONS, packed.address());
      NativeCall.call(code.at(dot), call.address());
      float result = out.get(ValueLayout.JAVA_FLOAT, 0);
      return result == 0.5f * expected
          ? ""
          : "x86: a product of bytes gave "
              + result
              + " in place of "
              + 0.5f * expected
              + " ("
              + isa.describe()
              + ")";
    }
  }
}
