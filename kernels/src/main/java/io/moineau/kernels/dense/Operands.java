package io.moineau.kernels.dense;

/**
 * What a product is made of: {@code c[m, n] (+)= a[m, k] * b[k, n]}, each with strides of its own.
 *
 * <p>Mutable, so that a loop over many products makes no garbage.
 */
public final class Operands {
  int m;
  int n;
  int k;
  float[] a = new float[0];
  int ao;
  int aRow;
  int aColumn;
  float[] b = new float[0];
  int bo;
  int bRow;
  int bColumn;
  float[] c = new float[0];
  int co;
  int cRow;
  boolean add;
  Factors factors = Factors.FLOAT32;
  int packedAt; // where b's panels begin

  /** Operands of nothing. */
  public Operands() {}

  /** Sets the shape, and whether the result is added to what is there. */
  public Operands shape(int rows, int columns, int depth, boolean addTo) {
    m = rows;
    n = columns;
    k = depth;
    add = addTo;
    return this;
  }

  /** Sets what the factors are rounded to; {@link Factors#FLOAT32} until then. */
  public Operands factors(Factors value) {
    factors = value;
    return this;
  }

  /** Sets a: element (i, p) is {@code values[at + i * row + p * column]}. */
  public Operands left(float[] values, int at, int row, int column) {
    a = values;
    ao = at;
    aRow = row;
    aColumn = column;
    return this;
  }

  /** Sets b: element (p, j) is {@code values[at + p * row + j * column]}. */
  public Operands right(float[] values, int at, int row, int column) {
    b = values;
    bo = at;
    bRow = row;
    bColumn = column;
    return this;
  }

  /** Sets c: element (i, j) is {@code values[at + i * row + j]}. */
  public Operands result(float[] values, int at, int row) {
    c = values;
    co = at;
    cRow = row;
    return this;
  }

  /**
   * Checks that every element lies in its array.
   *
   * @throws io.moineau.kernels.KernelException {@code kernel-bad-shape}
   */
  void check() {
    checkRight();
    checkPart(n, k);
  }

  void checkRight() {
    if (n > 0 && k > 0) {
      inside("b", b.length, bo, (long) (k - 1) * bRow + (long) (n - 1) * bColumn);
    }
  }

  void checkPart(int columns, int depth) {
    if (columns > n || depth > k || columns < 0 || depth < 0) {
      throw new io.moineau.kernels.KernelException(
          "kernel-bad-shape",
          "a part of a product is larger than the product",
          columns + " columns, depth " + depth,
          n + " columns, depth " + k,
          "");
    }
    if (m > 0 && columns > 0 && depth > 0) {
      inside("a", a.length, ao, (long) (m - 1) * aRow + (long) (depth - 1) * aColumn);
      inside("c", c.length, co, (long) (m - 1) * cRow + columns - 1);
    }
  }

  private void inside(String name, int length, int at, long last) {
    if (at < 0 || at + last >= length) {
      throw new io.moineau.kernels.KernelException(
          "kernel-bad-shape",
          "an operand of a product is too small",
          name + " of " + m + " x " + n + " x " + k + " at " + at + " has " + length + " floats",
          "at least " + (at + last + 1),
          "");
    }
  }
}
