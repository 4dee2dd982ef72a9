package io.moineau.engine;

import io.moineau.ExpertUse;
import java.util.ArrayList;
import java.util.List;

/** Which experts the tokens of one answer chose. Written by the engine's thread until its end. */
public final class ExpertTally {
  private final int[] layers;
  private final int experts;
  final int[] tokens; // [layers, experts]

  ExpertTally(int[] layers, int experts) {
    this.layers = layers;
    this.experts = experts;
    this.tokens = new int[layers.length * experts];
  }

  /** Every expert that took part, most used first, in a fixed order where two were used alike. */
  public List<ExpertUse> used() {
    List<ExpertUse> used = new ArrayList<>();
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] > 0) {
        used.add(new ExpertUse(layers[i / experts], i % experts, tokens[i]));
      }
    }
    used.sort(ExpertUse.MOST_USED_FIRST);
    return used;
  }
}
