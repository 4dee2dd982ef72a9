package io.moineau.kernels;

import io.moineau.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * On which node of memory each part of the weights is at home: half of the experts of a layer on
 * either of two nodes, and of every other matrix half of the rows. So each node reads as many bytes
 * for a token as the other where matrices are dense, and on average where experts are chosen.
 *
 * <p>A plan only says where things belong. {@link PageLoader} reads them there, and products take
 * it into account ({@link HomeOrder}).
 */
public final class NodePlan {
  private final List<Integer> nodes;
  private final int pageBytes;
  private final List<PageLoader.Range> ranges = new ArrayList<>(); // as added; ends may overlap
  private List<PageLoader.Range> placed = List.of(); // by address, each page once
  private long[] from = new long[0]; // ascending addresses
  private int[] homes = new int[0]; // index of the node from that address on; -1 for none
  private boolean sorted = true;

  /**
   * An empty plan.
   *
   * @param nodes Linux's numbers of the nodes, ascending
   */
  public NodePlan(List<Integer> nodes) {
    this(nodes, System.getProperty("os.arch", "").equals("amd64") ? 4096 : 65_536);
  }

  NodePlan(List<Integer> nodes, int pageBytes) {
    this.nodes = List.copyOf(nodes);
    this.pageBytes = pageBytes;
  }

  /** Whether there is but one node, or nothing was added. */
  public boolean isTrivial() {
    return nodes.size() < 2 || ranges.isEmpty();
  }

  /** How many nodes there are. */
  public int nodeCount() {
    return Math.max(1, nodes.size());
  }

  /**
   * Shares out a weight: whole slices of three dimensions ({@code [experts, rows, columns]}), rows
   * of two. Vectors are left where they are.
   *
   * @param mapping the mapped file in which the weight lies
   */
  public void add(TensorView weight, MemorySegment mapping) {
    int rank = weight.shape().rank();
    if (rank < 2 || nodes.size() < 2) {
      return;
    }
    long parts = rank == 2 ? weight.rows() : weight.shape().dim(0);
    long partBytes = weight.data().byteSize() / Math.max(1, parts);
    long base = mapping.address();
    long start = weight.data().address();
    long begin = pageBefore(start, base);
    for (int node = 0; node < nodes.size(); node++) {
      long end = start + parts * (node + 1) / nodes.size() * partBytes;
      // A page that two parts share is at home where the first of them is.
      long last = pageBefore(end + pageBytes - 1, base);
      if (last > begin) {
        ranges.add(new PageLoader.Range(begin, last - begin, nodes.get(node)));
        begin = last;
      }
    }
    sorted = false;
  }

  private long pageBefore(long address, long base) {
    return base + (address - base) / pageBytes * pageBytes;
  }

  /** Linux's number of a node by its index; -1 for none. */
  int node(int index) {
    return index < 0 ? -1 : nodes.get(index);
  }

  /** What was added, as ranges of whole pages with their nodes. */
  public List<PageLoader.Range> ranges() {
    sort();
    return placed;
  }

  /** Which node an address is at home on, as an index into the plan's nodes; -1 if on none. */
  int homeOf(long address) {
    sort();
    int at = indexOf(address);
    return at < 0 ? -1 : homes[at];
  }

  /** The first address after this one with another home; the largest long if there is none. */
  long homeEnds(long address) {
    sort();
    int next = indexOf(address) + 1;
    return next < from.length ? from[next] : Long.MAX_VALUE;
  }

  private int indexOf(long address) {
    int found = Arrays.binarySearch(from, address);
    return found >= 0 ? found : -found - 2;
  }

  private void sort() {
    if (sorted) {
      return;
    }
    List<PageLoader.Range> order = new ArrayList<>(ranges);
    order.sort((a, b) -> Long.compare(a.address(), b.address()));
    List<PageLoader.Range> pages = new ArrayList<>();
    long[] addresses = new long[2 * order.size()];
    int[] indexes = new int[2 * order.size()];
    int count = 0;
    long end = Long.MIN_VALUE;
    for (PageLoader.Range range : order) {
      long begin = Math.max(range.address(), end);
      long last = range.address() + range.bytes();
      if (begin >= last) {
        continue; // in pages of the tensors before
      }
      if (!pages.isEmpty() && begin > end) {
        addresses[count] = end;
        indexes[count++] = -1;
      }
      pages.add(new PageLoader.Range(begin, last - begin, range.node()));
      addresses[count] = begin;
      indexes[count++] = nodes.indexOf(range.node());
      end = last;
    }
    if (!pages.isEmpty()) {
      addresses[count] = end;
      indexes[count++] = -1;
    }
    placed = List.copyOf(pages);
    from = Arrays.copyOf(addresses, count);
    homes = Arrays.copyOf(indexes, count);
    sorted = true;
  }
}
