package io.moineau.kernels.dense;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops on the Vector API, at the machine's width.
 *
 * <p>A tile keeps twelve vectors of sums in registers; with two vectors of b and one broadcast of a
 * these fit 16 registers, so the same tile serves AVX2, AVX-512 and NEON. What is left over after
 * whole vectors is done by {@link ScalarLoops}.
 */
final class VectorLoops extends FloatLoops {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_MAX.withShape(shape());
  private static final int LANES = F.length();
  private static final int COLUMNS = 2 * LANES;
  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(F, 8, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(F, 4, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(F, 2, 1, true);
  private static final ScalarLoops REST = new ScalarLoops();

  // After the species, which its methods need.
  static final VectorLoops INSTANCE = new VectorLoops();

  private VectorLoops() {}

  private static VectorShape shape() {
    int preferred = Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
    int forced = Integer.getInteger("moineau.vector.bits", preferred);
    return VectorShape.forBitSize(forced == 128 || forced == 256 ? forced : preferred);
  }

  @Override
  public String describe() {
    return "Vector API, " + F.vectorBitSize() + " bit";
  }

  @Override
  int tileColumns() {
    return COLUMNS;
  }

  @Override
  void tile(
      float[] a, int ao, float[] b, int bo, int depth, float[] c, int co, int ldc, boolean add) {
    FloatVector s00 = FloatVector.zero(F);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s40 = s00;
    FloatVector s41 = s00;
    FloatVector s50 = s00;
    FloatVector s51 = s00;
    int at = bo;
    int end = ao + depth * TILE_ROWS;
    for (int i = ao; i < end; i += TILE_ROWS) {
      FloatVector b0 = FloatVector.fromArray(F, b, at);
      FloatVector b1 = FloatVector.fromArray(F, b, at + LANES);
      FloatVector factor = FloatVector.broadcast(F, a[i]);
      s00 = factor.fma(b0, s00);
      s01 = factor.fma(b1, s01);
      factor = FloatVector.broadcast(F, a[i + 1]);
      s10 = factor.fma(b0, s10);
      s11 = factor.fma(b1, s11);
      factor = FloatVector.broadcast(F, a[i + 2]);
      s20 = factor.fma(b0, s20);
      s21 = factor.fma(b1, s21);
      factor = FloatVector.broadcast(F, a[i + 3]);
      s30 = factor.fma(b0, s30);
      s31 = factor.fma(b1, s31);
      factor = FloatVector.broadcast(F, a[i + 4]);
      s40 = factor.fma(b0, s40);
      s41 = factor.fma(b1, s41);
      factor = FloatVector.broadcast(F, a[i + 5]);
      s50 = factor.fma(b0, s50);
      s51 = factor.fma(b1, s51);
      at += COLUMNS;
    }
    // Written out: a call that was not inlined would box a sum in each turn of the loop, which took
    // two thirds of the speed.
    at = co;
    if (add) {
      FloatVector.fromArray(F, c, at).add(s00).intoArray(c, at);
      FloatVector.fromArray(F, c, at + LANES).add(s01).intoArray(c, at + LANES);
      at += ldc;
      FloatVector.fromArray(F, c, at).add(s10).intoArray(c, at);
      FloatVector.fromArray(F, c, at + LANES).add(s11).intoArray(c, at + LANES);
      at += ldc;
      FloatVector.fromArray(F, c, at).add(s20).intoArray(c, at);
      FloatVector.fromArray(F, c, at + LANES).add(s21).intoArray(c, at + LANES);
      at += ldc;
      FloatVector.fromArray(F, c, at).add(s30).intoArray(c, at);
      FloatVector.fromArray(F, c, at + LANES).add(s31).intoArray(c, at + LANES);
      at += ldc;
      FloatVector.fromArray(F, c, at).add(s40).intoArray(c, at);
      FloatVector.fromArray(F, c, at + LANES).add(s41).intoArray(c, at + LANES);
      at += ldc;
      FloatVector.fromArray(F, c, at).add(s50).intoArray(c, at);
      FloatVector.fromArray(F, c, at + LANES).add(s51).intoArray(c, at + LANES);
    } else {
      s00.intoArray(c, at);
      s01.intoArray(c, at + LANES);
      at += ldc;
      s10.intoArray(c, at);
      s11.intoArray(c, at + LANES);
      at += ldc;
      s20.intoArray(c, at);
      s21.intoArray(c, at + LANES);
      at += ldc;
      s30.intoArray(c, at);
      s31.intoArray(c, at + LANES);
      at += ldc;
      s40.intoArray(c, at);
      s41.intoArray(c, at + LANES);
      at += ldc;
      s50.intoArray(c, at);
      s51.intoArray(c, at + LANES);
    }
  }

  /**
   * The sum of the lanes, in pairs. Not {@code reduceLanes}, whose order is open: the interpreter
   * has another than compiled code, and a training that goes on would differ in its last bits.
   */
  private static float sum(FloatVector v) {
    if (LANES > 8) {
      v = v.add(v.rearrange(BY_8));
    }
    if (LANES > 4) {
      v = v.add(v.rearrange(BY_4));
    }
    v = v.add(v.rearrange(BY_2));
    return v.lane(0) + v.lane(1);
  }

  @Override
  public float dot(float[] x, int xo, float[] y, int yo, int n) {
    FloatVector even = FloatVector.zero(F);
    FloatVector odd = even;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      even = FloatVector.fromArray(F, x, xo + i).fma(FloatVector.fromArray(F, y, yo + i), even);
      odd =
          FloatVector.fromArray(F, x, xo + i + LANES)
              .fma(FloatVector.fromArray(F, y, yo + i + LANES), odd);
    }
    return sum(even.add(odd)) + REST.dot(x, xo + i, y, yo + i, n - i);
  }

  @Override
  public void addScaled(float factor, float[] x, int xo, float[] y, int yo, int n) {
    FloatVector by = FloatVector.broadcast(F, factor);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, x, xo + i)
          .fma(by, FloatVector.fromArray(F, y, yo + i))
          .intoArray(y, yo + i);
    }
    REST.addScaled(factor, x, xo + i, y, yo + i, n - i);
  }

  @Override
  public void scale(float factor, float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, x, xo + i).mul(factor).intoArray(y, yo + i);
    }
    REST.scale(factor, x, xo + i, y, yo + i, n - i);
  }

  @Override
  public float max(float[] x, int xo, int n) {
    FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      max = max.max(FloatVector.fromArray(F, x, xo + i));
    }
    return Math.max(max.reduceLanes(VectorOperators.MAX), REST.max(x, xo + i, n - i));
  }

  /** As {@link ScalarLoops#exp}. */
  private static FloatVector exp(FloatVector value) {
    FloatVector x = value.max(-87.3f).min(88.3f);
    FloatVector rounded = x.mul(1.44269504f).add(12582912f);
    FloatVector n = rounded.sub(12582912f);
    FloatVector r = x.sub(n.mul(0.693359375f)).sub(n.mul(-2.12194440e-4f));
    FloatVector y = FloatVector.broadcast(F, 1.9875691500e-4f);
    y = y.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
    y = y.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
    y = y.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
    y = y.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
    y = y.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
    y = y.mul(r).fma(r, r.add(1));
    return y.reinterpretAsInts()
        .add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
        .reinterpretAsFloats();
  }

  @Override
  public float expSum(float[] x, int xo, int n, float scale, float shift) {
    FloatVector sum = FloatVector.zero(F);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector value = exp(FloatVector.fromArray(F, x, xo + i).mul(scale).sub(shift));
      value.intoArray(x, xo + i);
      sum = sum.add(value);
    }
    if (i < n) { // rows of scores have any length: plain exponentials would take longer than these
      VectorMask<Float> rest = F.indexInRange(i, n);
      FloatVector value = exp(FloatVector.fromArray(F, x, xo + i, rest).mul(scale).sub(shift));
      value.intoArray(x, xo + i, rest);
      sum = sum.add(value, rest);
    }
    return sum(sum);
  }

  @Override
  public void swiGlu(float[] gate, float[] up, float[] out, int at, int n) {
    int i = at;
    for (; i <= at + n - LANES; i += LANES) {
      FloatVector g = FloatVector.fromArray(F, gate, i);
      g.div(exp(g.neg()).add(1)).mul(FloatVector.fromArray(F, up, i)).intoArray(out, i);
    }
    REST.swiGlu(gate, up, out, i, at + n - i);
  }

  @Override
  public void swiGluGradient(float[] gate, float[] up, float[] dOut, int at, int n) {
    FloatVector one = FloatVector.broadcast(F, 1);
    int i = at;
    for (; i <= at + n - LANES; i += LANES) {
      FloatVector g = FloatVector.fromArray(F, gate, i);
      FloatVector s = one.div(exp(g.neg()).add(1));
      FloatVector ds = FloatVector.fromArray(F, dOut, i).mul(s);
      FloatVector slope = one.sub(s).fma(g, one);
      ds.mul(FloatVector.fromArray(F, up, i)).mul(slope).intoArray(gate, i);
      ds.mul(g).intoArray(up, i);
    }
    REST.swiGluGradient(gate, up, dOut, i, at + n - i);
  }

  @Override
  public void softmaxGradient(
      float[] p, int po, float[] d, int at, int n, float mean, float scale) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(F, d, at + i)
          .sub(mean)
          .mul(FloatVector.fromArray(F, p, po + i))
          .mul(scale)
          .intoArray(d, at + i);
    }
    REST.softmaxGradient(p, po + i, d, at + i, n - i, mean, scale);
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
    int i = at;
    for (; i <= at + n - LANES; i += LANES) {
      FloatVector g = FloatVector.fromArray(F, gradient, i).mul(gradientScale);
      FloatVector m = FloatVector.fromArray(F, first, i).mul(beta1).add(g.mul(1 - beta1));
      FloatVector v = FloatVector.fromArray(F, second, i).mul(beta2).add(g.mul(g).mul(1 - beta2));
      m.intoArray(first, i);
      v.intoArray(second, i);
      FloatVector step = m.mul(rate).div(v.sqrt().add(epsilon));
      FloatVector.fromArray(F, weight, i).mul(keep).sub(step).intoArray(weight, i);
    }
    REST.adam(
        weight,
        gradient,
        first,
        second,
        i,
        at + n - i,
        gradientScale,
        beta1,
        beta2,
        rate,
        epsilon,
        keep);
  }
}
