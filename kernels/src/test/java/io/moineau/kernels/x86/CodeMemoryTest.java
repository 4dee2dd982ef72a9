package io.moineau.kernels.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code that runs, its symbols, and what limits of instruction sets make of a processor. */
class CodeMemoryTest {
  @BeforeEach
  void onlyWhereCodeRuns() {
    String problem = X86Kernels.problem("");
    assumeTrue(problem.isEmpty(), problem);
  }

  @Test
  void code_isExecuted_andNamedByAddress() {
    Assembler a = new Assembler();
    final int first = a.begin("first");
    a.lea(Operand.Gpr.RSI, Operand.Mem.at(Operand.Gpr.RSI, Operand.Gpr.RSI, 4, 7));
    a.mov(Operand.Mem.at(Operand.Gpr.RDX, 0), Operand.Gpr.RSI);
    a.ret();
    final int second = a.begin("second");
    a.ret();
    try (CodeMemory code = CodeMemory.of(a.finish(), a.symbols());
        Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      NativeCall.call(code.at(first), 0, 100, out.address());
      assertThat(out.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(507);
      long at = code.at(first).address();
      assertThat(code.symbolAt(at + 5)).isEqualTo("first+0x5");
      assertThat(code.symbolAt(code.at(second).address())).isEqualTo("second+0x0");
      assertThat(code.symbolAt(at - 1)).isEmpty();
      assertThat(code.perfMap().lines())
          .first()
          .isEqualTo(Long.toHexString(at) + " 40 moineau::first");
      code.close(); // and once more by try: the second does nothing
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', true, true, true, true",
    "avx2, true, false, false, false",
    "'avx512,-vnni', true, true, false, false",
    "avx512, true, true, true, false",
    "'-fma', false, false, false, false",
  })
  void limits_takeInstructionSetsAway(
      String limit, boolean usable, boolean avx512, boolean vnni, boolean amx) {
    CpuId everything = new CpuId(true, true, true, true, true, true, true, true, true);
    Isa isa = Isa.of(everything, limit);
    assertThat(isa.usable()).isEqualTo(usable);
    assertThat(isa.avx512()).isEqualTo(avx512);
    assertThat(isa.avx512Vnni()).isEqualTo(vnni);
    assertThat(isa.amx()).isEqualTo(amx);
    assertThat(isa.missing()).isEqualTo(usable ? List.of() : List.of("FMA"));
  }

  @Test
  void cpuid_agreesWithTheSystem() {
    List<String> sets = io.moineau.kernels.CpuFeatures.get().instructionSets();
    assumeTrue(!sets.isEmpty(), "the system does not tell its instruction sets");
    CpuId cpu = CpuId.ask();
    assertThat(cpu.avx2()).isEqualTo(sets.contains("AVX2"));
    assertThat(cpu.fma()).isEqualTo(sets.contains("FMA"));
    assertThat(cpu.avx512Vnni()).isEqualTo(sets.contains("AVX-512 VNNI"));
    assertThat(cpu.amxInt8()).isEqualTo(sets.contains("AMX INT8"));
  }
}
