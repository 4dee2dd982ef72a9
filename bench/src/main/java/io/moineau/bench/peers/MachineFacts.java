package io.moineau.bench.peers;

import io.moineau.kernels.CpuFeatures;
import io.moineau.kernels.MachineProbe;

/**
 * The machine and how it was used.
 *
 * @param cpu its processor's name
 * @param processors that Java sees
 * @param memoryBytes of the machine
 * @param threads that each program was given
 * @param rounds how often each work was measured
 * @param limit instruction sets that all programs were limited to; empty for none
 * @param gigabytesPerSecond that so many threads read from memory
 * @param gigaoperationsPerSecond of 32-bit floats that so many threads compute
 */
record MachineFacts(
    String cpu,
    int processors,
    long memoryBytes,
    int threads,
    int rounds,
    String limit,
    double gigabytesPerSecond,
    double gigaoperationsPerSecond) {
  /** {@code 3 rounds}. */
  String roundsText() {
    return rounds + (rounds == 1 ? " round" : " rounds");
  }

  static MachineFacts of(RunOptions options, MachineProbe.Result probe) {
    var system =
        (com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return new MachineFacts(
        CpuFeatures.get().name(),
        Runtime.getRuntime().availableProcessors(),
        system.getTotalMemorySize(),
        options.threads(),
        options.rounds(),
        options.cpu(),
        probe.gigabytesPerSecond(),
        probe.gigaoperationsPerSecond());
  }
}
