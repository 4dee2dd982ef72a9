package io.moineau.kernels;

import java.util.Arrays;

/**
 * Pieces of a region in the order of the nodes on which their rows lie, as {@link
 * ThreadTeam#run(int[], ThreadTeam.Task)} takes them. Reused: a forward pass allocates nothing.
 *
 * <p>{@link #begin}, then {@link #add} for each product in turn, then {@link #finish}.
 */
final class HomeOrder {
  private final NodePlan plan;
  private final int[] firstOfNode; // [nodes + 1]
  private final int[] filled; // [nodes]
  private int[] homes = new int[64]; // of each piece as added
  private int[] order = new int[64]; // pieces by node
  private int count;
  private int next; // the node of the next piece without a home

  HomeOrder(NodePlan plan) {
    this.plan = plan;
    this.firstOfNode = new int[plan.nodeCount() + 1];
    this.filled = new int[plan.nodeCount()];
  }

  /** Forgets what was added. */
  void begin() {
    count = 0;
    next = 0;
  }

  /**
   * Adds {@code pieces} pieces of {@code pieceBytes} bytes that lie one behind another from {@code
   * address} on. A piece is at home where its first byte is.
   */
  void add(long address, long pieceBytes, int pieces) {
    if (count + pieces > homes.length) {
      homes = Arrays.copyOf(homes, 2 * (count + pieces));
      order = new int[homes.length];
    }
    int done = 0;
    while (done < pieces) {
      long at = address + done * pieceBytes;
      int home = plan.homeOf(at);
      long span = plan.homeEnds(at) - at;
      int last = (int) Math.min(pieces, done + (span - 1) / Math.max(1, pieceBytes) + 1);
      while (done < last) {
        homes[count++] = home >= 0 ? home : turn();
        done++;
      }
    }
  }

  private int turn() {
    int node = next;
    next = next + 1 < filled.length ? next + 1 : 0;
    return node;
  }

  /** Sorts what was added by node and gives {@code firstOfNode} for the team. */
  int[] finish() {
    Arrays.fill(firstOfNode, 0);
    for (int piece = 0; piece < count; piece++) {
      firstOfNode[homes[piece] + 1]++;
    }
    for (int node = 0; node < filled.length; node++) {
      firstOfNode[node + 1] += firstOfNode[node];
      filled[node] = firstOfNode[node];
    }
    for (int piece = 0; piece < count; piece++) {
      order[filled[homes[piece]]++] = piece;
    }
    return firstOfNode;
  }

  /** The piece, as it was added, that is at place {@code at} of the team's order. */
  int piece(int at) {
    return order[at];
  }
}
