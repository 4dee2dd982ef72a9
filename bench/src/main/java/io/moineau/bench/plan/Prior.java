package io.moineau.bench.plan;

import java.util.List;

/**
 * What is thought of a factor before any row is seen: its value, and how far it may be off.
 *
 * @param name of the factor in the calibration
 * @param value in the middle
 * @param deviation standard deviation of its logarithm
 */
record Prior(String name, double value, double deviation) {
  /**
   * From what data sheets, papers and users' reports say (docs/design/plan.md has the sources): 0.8
   * of bandwidth, 0.6 to 0.85 of peaks, microseconds of launches and of collectives.
   */
  static final List<Prior> ALL =
      List.of(
          new Prior("speed.amd", 0.90, 0.20),
          new Prior("speed.ascend", 0.90, 0.20),
          new Prior("speed.gaudi", 0.85, 0.20),
          new Prior("expert_speed.amd", 0.80, 0.20),
          new Prior("general", 0.90, 0.15),
          new Prior("young", 1.00, 0.40),
          new Prior("gemm", 0.75, 0.10),
          new Prior("gemm_fall", 0.10, 0.30),
          new Prior("expert_gemm", 0.70, 0.20),
          new Prior("attention_prefill", 0.60, 0.25),
          new Prior("attention_decode", 0.60, 0.25),
          new Prior("memory", 0.80, 0.08),
          new Prior("traffic", 1.00, 0.40),
          new Prior("tile", 16, 0.40),
          new Prior("sequence_us", 3, 0.60),
          new Prior("link", 0.60, 0.25),
          new Prior("network", 0.70, 0.25),
          new Prior("exposed", 0.40, 0.40),
          new Prior("layer_us", 20, 0.40),
          new Prior("expert_layer_us", 20, 0.40),
          new Prior("prefill_layer_us", 100, 0.40),
          new Prior("step_us", 300, 0.40),
          new Prior("launch_us", 20, 0.30),
          new Prior("all_reduce_us", 8, 0.40),
          new Prior("all_to_all_us", 45, 0.30),
          new Prior("imbalance", 0.40, 0.30),
          new Prior("filled", 0.92, 0.10),
          new Prior("lockstep", 0.80, 0.15),
          new Prior("apart", 0.80, 0.15),
          new Prior("arrivals", 0.90, 0.08),
          new Prior("tail", 0.45, 0.15),
          new Prior("sequences", 640, 0.40),
          new Prior("memory.cpu", 0.75, 0.20),
          new Prior("layer_us.cpu", 450, 0.40),
          new Prior("gemm.cpu", 0.35, 0.30),
          new Prior("numa_loss", 0.35, 0.40));
}
