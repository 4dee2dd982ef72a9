package io.moineau.kernels.x86;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the processor says of itself (CPUID) and which registers the system saves (XCR0). Both
 * matter: an instruction whose registers the system does not save must not be used. Bits are those
 * of Intel's Software Developer's Manual, volume 2, CPUID, and volume 1, chapter 13.
 */
record CpuId(
    boolean avx2,
    boolean fma,
    boolean f16c,
    boolean avxVnni,
    boolean avx512,
    boolean avx512Vnni,
    boolean avx512Bf16,
    boolean amxInt8,
    boolean amxBf16) {
  private static final int XCR0_AVX = 0b110;
  private static final int XCR0_AVX512 = 0b1110_0110;
  private static final int XCR0_AMX = 0b11 << 17;

  /** Asks the processor that this thread runs on. */
  static CpuId ask() {
    Assembler a = new Assembler();
    final int cpuid = a.begin("cpuid"); // (leaf, subleaf, address of 4 ints)
    a.push(Gpr.RBX);
    a.mov(Gpr.R8, Gpr.RDX);
    a.mov(Gpr.RAX, Gpr.RDI);
    a.mov(Gpr.RCX, Gpr.RSI);
    a.cpuid();
    a.mov32(Mem.at(Gpr.R8, 0), Gpr.RAX);
    a.mov32(Mem.at(Gpr.R8, 4), Gpr.RBX);
    a.mov32(Mem.at(Gpr.R8, 8), Gpr.RCX);
    a.mov32(Mem.at(Gpr.R8, 12), Gpr.RDX);
    a.pop(Gpr.RBX);
    a.ret();
    final int xgetbv = a.begin("xgetbv"); // (0, 0, address of an int)
    a.mov(Gpr.R8, Gpr.RDX);
    a.mov(Gpr.RCX, 0);
    a.xgetbv();
    a.mov32(Mem.at(Gpr.R8, 0), Gpr.RAX);
    a.ret();
    try (CodeMemory code = CodeMemory.of(a.finish(), a.symbols());
        Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(16, 16);
      int[] leaf0 = call(code, cpuid, 0, 0, out);
      int[] leaf1 = call(code, cpuid, 1, 0, out);
      int[] leaf7 = leaf0[0] >= 7 ? call(code, cpuid, 7, 0, out) : new int[4];
      int[] leaf7b = leaf0[0] >= 7 && leaf7[0] >= 1 ? call(code, cpuid, 7, 1, out) : new int[4];
      boolean saves = bit(leaf1[2], 27);
      int xcr0 = saves ? call(code, xgetbv, 0, 0, out)[0] : 0;
      boolean avx = bit(leaf1[2], 28) && (xcr0 & XCR0_AVX) == XCR0_AVX;
      boolean avx512 =
          avx
              && (xcr0 & XCR0_AVX512) == XCR0_AVX512
              && bit(leaf7[1], 16) // F
              && bit(leaf7[1], 17) // DQ
              && bit(leaf7[1], 30) // BW
              && bit(leaf7[1], 31); // VL
      boolean amx = (xcr0 & XCR0_AMX) == XCR0_AMX && bit(leaf7[3], 24);
      return new CpuId(
          avx && bit(leaf7[1], 5),
          avx && bit(leaf1[2], 12),
          avx && bit(leaf1[2], 29),
          avx && bit(leaf7b[0], 4),
          avx512,
          avx512 && bit(leaf7[2], 11),
          avx512 && bit(leaf7b[0], 5),
          amx && bit(leaf7[3], 25),
          amx && bit(leaf7[3], 22));
    }
  }

  private static int[] call(CodeMemory code, int entry, int leaf, int subleaf, MemorySegment out) {
    NativeCall.call(code.at(entry), leaf, subleaf, out.address());
    return out.toArray(ValueLayout.JAVA_INT);
  }

  private static boolean bit(int word, int number) {
    return (word >>> number & 1) != 0;
  }
}
