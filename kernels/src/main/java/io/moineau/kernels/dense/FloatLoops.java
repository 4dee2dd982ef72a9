package io.moineau.kernels.dense;

/**
 * The innermost loops over floats on the heap: a tile of a product, and functions over rows.
 *
 * <p>Two implementations: the Vector API's, and plain Java where that module is not there. {@link
 * #HERE} is the one of this process. Arrays are not checked; callers are products and blocks whose
 * shapes were.
 */
public abstract sealed class FloatLoops permits ScalarLoops, VectorLoops {
  /** The best that works in this process. */
  public static final FloatLoops HERE = best();

  /** Rows of a tile of a product. */
  static final int TILE_ROWS = 6;

  FloatLoops() {}

  private static FloatLoops best() {
    boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return vectors ? VectorLoops.INSTANCE : new ScalarLoops();
  }

  /** What computes, for people. */
  public abstract String describe();

  /** Columns of a tile of a product. */
  abstract int tileColumns();

  /**
   * A tile of a product: {@code c[i][j] = (add ? c[i][j] : 0) + sum over p of a[p][i] * b[p][j]},
   * the sum being made first.
   *
   * @param a {@code [depth, TILE_ROWS]} at {@code ao}
   * @param b {@code [depth, tileColumns]} at {@code bo}
   * @param c rows {@code ldc} apart, the first at {@code co}
   */
  abstract void tile(
      float[] a, int ao, float[] b, int bo, int depth, float[] c, int co, int ldc, boolean add);

  /** The sum of {@code x[i] * y[i]}. */
  public abstract float dot(float[] x, int xo, float[] y, int yo, int n);

  /** {@code y[i] += factor * x[i]}. */
  public abstract void addScaled(float factor, float[] x, int xo, float[] y, int yo, int n);

  /** {@code y[i] = factor * x[i]}; both may be the same. */
  public abstract void scale(float factor, float[] x, int xo, float[] y, int yo, int n);

  /** The highest of {@code x}; minus infinity of none. */
  public abstract float max(float[] x, int xo, int n);

  /** {@code x[i] = exp(scale * x[i] - shift)}; returns the sum of these. */
  public abstract float expSum(float[] x, int xo, int n, float scale, float shift);

  /** {@code out[i] = gate[i] * sigmoid(gate[i]) * up[i]}. */
  public abstract void swiGlu(float[] gate, float[] up, float[] out, int at, int n);

  /**
   * The gradient of {@link #swiGlu}: {@code gate} and {@code up} become the gradients of
   * themselves.
   *
   * @param dOut gradient of the result
   */
  public abstract void swiGluGradient(float[] gate, float[] up, float[] dOut, int at, int n);

  /** The gradient of softmax, in place: {@code d[i] = p[i] * (d[i] - mean) * scale}. */
  public abstract void softmaxGradient(
      float[] p, int po, float[] d, int at, int n, float mean, float scale);

  /**
   * One step of AdamW (arXiv 1711.05101) over {@code n} weights.
   *
   * @param rate step size with both bias corrections in it
   * @param epsilon added to the root of the second moment, with the correction in it
   * @param keep one minus rate times decay
   */
  public abstract void adam(
      float[] weight,
      float[] gradient,
      float[] first,
      float[] second,
      int at,
      int n,
      float gradientScale,
      float beta1,
      float beta2,
      float rate,
      float epsilon,
      float keep);
}
