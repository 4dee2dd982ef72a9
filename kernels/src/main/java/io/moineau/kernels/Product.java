package io.moineau.kernels;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One weight matrix times some packed rows of activations, as a provider gets it.
 *
 * <p>Activation i of the product is packed row {@link #packedRow}(i), and its result is row {@link
 * #outRow}() + i of {@link #out}, from column {@link #outColumn} on. Objects are reused, so that a
 * forward pass allocates none.
 */
public final class Product {
  private DType type = DType.F32;
  private MemorySegment weights = MemorySegment.NULL;
  private long weightOffset;
  private long rowBytes;
  private int rows;
  private int columns;
  private int packing;
  private MemorySegment packed = MemorySegment.NULL;
  private long packedRowBytes;
  private MemorySegment index = MemorySegment.NULL;
  private int indexFrom;
  private int activations;
  private boolean alone;
  private long run;
  private FloatMatrix out;
  private int outRow;
  private int outColumn;

  Product(FloatMatrix out) {
    this.out = out;
  }

  void weight(
      DType newType,
      MemorySegment newWeights,
      long newOffset,
      long newRowBytes,
      int newRows,
      int newColumns) {
    type = newType;
    weights = newWeights;
    weightOffset = newOffset;
    rowBytes = newRowBytes;
    rows = newRows;
    columns = newColumns;
  }

  void activations(
      int newPacking,
      MemorySegment newPacked,
      long newPackedRowBytes,
      MemorySegment newIndex,
      int newIndexFrom,
      int count,
      long newRun) {
    run = newRun;
    packing = newPacking;
    packed = newPacked;
    packedRowBytes = newPackedRowBytes;
    index = newIndex;
    indexFrom = newIndexFrom;
    activations = count;
  }

  /** Makes this the part of another product with {@code count} activations from {@code from} on. */
  void part(Product of, int from, int count) {
    weight(of.type, of.weights, of.weightOffset, of.rowBytes, of.rows, of.columns);
    activations(
        of.packing, of.packed, of.packedRowBytes, of.index, of.indexFrom + from, count, of.run);
    result(of.out, of.outRow + from, of.outColumn);
    alone = of.alone;
  }

  void alone(boolean value) {
    alone = value;
  }

  void result(FloatMatrix newOut, int newRow, int newColumn) {
    out = newOut;
    outRow = newRow;
    outColumn = newColumn;
  }

  /** Type of the weights. */
  public DType type() {
    return type;
  }

  /** Memory in which the weights lie. */
  public MemorySegment weights() {
    return weights;
  }

  /** Bytes from the start of {@link #weights} to a row. */
  public long weightOffset(int row) {
    return weightOffset + row * rowBytes;
  }

  /** Address of a row of weights; in the mapped file, of any alignment. */
  public long weightAddress(int row) {
    return weights.address() + weightOffset(row);
  }

  /** Bytes of a row of weights. */
  public long rowBytes() {
    return rowBytes;
  }

  /** Rows of the weight matrix. */
  public int rows() {
    return rows;
  }

  /** Columns of the weight matrix, and elements of an activation. */
  public int columns() {
    return columns;
  }

  /** The form of the activations. */
  public int packing() {
    return packing;
  }

  /** Memory of the packed activations. */
  public MemorySegment packed() {
    return packed;
  }

  /** Bytes from one packed row to the next. */
  public long packedRowBytes() {
    return packedRowBytes;
  }

  /** Number of activations. */
  public int activations() {
    return activations;
  }

  /**
   * Whether each activation must come to the bits that it comes to alone; then there are at most
   * {@link KernelProvider#sameAsAlone}.
   */
  public boolean alone() {
    return alone;
  }

  /** A number that products which share their packed activations have, and no others. */
  public long run() {
    return run;
  }

  /** Which packed row is activation i. */
  public int packedRow(int i) {
    return index.get(ValueLayout.JAVA_INT, 4L * (indexFrom + i));
  }

  /** Bytes from the start of {@link #packed} to activation i. */
  public long packedOffset(int i) {
    return packedRow(i) * packedRowBytes;
  }

  /** Address of the list of packed rows, 32-bit integers. */
  public long indexAddress() {
    return index.address() + 4L * indexFrom;
  }

  /** The result's matrix. */
  public FloatMatrix out() {
    return out;
  }

  /** Address of the result of an activation and a row of weights. */
  public long outAddress(int activation, int row) {
    return out.address(outRow + activation) + 4L * (outColumn + row);
  }

  /** Row of the result of activation 0. */
  public int outRow() {
    return outRow;
  }

  /** Column of the result of weight row 0. */
  public int outColumn() {
    return outColumn;
  }
}
