package io.moineau.plan.capacity;

import java.util.List;

/** A calibration's factors for one family of chips, in seconds and shares, ready for formulas. */
final class Factors {
  /** What a calibration must have. */
  static final List<String> NAMES =
      List.of(
          "speed",
          "expert_speed",
          "gemm",
          "gemm_fall",
          "expert_gemm",
          "attention_prefill",
          "attention_decode",
          "memory",
          "numa_loss",
          "traffic",
          "tile",
          "pipeline",
          "sequence_us",
          "link",
          "network",
          "exposed",
          "layer_us",
          "expert_layer_us",
          "prefill_layer_us",
          "step_us",
          "launch_us",
          "all_reduce_us",
          "all_to_all_us",
          "network_us",
          "target_nodes",
          "imbalance",
          "filled",
          "apart",
          "lockstep",
          "general",
          "young",
          "arrivals",
          "tail",
          "reserve",
          "activation_rows",
          "activation_share",
          "prefill_tokens",
          "sequences",
          "power_idle",
          "power_memory",
          "power_compute",
          "spread_prefill",
          "spread_decode",
          "spread_system");

  private static final double MICRO = 1e-6;
  private static final double REFERENCE = 1e15; // operations a second at which gemm holds

  final double speed;
  final double expertSpeed;
  final double gemm;
  final double gemmFall;
  final double expertGemm;
  final double attentionPrefill;
  final double attentionDecode;
  final double memory;
  final double numaLoss;
  final double traffic;
  final double tile;
  final double pipeline;
  final double sequenceSeconds;
  final double link;
  final double network;
  final double exposed;
  final double layerSeconds;
  final double expertLayerSeconds;
  final double prefillLayerSeconds;
  final double stepSeconds;
  final double launchSeconds; // of an operator that the host starts on its own; 0 with graphs
  final double allReduceSeconds;
  final double allToAllSeconds;
  final double networkSeconds;
  final double targetNodes;
  final double imbalance;
  final double filled;
  final double apart;
  final double lockstep;
  final double young; // of what models with experts reach, on chips that are new
  final double arrivals;
  final double tail;
  final double reserve;
  final double activationRows;
  final double activationShare;
  final double prefillTokens;
  final double sequences;
  final double powerIdle;
  final double powerMemory;
  final double powerCompute;
  final double spreadPrefill;
  final double spreadDecode;
  final double spreadSystem;

  Factors(Calibration calibration, String family, Software software) {
    boolean general = software.kind() != Software.Kind.TUNED;
    speed =
        calibration.value("speed", family) * (general ? calibration.value("general", family) : 1);
    young = Math.exp(-calibration.value("young", family) * software.youth());
    launchSeconds =
        software.kind() == Software.Kind.EAGER ? calibration.value("launch_us", family) * MICRO : 0;
    expertSpeed = calibration.value("expert_speed", family);
    gemm = calibration.value("gemm", family);
    gemmFall = calibration.value("gemm_fall", family);
    expertGemm = calibration.value("expert_gemm", family);
    attentionPrefill = calibration.value("attention_prefill", family);
    attentionDecode = calibration.value("attention_decode", family);
    memory = calibration.value("memory", family);
    numaLoss = calibration.value("numa_loss", family);
    tile = calibration.value("tile", family);
    pipeline = calibration.value("pipeline", family);
    sequenceSeconds = calibration.value("sequence_us", family) * MICRO;
    traffic = calibration.value("traffic", family);
    link = calibration.value("link", family);
    network = calibration.value("network", family);
    exposed = calibration.value("exposed", family);
    layerSeconds = calibration.value("layer_us", family) * MICRO;
    expertLayerSeconds = calibration.value("expert_layer_us", family) * MICRO;
    prefillLayerSeconds = calibration.value("prefill_layer_us", family) * MICRO;
    stepSeconds = calibration.value("step_us", family) * MICRO;
    allReduceSeconds = calibration.value("all_reduce_us", family) * MICRO;
    allToAllSeconds = calibration.value("all_to_all_us", family) * MICRO;
    networkSeconds = calibration.value("network_us", family) * MICRO;
    targetNodes = calibration.value("target_nodes", family);
    imbalance = calibration.value("imbalance", family);
    filled = calibration.value("filled", family);
    apart = calibration.value("apart", family);
    lockstep = calibration.value("lockstep", family);
    arrivals = calibration.value("arrivals", family);
    tail = calibration.value("tail", family);
    reserve = calibration.value("reserve", family);
    activationRows = calibration.value("activation_rows", family);
    activationShare = calibration.value("activation_share", family);
    prefillTokens = calibration.value("prefill_tokens", family);
    sequences = calibration.value("sequences", family);
    powerIdle = calibration.value("power_idle", family);
    powerMemory = calibration.value("power_memory", family);
    powerCompute = calibration.value("power_compute", family);
    spreadPrefill = calibration.value("spread_prefill", family);
    spreadDecode = calibration.value("spread_decode", family);
    spreadSystem = calibration.value("spread_system", family);
  }

  /** Operations a second that products of matrices reach on a chip with a peak. */
  double gemmRate(double peak) {
    return gemm * unit(peak);
  }

  /** A peak as far as it can be fed: the higher it is, the smaller the share. */
  double unit(double peak) {
    return peak * Math.pow(peak / REFERENCE, -gemmFall);
  }
}
