package io.moineau.plan.capacity;

import java.util.List;

/** A calibration's factors for one family of chips, in seconds and shares, ready for formulas. */
final class Factors {
  /** What a calibration must have. */
  static final List<String> NAMES =
      List.of(
          "speed",
          "gemm",
          "gemm_half",
          "gemm_decode",
          "attention_prefill",
          "attention_decode",
          "memory",
          "attention_memory",
          "elementwise",
          "permute",
          "tile",
          "link",
          "network",
          "exposed",
          "exposed_decode",
          "pipeline",
          "layer_us",
          "expert_layer_us",
          "step_us",
          "sequence_us",
          "all_reduce_us",
          "all_to_all_us",
          "network_us",
          "target_nodes",
          "imbalance",
          "reserve",
          "activation_rows",
          "prefill_tokens",
          "sequences",
          "power_idle",
          "power_memory",
          "power_compute",
          "spread_prefill",
          "spread_decode",
          "spread_system");

  private static final double MICRO = 1e-6;
  private static final double TERA = 1e12;

  final double speed;
  final double gemm;
  final double gemmHalf;
  final double gemmDecode;
  final double attentionPrefill;
  final double attentionDecode;
  final double memory;
  final double attentionMemory;
  final double elementwise;
  final double permute;
  final double tile;
  final double link;
  final double network;
  final double exposed;
  final double exposedDecode;
  final double pipeline;
  final double layerSeconds;
  final double expertLayerSeconds;
  final double stepSeconds;
  final double sequenceSeconds;
  final double allReduceSeconds;
  final double allToAllSeconds;
  final double networkSeconds;
  final double targetNodes;
  final double imbalance;
  final double reserve;
  final double activationRows;
  final double prefillTokens;
  final double sequences;
  final double powerIdle;
  final double powerMemory;
  final double powerCompute;
  final double spreadPrefill;
  final double spreadDecode;
  final double spreadSystem;

  Factors(Calibration calibration, String family) {
    speed = calibration.value("speed", family);
    gemm = calibration.value("gemm", family);
    gemmHalf = calibration.value("gemm_half", family) * TERA;
    gemmDecode = calibration.value("gemm_decode", family);
    attentionPrefill = calibration.value("attention_prefill", family);
    attentionDecode = calibration.value("attention_decode", family);
    memory = calibration.value("memory", family);
    attentionMemory = calibration.value("attention_memory", family);
    elementwise = calibration.value("elementwise", family);
    permute = calibration.value("permute", family);
    tile = calibration.value("tile", family);
    link = calibration.value("link", family);
    network = calibration.value("network", family);
    exposed = calibration.value("exposed", family);
    exposedDecode = calibration.value("exposed_decode", family);
    pipeline = calibration.value("pipeline", family);
    layerSeconds = calibration.value("layer_us", family) * MICRO;
    expertLayerSeconds = calibration.value("expert_layer_us", family) * MICRO;
    stepSeconds = calibration.value("step_us", family) * MICRO;
    sequenceSeconds = calibration.value("sequence_us", family) * MICRO;
    allReduceSeconds = calibration.value("all_reduce_us", family) * MICRO;
    allToAllSeconds = calibration.value("all_to_all_us", family) * MICRO;
    networkSeconds = calibration.value("network_us", family) * MICRO;
    targetNodes = calibration.value("target_nodes", family);
    imbalance = calibration.value("imbalance", family);
    reserve = calibration.value("reserve", family);
    activationRows = calibration.value("activation_rows", family);
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
    return speed * gemm * peak / (1 + peak / gemmHalf);
  }
}
