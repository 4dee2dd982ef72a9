package io.moineau.kernels;

/**
 * Which tokens chose which expert, sorted by expert: assignments of expert e are {@code start[e]}
 * to {@code start[e + 1] - 1}, and assignment i is of token {@code token[i]}.
 *
 * <p>Made by counting, so that each expert's product runs once over all tokens that chose it.
 */
public final class ExpertGroups {
  private final int numExperts;
  private final int[] start; // [numExperts + 1]
  private int[] token = new int[0]; // [numAssignments]
  private int[] slot = new int[0]; // [numAssignments]: index of the choice within its token
  private int size;

  /** Groups for a layer with so many experts. */
  public ExpertGroups(int numExperts) {
    this.numExperts = numExperts;
    this.start = new int[numExperts + 1];
  }

  /**
   * Groups the choices of {@code n} tokens.
   *
   * @param chosen expert numbers, {@code [n, perToken]}
   */
  public void group(int[] chosen, int n, int perToken) {
    size = n * perToken;
    if (token.length < size) {
      token = new int[size];
      slot = new int[size];
    }
    java.util.Arrays.fill(start, 0);
    for (int i = 0; i < size; i++) {
      start[chosen[i] + 1]++;
    }
    for (int e = 0; e < numExperts; e++) {
      start[e + 1] += start[e];
    }
    for (int i = 0; i < size; i++) {
      int at = start[chosen[i]]++;
      token[at] = i / perToken;
      slot[at] = i % perToken;
    }
    // Filling moved each start to the next expert's; move them back.
    for (int e = numExperts; e > 0; e--) {
      start[e] = start[e - 1];
    }
    start[0] = 0;
  }

  /** Experts of the layer. */
  public int numExperts() {
    return numExperts;
  }

  /** Assignments in all: tokens times experts per token. */
  public int size() {
    return size;
  }

  /** First assignment of an expert. */
  public int start(int expert) {
    return start[expert];
  }

  /** Assignments of an expert. */
  public int count(int expert) {
    return start[expert + 1] - start[expert];
  }

  /** The token of an assignment. */
  public int token(int assignment) {
    return token[assignment];
  }

  /** Which of its token's choices an assignment is, 0 to perToken - 1. */
  public int slot(int assignment) {
    return slot[assignment];
  }
}
