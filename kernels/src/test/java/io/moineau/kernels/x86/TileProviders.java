package io.moineau.kernels.x86;

import io.moineau.kernels.KernelProvider;

/** Kernels with tiles that an emulator computes, and the same without tiles. */
public final class TileProviders {
  private TileProviders() {}

  /** Empty if the processor has what is not emulated, else what it lacks. */
  public static String problem() {
    String problem = X86Kernels.problem("");
    if (!problem.isEmpty()) {
      return problem;
    }
    return isa().avx512Vnni() ? "" : "x86: no AVX-512 VNNI";
  }

  static Isa isa() {
    CpuId cpu = CpuId.ask();
    return Isa.of(
        new CpuId(
            cpu.avx2(),
            cpu.fma(),
            cpu.f16c(),
            cpu.avxVnni(),
            cpu.avx512(),
            cpu.avx512Vnni(),
            cpu.avx512Bf16(),
            true,
            true),
        "");
  }

  /** Kernels whose tile instructions go to an emulator. */
  public static KernelProvider emulated(
      int threads, TileEmulator emulator, KernelProvider fallback) {
    return X86Kernels.open(threads, isa(), Tuning.DEFAULT, emulator::assembler, fallback);
  }

  /** Kernels that use tiles for nothing. */
  public static KernelProvider withoutTiles(int threads, KernelProvider fallback) {
    return X86Kernels.open(threads, isa().withoutAmx(), Tuning.DEFAULT, Assembler::new, fallback);
  }
}
