package io.moineau.kernels.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** The product by which AMX is tried, and that it finds a wrong one. */
class AmxTest {
  @Test
  void product_withTilesThatWork_isAccepted() {
    assumeTrue(TileProviders.problem().isEmpty(), TileProviders.problem());
    try (TileEmulator emulator = new TileEmulator()) {
      assertThat(Amx.tryProduct(emulator::assembler)).isEmpty();
      assertThat(emulator.faults()).isEmpty();
      assertThat(emulator.products()).isEqualTo(1);
    }
  }

  @Test
  void product_withTilesThatDoNothing_isRefused() {
    assumeTrue(TileProviders.problem().isEmpty(), TileProviders.problem());
    String refused =
        Amx.tryProduct(() ->
            new Assembler() {
              @Override
              void op(Op op, Operand... operands) {
                if (!op.name().startsWith("TDP")
                    && !op.name().startsWith("TILE")
                    && op != Op.LDTILECFG) {
                  super.op(op, operands);
                }
              }
            });
    assertThat(refused).startsWith("x86: AMX gave 0.0 for a product of bytes that is ");
  }

  @Test
  void permission_whereTheProcessorHasTiles_isGrantedOrExplained() {
    assumeTrue(X86Kernels.problem("").isEmpty(), X86Kernels.problem(""));
    assumeTrue(CpuId.ask().amxInt8(), "this processor has no AMX");
    String problem = Amx.problem();
    assertThat(problem)
        .satisfiesAnyOf(p -> assertThat(p).isEmpty(), p -> assertThat(p).startsWith("x86: "));
    assertThat(X86Kernels.shortfall("avx512")).isEmpty();
  }
}
