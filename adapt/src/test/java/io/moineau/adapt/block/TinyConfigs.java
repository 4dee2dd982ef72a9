package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.model.RopeConfig;
import java.util.Optional;

/**
 * Shapes so small that a gradient to each weight by differences takes no time, none a power of 2.
 */
final class TinyConfigs {
  private TinyConfigs() {}

  static RopeConfig rope(int dim, boolean neox) {
    return new RopeConfig(dim, 100, neox, 1, false, 64, 1, 32, 1);
  }

  static ModelConfig gqa(Optional<MoeConfig> moe, int layers) {
    return new ModelConfig(
        "dots1",
        19,
        64,
        12,
        layers,
        10,
        4,
        2,
        6,
        6,
        1e-6f,
        (float) (1 / Math.sqrt(6)),
        0,
        rope(6, true),
        moe,
        Optional.empty());
  }

  static ModelConfig mla(int qLoraRank, Optional<MoeConfig> moe, int layers) {
    return new ModelConfig(
        "deepseek2",
        19,
        64,
        12,
        layers,
        10,
        3,
        3,
        9,
        5,
        1e-6f,
        (float) (1 / Math.sqrt(9)),
        0,
        rope(4, false),
        moe,
        Optional.of(new MlaConfig(qLoraRank, 7, 5, 4, 5)));
  }

  static Optional<MoeConfig> experts(Scoring scoring, boolean norm, int shared, int dense) {
    return Optional.of(new MoeConfig(5, 2, 6, shared, dense, 1, scoring, norm, 1.5f, 1, 1));
  }

  static TokenBatch batch() {
    TokenBatch batch = new TokenBatch(16);
    batch.addText(3, 7, 1, 18, 4, 4);
    batch.addText(2, 2);
    batch.addText(9, 11, 0, 5, 7, 3, 1);
    batch.beginSegment();
    batch.add(6, TokenBatch.NO_TARGET);
    batch.add(8, 14);
    return batch;
  }
}
