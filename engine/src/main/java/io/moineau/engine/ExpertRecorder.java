package io.moineau.engine;

import io.moineau.ExpertActivity;
import io.moineau.ExpertUsageListener;
import io.moineau.model.ExpertListener;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts which experts tokens choose: always for the model as a whole, and row by row of the logits
 * in steps that hold a sequence which wants to know.
 *
 * <p>One thread counts. An increment of the totals is a plain read and an opaque write: other
 * threads see a figure of some recent moment, never half of one, and no step waits for it.
 */
final class ExpertRecorder implements ExpertListener {
  private final int[] layers;
  private final int[] indexOf; // [highest layer + 1]
  private final int experts;
  private final int perToken;
  private final AtomicLongArray tokens; // [layers, experts]
  private int[] chosen = new int[0]; // [rows of logits, layers, perToken]
  private boolean @Nullable [] rows; // for each token of the batch whether it has a row
  private volatile @Nullable ExpertUsageListener listener;

  /**
   * With all counters at 0.
   *
   * @param layers numbers of the layers that have experts, ascending
   * @param experts routed experts of each
   * @param perToken experts that a token chooses in each
   */
  ExpertRecorder(int[] layers, int experts, int perToken) {
    this.layers = layers.clone();
    this.experts = experts;
    this.perToken = perToken;
    this.tokens = new AtomicLongArray(Math.multiplyExact(layers.length, experts));
    this.indexOf = new int[layers.length == 0 ? 0 : layers[layers.length - 1] + 1];
    for (int i = 0; i < layers.length; i++) {
      indexOf[layers[i]] = i;
    }
  }

  /** The totals, for any thread; empty for a model without experts. */
  Optional<ExpertActivity> activity() {
    return layers.length == 0
        ? Optional.empty()
        : Optional.of(new ExpertActivity(layers, experts, tokens));
  }

  /** Sets who else is told; from any thread. */
  void listener(@Nullable ExpertUsageListener value) {
    listener = value;
  }

  /** A step begins of which nobody wants to know more than the totals. */
  void begin() {
    rows = null;
  }

  /**
   * A step begins whose choices are kept until the next.
   *
   * @param output for each token whether it has a row of logits
   * @param numOutputs how many have
   */
  void begin(boolean[] output, int numOutputs) {
    rows = output;
    int needed = numOutputs * layers.length * perToken;
    if (chosen.length < needed) {
      chosen = new int[needed];
    }
  }

  @Override
  public void routed(int layer, int numTokens, int perTok, int[] chosenExperts, float[] weights) {
    int index = indexOf[layer];
    int base = index * experts;
    for (int i = 0; i < numTokens * perTok; i++) {
      int at = base + chosenExperts[i];
      tokens.setOpaque(at, tokens.getPlain(at) + 1);
    }
    boolean[] wanted = rows;
    if (wanted != null) {
      int row = 0;
      for (int t = 0; t < numTokens; t++) {
        if (wanted[t]) {
          int to = (row++ * layers.length + index) * perToken;
          System.arraycopy(chosenExperts, t * perToken, chosen, to, perToken);
        }
      }
    }
    ExpertUsageListener other = listener;
    if (other != null) {
      other.routed(layer, numTokens, chosenExperts, weights);
    }
  }

  /** A sequence's own counters, at 0. */
  ExpertTally newTally() {
    return new ExpertTally(layers, experts);
  }

  /** Adds what the token of a row of logits chose in the last step that was kept. */
  void addTo(ExpertTally tally, int row) {
    int width = layers.length * perToken;
    for (int i = 0; i < width; i++) {
      tally.tokens[i / perToken * experts + chosen[row * width + i]]++;
    }
  }
}
