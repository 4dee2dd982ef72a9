package io.moineau.engine.prefix;

/** Blocks that a sequence waits for. Changed by the engine's thread alone. */
public final class PendingLoad {
  private int remaining;

  PendingLoad(int blocks) {
    remaining = blocks;
  }

  /** Whether all have come, or failed to. */
  public boolean isDone() {
    return remaining == 0;
  }

  void came() {
    remaining--;
  }
}
