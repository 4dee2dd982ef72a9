package io.moineau.engine.sampling;

/**
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014;
 * constants of Vigna's splitmix64.c): written out here so that a seed gives the same tokens on
 * every JDK.
 */
public final class SeededRandom {
  private long state;

  /** Starts from a seed. */
  public SeededRandom(long seed) {
    state = seed;
  }

  /** The next 64 bits. */
  public long nextLong() {
    state += 0x9E3779B97F4A7C15L;
    return mix(state);
  }

  /** A number from 0 to 1, 1 excluded, in steps of 2^-53. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** The finalizer: a bijection of 64 bits in which every input bit moves every output bit. */
  public static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
