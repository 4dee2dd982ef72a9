package io.moineau.kernels.dense;

/** Plain Java: the definition of right, and what runs without the Vector API. */
final class ScalarLoops extends FloatLoops {
  private static final int TILE_COLUMNS = 16;
  private static final float LOG2_E = 1.44269504f;
  // Adding and subtracting this rounds a float to a whole number, and leaves that number's bits
  // low.
  private static final float ROUNDER = 12582912f; // 1.5 * 2^23
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  ScalarLoops() {}

  @Override
  public String describe() {
    return "plain Java (add --add-modules jdk.incubator.vector for speed)";
  }

  @Override
  int tileColumns() {
    return TILE_COLUMNS;
  }

  @Override
  void tile(
      float[] a, int ao, float[] b, int bo, int depth, float[] c, int co, int ldc, boolean add) {
    float[] sums = new float[TILE_COLUMNS];
    for (int i = 0; i < TILE_ROWS; i++) {
      java.util.Arrays.fill(sums, 0);
      for (int p = 0; p < depth; p++) {
        float factor = a[ao + p * TILE_ROWS + i];
        int row = bo + p * TILE_COLUMNS;
        for (int j = 0; j < TILE_COLUMNS; j++) {
          sums[j] += factor * b[row + j];
        }
      }
      int to = co + i * ldc;
      for (int j = 0; j < TILE_COLUMNS; j++) {
        c[to + j] = add ? c[to + j] + sums[j] : sums[j];
      }
    }
  }

  @Override
  public float dot(float[] x, int xo, float[] y, int yo, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += x[xo + i] * y[yo + i];
    }
    return sum;
  }

  @Override
  public void addScaled(float factor, float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += factor * x[xo + i];
    }
  }

  @Override
  public void scale(float factor, float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = factor * x[xo + i];
    }
  }

  @Override
  public float max(float[] x, int xo, int n) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x[xo + i]);
    }
    return max;
  }

  /** Range reduction by powers of two and a polynomial (that of Cephes' expf); about 2e-7. */
  static float exp(float value) {
    float x = Math.max(-87.3f, Math.min(88.3f, value));
    float rounded = x * LOG2_E + ROUNDER;
    int power = Float.floatToRawIntBits(rounded) << 23;
    float n = rounded - ROUNDER;
    float r = x - n * LN2_HIGH - n * LN2_LOW;
    float y = 1.9875691500e-4f;
    y = y * r + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = y * r * r + r + 1;
    return Float.intBitsToFloat(Float.floatToRawIntBits(y) + power);
  }

  @Override
  public float expSum(float[] x, int xo, int n, float scale, float shift) {
    float sum = 0;
    for (int i = 0; i < n; i++) {
      float value = exp(scale * x[xo + i] - shift);
      x[xo + i] = value;
      sum += value;
    }
    return sum;
  }

  @Override
  public void swiGlu(float[] gate, float[] up, float[] out, int at, int n) {
    for (int i = at; i < at + n; i++) {
      out[i] = gate[i] / (1 + exp(-gate[i])) * up[i];
    }
  }

  @Override
  public void swiGluGradient(float[] gate, float[] up, float[] dOut, int at, int n) {
    for (int i = at; i < at + n; i++) {
      float g = gate[i];
      float s = 1 / (1 + exp(-g));
      gate[i] = dOut[i] * up[i] * s * (1 + g * (1 - s));
      up[i] = dOut[i] * g * s;
    }
  }

  @Override
  public void softmaxGradient(
      float[] p, int po, float[] d, int at, int n, float mean, float scale) {
    for (int i = 0; i < n; i++) {
      d[at + i] = p[po + i] * (d[at + i] - mean) * scale;
    }
  }

  @Override
  public void adam(
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
      float keep) {
    for (int i = at; i < at + n; i++) {
      float g = gradient[i] * gradientScale;
      float m = beta1 * first[i] + (1 - beta1) * g;
      float v = beta2 * second[i] + (1 - beta2) * g * g;
      first[i] = m;
      second[i] = v;
      weight[i] = keep * weight[i] - rate * m / ((float) Math.sqrt(v) + epsilon);
    }
  }
}
