package io.moineau.adapt.block;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model's blocks need: they name their weights and their memory here when they are made, so
 * that how much it is can be told before any of it is allocated.
 */
public final class Blueprint {
  private final Workers workers;
  private final int maxTokens;
  private final int maxPositions;
  private final Parameters parameters = new Parameters();
  private final List<Slab> slabs = new ArrayList<>();
  private final Map<String, Slab> shared = new LinkedHashMap<>();

  /**
   * A blueprint without blocks.
   *
   * @param maxTokens tokens of a batch at most
   * @param maxPositions tokens of a document's piece at most
   */
  public Blueprint(Workers workers, int maxTokens, int maxPositions) {
    this.workers = workers;
    this.maxTokens = maxTokens;
    this.maxPositions = maxPositions;
  }

  /** The threads that blocks run on. */
  public Workers workers() {
    return workers;
  }

  /** Tokens of a document's piece at most. */
  public int maxPositions() {
    return maxPositions;
  }

  /** The weights named so far. */
  public Parameters parameters() {
    return parameters;
  }

  /** Memory that a block keeps for itself. */
  public Slab slab(int width) {
    Slab slab = new Slab(width);
    slabs.add(slab);
    return slab;
  }

  /** Memory under a name, which every block of this kind may use while it computes. */
  public Slab scratch(String name, int width) {
    Slab slab = shared.get(name);
    if (slab == null) {
      slab = slab(width);
      shared.put(name, slab);
    } else if (slab.width() != width) {
      // Another shape gets memory of its own.
      return scratch(name + "'", width);
    }
    return slab;
  }

  /** Bytes of activations. */
  public long activationBytes() {
    long floats = 0;
    for (Slab slab : slabs) {
      floats += (long) slab.width() * maxTokens;
    }
    return 4 * floats;
  }

  /** Allocates everything, with first weights from a seed. */
  public void allocate(long seed) {
    parameters.allocate(seed);
    for (Slab slab : slabs) {
      slab.allocate(maxTokens);
    }
  }
}
