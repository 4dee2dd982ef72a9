package io.moineau.kernels.vector;

import static io.moineau.kernels.vector.Lanes.F;
import static io.moineau.kernels.vector.Lanes.FLOATS;

import io.moineau.kernels.ActivationRounding;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Operations on rows of activations; what is left beyond whole vectors is computed plainly. */
final class RowOperations {
  private RowOperations() {}

  static void rmsNorm(long x, int columns, int groups, float[] weight, float eps, long out) {
    int part = columns / groups;
    for (int g = 0; g < groups; g++) {
      long from = x + 4L * g * part;
      long to = out + 4L * g * part;
      int weightFrom = weight.length == part ? 0 : g * part;
      FloatVector squares = FloatVector.zero(F);
      int c = 0;
      for (; c + FLOATS <= part; c += FLOATS) {
        FloatVector v = Lanes.floats(from + 4L * c);
        squares = v.fma(v, squares);
      }
      double sum = Lanes.sum(squares);
      for (; c < part; c++) {
        sum += (double) Lanes.get(from + 4L * c) * Lanes.get(from + 4L * c);
      }
      float factor = (float) (1.0 / Math.sqrt(sum / part + eps));
      for (c = 0; c + FLOATS <= part; c += FLOATS) {
        FloatVector w = FloatVector.fromArray(F, weight, weightFrom + c);
        Lanes.put(to + 4L * c, Lanes.floats(from + 4L * c).mul(factor).mul(w));
      }
      for (; c < part; c++) {
        Lanes.put(to + 4L * c, Lanes.get(from + 4L * c) * factor * weight[weightFrom + c]);
      }
    }
  }

  static void swiGlu(long gate, long up, int columns) {
    int c = 0;
    for (; c + FLOATS <= columns; c += FLOATS) {
      FloatVector g = Lanes.floats(gate + 4L * c);
      FloatVector silu = g.div(exp(g.neg()).add(1));
      Lanes.put(gate + 4L * c, silu.mul(Lanes.floats(up + 4L * c)));
    }
    for (; c < columns; c++) {
      float g = Lanes.get(gate + 4L * c);
      Lanes.put(gate + 4L * c, (float) (g / (1 + Math.exp(-g))) * Lanes.get(up + 4L * c));
    }
  }

  static void clampedSwiGlu(long gate, long up, int columns, float alpha, float limit) {
    int c = 0;
    for (; c + FLOATS <= columns; c += FLOATS) {
      FloatVector g = Lanes.floats(gate + 4L * c).min(limit);
      FloatVector u = Lanes.floats(up + 4L * c).min(limit).max(-limit);
      FloatVector gated = g.div(exp(g.mul(-alpha)).add(1));
      Lanes.put(gate + 4L * c, gated.mul(u.add(1)));
    }
    for (; c < columns; c++) {
      float g = Math.min(Lanes.get(gate + 4L * c), limit);
      float u = Math.clamp(Lanes.get(up + 4L * c), -limit, limit);
      Lanes.put(gate + 4L * c, (float) (g / (1 + Math.exp(-alpha * g))) * (u + 1));
    }
  }

  static void addScaled(long x, long y, int columns, float factor) {
    int c = 0;
    FloatVector f = Lanes.all(factor);
    for (; c + FLOATS <= columns; c += FLOATS) {
      Lanes.put(x + 4L * c, Lanes.floats(y + 4L * c).fma(f, Lanes.floats(x + 4L * c)));
    }
    for (; c < columns; c++) {
      Lanes.put(x + 4L * c, Math.fma(factor, Lanes.get(y + 4L * c), Lanes.get(x + 4L * c)));
    }
  }

  static void addBias(long x, float[] bias) {
    int c = 0;
    for (; c + FLOATS <= bias.length; c += FLOATS) {
      FloatVector sum = Lanes.floats(x + 4L * c).add(FloatVector.fromArray(F, bias, c));
      Lanes.put(x + 4L * c, sum);
    }
    for (; c < bias.length; c++) {
      Lanes.put(x + 4L * c, Lanes.get(x + 4L * c) + bias[c]);
    }
  }

  /**
   * e^x to about 2 units in the last place: with n = round(x / ln 2), 2^n times the series of e^r
   * to the sixth power, |r| at most ln(2)/2 (Cody and Waite's reduction). 0 below -87, and above 88
   * the value at 88. NaN stays.
   */
  static FloatVector exp(FloatVector x) {
    VectorMask<Float> tiny = x.compare(VectorOperators.LT, -87f);
    FloatVector clamped = x.min(88f).max(-87f);
    FloatVector n =
        clamped.mul(0x1.715476p0f).add(ActivationRounding.ROUNDER).sub(ActivationRounding.ROUNDER);
    FloatVector r = n.fma(Lanes.all(-0x1.62e4p-1f), clamped);
    r = n.fma(Lanes.all(-0x1.7f7d1cp-20f), r);
    FloatVector sum = Lanes.all(1f / 720);
    sum = sum.fma(r, Lanes.all(1f / 120));
    sum = sum.fma(r, Lanes.all(1f / 24));
    sum = sum.fma(r, Lanes.all(1f / 6));
    sum = sum.fma(r, Lanes.all(0.5f));
    sum = sum.fma(r, Lanes.all(1f));
    sum = sum.fma(r, Lanes.all(1f));
    IntVector power =
        ((IntVector) n.convertShape(VectorOperators.F2I, Lanes.I, 0))
            .add(127)
            .lanewise(VectorOperators.LSHL, 23);
    return sum.mul(power.reinterpretAsFloats()).blend(0f, tiny);
  }
}
