package io.moineau.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Fused multiply-adds in registers, with the Vector API; loaded only where that is enabled. */
final class FloatProbe {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int ROUNDS = 4_000_000;

  /** Operations of one {@link #run()}: 8 chains, a multiplication and an addition per lane. */
  static final double OPERATIONS = 2.0 * 8 * SPECIES.length() * ROUNDS;

  private FloatProbe() {}

  static double run() {
    FloatVector m = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector s = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector e = a;
    FloatVector f = a;
    FloatVector g = a;
    FloatVector h = a;
    for (int i = 0; i < ROUNDS; i++) { // 8 chains hide the latency of one
      a = a.fma(m, s);
      b = b.fma(m, s);
      c = c.fma(m, s);
      d = d.fma(m, s);
      e = e.fma(m, s);
      f = f.fma(m, s);
      g = g.fma(m, s);
      h = h.fma(m, s);
    }
    return a.add(b).add(c.add(d)).add(e.add(f).add(g.add(h))).lane(0);
  }
}
