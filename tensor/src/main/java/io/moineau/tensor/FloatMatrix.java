package io.moineau.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A row-major matrix of 32-bit floats in native memory: activations, scratch, logits.
 *
 * <p>Native, so that machine code may be given its address. Rows lie {@link #columns()} floats
 * apart; the first is aligned to 64 bytes.
 */
public final class FloatMatrix {
  private final MemorySegment data;
  private final int rows;
  private final int columns;

  private FloatMatrix(MemorySegment data, int rows, int columns) {
    this.data = data;
    this.rows = rows;
    this.columns = columns;
  }

  /** Zeros, {@code [rows, columns]}, in memory of {@code arena}. */
  public static FloatMatrix allocate(Arena arena, int rows, int columns) {
    if (rows < 0 || columns < 0) {
      throw new TensorException(
          "tensor-bad-shape",
          "a matrix's shape is impossible",
          rows + " x " + columns,
          "0 or more",
          "");
    }
    return new FloatMatrix(arena.allocate(Math.max(4L, 4L * rows * columns), 64), rows, columns);
  }

  /**
   * The same memory as {@code [rows, columns]}, from the first element on; it must be large enough.
   */
  public FloatMatrix reshape(int newRows, int newColumns) {
    if (newRows < 0 || newColumns < 0 || 4L * newRows * newColumns > data.byteSize()) {
      throw new TensorException(
          "tensor-bad-shape",
          "a matrix does not hold so many elements",
          newRows + " x " + newColumns + " of " + rows + " x " + columns,
          "at most " + data.byteSize() / 4 + " elements",
          "");
    }
    return new FloatMatrix(data, newRows, newColumns);
  }

  /** Rows. */
  public int rows() {
    return rows;
  }

  /** Columns, and the distance between rows, in floats. */
  public int columns() {
    return columns;
  }

  /** The memory. */
  public MemorySegment data() {
    return data;
  }

  /** The address of element (row, 0). */
  public long address(int row) {
    return data.address() + 4L * row * columns;
  }

  /** Offset in bytes of element (row, column) in {@link #data()}. */
  public long offset(int row, int column) {
    return 4L * ((long) row * columns + column);
  }

  /** Element (row, column). */
  public float get(int row, int column) {
    return data.get(ValueLayout.JAVA_FLOAT, offset(row, column));
  }

  /** Sets element (row, column). */
  public void set(int row, int column, float value) {
    data.set(ValueLayout.JAVA_FLOAT, offset(row, column), value);
  }

  /** Copies a row out. */
  public void copyRow(int row, float[] target) {
    MemorySegment.copy(data, ValueLayout.JAVA_FLOAT, offset(row, 0), target, 0, columns);
  }

  /** Copies {@code source} into a row, from its first column on. */
  public void setRow(int row, float[] source) {
    if (source.length > columns) {
      throw new TensorException(
          "tensor-bad-shape",
          "a row is longer than the matrix",
          "" + source.length,
          "" + columns,
          "");
    }
    MemorySegment.copy(source, 0, data, ValueLayout.JAVA_FLOAT, offset(row, 0), source.length);
  }
}
