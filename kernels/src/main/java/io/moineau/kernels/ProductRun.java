package io.moineau.kernels;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Some products that share their activations, from packing to the last row: the activations are
 * packed once per form that the weights' types need, then all rows of all products are cut into
 * pieces, which the team takes from one counter. So a small expert beside a large one, or a thread
 * that lost its core, holds nobody up.
 */
final class ProductRun implements AutoCloseable {
  private static final int MAX_PACKINGS = 16;
  private static final int FLOATS_PER_PACKING_PIECE = 16_384;

  private static final AtomicLong RUNS = new AtomicLong();

  private final KernelProvider provider;
  private final ThreadTeam team;
  private final Precision precision;
  private final Arena arena = Arena.ofShared();
  private final FloatMatrix nothing = FloatMatrix.allocate(arena, 0, 0);
  private final NativeBuffer packedBuffer = new NativeBuffer();
  private final NativeBuffer indexBuffer = new NativeBuffer();
  private final ThreadTeam.Task packPiece = this::pack;
  private final ThreadTeam.Task multiplyPiece = this::multiply;

  private Product[] products = new Product[0];
  private int[] pieceFrom = new int[1]; // [products + 1]
  private int[] pieceRows = new int[0]; // rows per piece of each product
  private int[] lots = new int[0]; // activations of each product that are computed together
  private final Product[] parts; // per thread
  private boolean alone;
  private int count;
  private long run;
  private @Nullable HomeOrder homes; // where weights lie on several nodes of memory
  private final ThreadTeam.Task multiplyHomed = this::multiplyHomed;

  private FloatMatrix x = nothing;
  private int partsPerRow; // packed rows per row of x
  private int partStride; // floats between parts
  private int partOffset;
  private int columns;
  private int packedRows;
  private int rowsPerPiece;
  private final int[] packings = new int[MAX_PACKINGS];
  private final long[] packedAt = new long[MAX_PACKINGS];
  private final long[] packedRowBytes = new long[MAX_PACKINGS];
  private int numPackings;
  private MemorySegment packed = MemorySegment.NULL;
  private MemorySegment index = MemorySegment.NULL;

  ProductRun(KernelProvider provider, ThreadTeam team, Precision precision) {
    this.provider = provider;
    this.team = team;
    this.precision = precision;
    parts = new Product[team.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Product(nothing);
    }
  }

  /** See {@link Kernels#asAlone}. */
  void asAlone(boolean value) {
    alone = value;
  }

  /**
   * Begins with activations of {@code newColumns} floats: {@code newParts} for each of {@code n}
   * rows of {@code newX}, {@code newStride} floats apart, the first at {@code newOffset}.
   */
  void begin(FloatMatrix newX, int n, int newParts, int newStride, int newOffset, int newColumns) {
    x = newX;
    partsPerRow = newParts;
    partStride = newStride;
    partOffset = newOffset;
    columns = newColumns;
    packedRows = n * newParts;
    numPackings = 0;
    count = 0;
    run = RUNS.incrementAndGet();
    pieceFrom[0] = 0;
  }

  /** Declares that weights of this type will come, before {@link #pack()}. */
  void uses(DType type) {
    int packing = provider.packing(type, precision);
    for (int i = 0; i < numPackings; i++) {
      if (packings[i] == packing) {
        return;
      }
    }
    packings[numPackings] = packing;
    packedRowBytes[numPackings] = provider.packedRowBytes(packing, columns);
    numPackings++;
  }

  /** Packs the activations for all types declared. */
  void pack() {
    long bytes = 0;
    for (int i = 0; i < numPackings; i++) {
      packedAt[i] = bytes;
      bytes += packedRowBytes[i] * packedRows;
    }
    packed = packedBuffer.ensure(bytes);
    rowsPerPiece = Math.max(1, FLOATS_PER_PACKING_PIECE / Math.max(1, columns));
    team.run((packedRows + rowsPerPiece - 1) / rowsPerPiece, packPiece);
  }

  private void pack(int piece, int thread) {
    int last = Math.min(packedRows, (piece + 1) * rowsPerPiece);
    for (int row = piece * rowsPerPiece; row < last; row++) {
      long from = x.offset(row / partsPerRow, partOffset + row % partsPerRow * partStride);
      for (int i = 0; i < numPackings; i++) {
        long to = packedAt[i] + row * packedRowBytes[i];
        provider.pack(packings[i], x.data(), from, columns, packed, to);
      }
    }
  }

  /** A list of {@code size} packed rows, all of them in order until changed. */
  void listRows(int size) {
    index = indexBuffer.ensure(4L * size);
    for (int i = 0; i < size; i++) {
      index.setAtIndex(ValueLayout.JAVA_INT, i, i);
    }
  }

  /** Makes entry {@code i} of the list packed row {@code row}. */
  void listRow(int i, int row) {
    index.setAtIndex(ValueLayout.JAVA_INT, i, row);
  }

  /**
   * Adds a product with matrix {@code slice} of {@code rows} rows of a weight, for {@code n}
   * entries of the list of rows from {@code indexFrom} on.
   */
  void add(
      TensorView weight,
      int slice,
      int rows,
      int indexFrom,
      int n,
      FloatMatrix out,
      int outRow,
      int outColumn) {
    if (n == 0 || rows == 0) {
      return;
    }
    if (count == products.length) {
      grow();
    }
    int packing = provider.packing(weight.type(), precision);
    int which = 0;
    while (packings[which] != packing) {
      which++;
    }
    Product product = products[count];
    long rowBytes = weight.rowBytes();
    product.weight(
        weight.type(), weight.data(), (long) slice * rows * rowBytes, rowBytes, rows, columns);
    product.activations(
        packing, packed.asSlice(packedAt[which]), packedRowBytes[which], index, indexFrom, n, run);
    product.result(out, outRow, outColumn);
    int most = alone ? provider.sameAsAlone(weight.type(), packing) : Integer.MAX_VALUE;
    product.alone(alone);
    lots[count] = Math.min(n, most);
    // Pieces are then those of one activation, for a kernel may take the last rows otherwise.
    int together = most == Integer.MAX_VALUE ? n : 1;
    int perPiece = Math.max(1, provider.rowsPerPiece(weight.type(), rows, columns, together));
    pieceRows[count] = perPiece;
    pieceFrom[count + 1] = pieceFrom[count] + (rows + perPiece - 1) / perPiece;
    count++;
  }

  private void grow() {
    int size = Math.max(8, 2 * count);
    products = Arrays.copyOf(products, size);
    for (int i = count; i < size; i++) {
      products[i] = new Product(nothing);
    }
    pieceFrom = Arrays.copyOf(pieceFrom, size + 1);
    pieceRows = Arrays.copyOf(pieceRows, size);
    lots = Arrays.copyOf(lots, size);
  }

  /** Gives pieces to the threads of the nodes on which their weights lie, from now on. */
  void homes(NodePlan plan) {
    homes = plan.isTrivial() ? null : new HomeOrder(plan);
  }

  /** Computes all products added. */
  void run() {
    HomeOrder order = homes;
    if (order == null) {
      team.run(pieceFrom[count], multiplyPiece);
      return;
    }
    order.begin();
    for (int i = 0; i < count; i++) {
      Product product = products[i];
      order.add(
          product.weights().address() + product.weightOffset(0),
          product.rowBytes() * pieceRows[i],
          pieceFrom[i + 1] - pieceFrom[i]);
    }
    team.run(order.finish(), multiplyHomed);
  }

  private void multiplyHomed(int place, int thread) {
    HomeOrder order = homes;
    if (order != null) {
      multiply(order.piece(place), thread);
    }
  }

  private void multiply(int piece, int thread) {
    int found = Arrays.binarySearch(pieceFrom, 0, count + 1, piece);
    int which = found >= 0 ? found : -found - 2;
    Product product = products[which];
    int from = (piece - pieceFrom[which]) * pieceRows[which];
    int to = Math.min(product.rows(), from + pieceRows[which]);
    int lot = lots[which];
    if (lot == product.activations()) {
      provider.multiply(product, from, to, thread);
      return;
    }
    // The rows of weights are in the core's cache after the first lot.
    Product part = parts[thread];
    for (int i = 0; i < product.activations(); i += lot) {
      part.part(product, i, Math.min(lot, product.activations() - i));
      provider.multiply(part, from, to, thread);
    }
  }

  @Override
  public void close() {
    packedBuffer.close();
    indexBuffer.close();
    arena.close();
  }
}
