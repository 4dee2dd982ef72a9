package io.moineau.engine.sampling;

import io.moineau.engine.EngineException;
import java.util.Arrays;

/**
 * The tokens that may still come next, with their logits: what the samplers work on.
 *
 * <p>Arrays of primitives, filled anew for each token and never given back. Order is by falling
 * logit and, where logits are equal, by rising token, so that a choice never depends on a sort's
 * whims. To find the best few of 150,000 a heap of keys is used: a key is a long whose upper half
 * orders as the logit does and whose lower half is the complement of the token.
 */
public final class Candidates {
  private final int[] ids;
  private final float[] logits;
  private final float[] probs;
  private final long[] keys;
  private int size;
  private boolean sorted;
  private boolean complete;
  private int selected = -1;

  /** For a vocabulary of so many tokens. */
  public Candidates(int vocabSize) {
    ids = new int[vocabSize];
    logits = new float[vocabSize];
    probs = new float[vocabSize];
    keys = new long[vocabSize];
  }

  /**
   * Starts with every token.
   *
   * @param row logits, one per token
   * @throws EngineException {@code logits-not-a-number} if one is NaN or positive infinity
   */
  public void reset(float[] row) {
    size = row.length;
    boolean broken = false;
    for (int i = 0; i < size; i++) {
      ids[i] = i;
      float logit = row[i];
      broken |= !(logit < Float.POSITIVE_INFINITY);
      logits[i] = logit;
    }
    if (broken) {
      throw notANumber(row);
    }
    sorted = false;
    complete = true;
    selected = -1;
  }

  static EngineException notANumber(float[] row) {
    int at = 0;
    while (at < row.length - 1 && row[at] < Float.POSITIVE_INFINITY) {
      at++;
    }
    return new EngineException(
        "logits-not-a-number",
        "the model gave a logit that is no number",
        "logit of token " + at + " is " + row[at],
        "finite logits",
        "the weights are damaged, or a kernel is wrong: try MOINEAU_KERNELS=scalar");
  }

  /** How many are left. */
  public int size() {
    return size;
  }

  /** Whether they stand in order. */
  public boolean isSorted() {
    return sorted;
  }

  /** Whether all tokens are here and stand at their own number. */
  public boolean isComplete() {
    return complete;
  }

  /** The token of candidate {@code i}. */
  public int id(int i) {
    return ids[i];
  }

  /** Its logit. */
  public float logit(int i) {
    return logits[i];
  }

  /** Its probability, after {@link #softmax}. */
  public float prob(int i) {
    return probs[i];
  }

  /** Changes a logit; the order is then unknown. */
  public void setLogit(int i, float logit) {
    logits[i] = logit;
    sorted = false;
  }

  /** Multiplies every logit with a factor above 0, which keeps the order. */
  public void scale(float factor) {
    for (int i = 0; i < size; i++) {
      logits[i] *= factor;
    }
  }

  /** The candidate that was chosen, or -1. */
  public int selected() {
    return selected;
  }

  /** Chooses candidate {@code i}. */
  public void select(int i) {
    selected = i;
  }

  /** Drops all but the first {@code n}. */
  public void truncate(int n) {
    if (n < size) {
      size = n;
      complete = false;
    }
  }

  /** Drops the first {@code n}. */
  public void dropFirst(int n) {
    System.arraycopy(ids, n, ids, 0, size - n);
    System.arraycopy(logits, n, logits, 0, size - n);
    System.arraycopy(probs, n, probs, 0, size - n);
    size -= n;
    complete = false;
  }

  /** Keeps those whose logit is at least {@code least}, in the order that they have. */
  public void keepAtLeast(float least) {
    int n = 0;
    for (int i = 0; i < size; i++) {
      if (logits[i] >= least) {
        ids[n] = ids[i];
        logits[n] = logits[i];
        n++;
      }
    }
    complete &= n == size;
    size = n;
  }

  /** How many have a logit of at least {@code least}. */
  public int countAtLeast(float least) {
    int n = 0;
    for (int i = 0; i < size; i++) {
      if (logits[i] >= least) {
        n++;
      }
    }
    return n;
  }

  /** Keeps candidates {@code order[0]} to {@code order[n - 1]}, in this order. */
  public void keep(int[] order, int n) {
    for (int i = 0; i < n; i++) {
      keys[i] = key(order[i]);
    }
    adopt(n);
    sorted = false;
  }

  /** The largest logit; negative infinity if there is none above. */
  public float maxLogit() {
    if (sorted) {
      return logits[0];
    }
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      max = Math.max(max, logits[i]);
    }
    return max;
  }

  /** Puts all in order. */
  public void sort() {
    if (!sorted) {
      keepTop(size);
    }
  }

  /** Keeps the best {@code k}, in order. */
  public void keepTop(int k) {
    int n = Math.min(k, size);
    if (sorted) {
      truncate(n);
      return;
    }
    peekTop(n);
    adopt(n);
  }

  /** Finds the best {@code k}, in order, and leaves the candidates as they are. */
  void peekTop(int k) {
    if (k > size / 4) {
      for (int i = 0; i < size; i++) {
        keys[i] = key(i);
      }
      Arrays.sort(keys, 0, size);
      for (int i = 0, j = size - 1; i < j; i++, j--) {
        long swap = keys[i];
        keys[i] = keys[j];
        keys[j] = swap;
      }
      return;
    }
    // A min-heap of the best k: its root is what a newcomer has to beat.
    for (int i = 0; i < k; i++) {
      keys[i] = key(i);
    }
    for (int i = k / 2 - 1; i >= 0; i--) {
      siftDown(i, k);
    }
    for (int i = k; i < size; i++) {
      long key = key(i);
      if (key > keys[0]) {
        keys[0] = key;
        siftDown(0, k);
      }
    }
    for (int n = k - 1; n > 0; n--) {
      long least = keys[0];
      keys[0] = keys[n];
      keys[n] = least;
      siftDown(0, n);
    }
  }

  float peekedLogit(int rank) {
    return logitOf(keys[rank]);
  }

  /** Keeps the first {@code n} that {@link #peekTop} found. */
  void adopt(int n) {
    complete = false;
    for (int i = 0; i < n; i++) {
      ids[i] = ~(int) keys[i];
      logits[i] = logitOf(keys[i]);
    }
    size = n;
    sorted = true;
  }

  private void siftDown(int i, int n) {
    long key = keys[i];
    for (int child = 2 * i + 1; child < n; child = 2 * i + 1) {
      if (child + 1 < n && keys[child + 1] < keys[child]) {
        child++;
      }
      if (key <= keys[child]) {
        break;
      }
      keys[i] = keys[child];
      i = child;
    }
    keys[i] = key;
  }

  private long key(int i) {
    // The bits of a float order as integers do once the negative ones are turned round; adding 0
    // makes -0 the same as 0.
    int bits = Float.floatToRawIntBits(logits[i] + 0f);
    bits ^= (bits >> 31) & 0x7fffffff;
    return ((long) bits << 32) | (~ids[i] & 0xffffffffL);
  }

  private static float logitOf(long key) {
    int bits = (int) (key >> 32);
    return Float.intBitsToFloat(bits ^ ((bits >> 31) & 0x7fffffff));
  }

  /**
   * Turns logits into probabilities that sum to 1. Where every logit is negative infinity the first
   * candidate gets all.
   */
  public void softmax() {
    float max = maxLogit();
    if (max == Float.NEGATIVE_INFINITY) {
      Arrays.fill(probs, 0, size, 0f);
      probs[0] = 1;
      return;
    }
    double sum = 0;
    for (int i = 0; i < size; i++) {
      float p = (float) Math.exp(logits[i] - max);
      probs[i] = p;
      sum += p;
    }
    float factor = (float) (1 / sum);
    for (int i = 0; i < size; i++) {
      probs[i] *= factor;
    }
  }

  /** Sum over all candidates of exp(logit - max). */
  double sumOfExp(float max) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.exp(logits[i] - max);
    }
    return sum;
  }

  /** Chooses by probability, with {@link #softmax} done. */
  public void selectByChance(SeededRandom random) {
    double target = random.nextDouble();
    double sum = 0;
    int last = 0;
    for (int i = 0; i < size; i++) {
      if (probs[i] > 0) {
        last = i;
        sum += probs[i];
        if (sum > target) {
          break;
        }
      }
    }
    // Probabilities may sum to a little less than 1: then the last that has any is taken.
    selected = last;
  }
}
