package io.moineau.kernels;

/**
 * How the arithmetic is to be done.
 *
 * @param provider {@code scalar}, {@code vector}, {@code x86}, or {@code auto} for the best that
 *     works here; {@code x86:avx2} limits instruction sets as {@code MOINEAU_CPU=avx2} does
 * @param threads threads of the team, the calling one included; 0 for one per physical core
 * @param precision how activations are held
 */
public record KernelOptions(String provider, int threads, Precision precision) {
  /** The best provider, unless {@code MOINEAU_KERNELS} names one; every core; default precision. */
  public static KernelOptions defaults() {
    return new KernelOptions(ProviderWish.nameInEnvironment(), 0, Precision.DEFAULT);
  }

  /** The same with another provider. */
  public KernelOptions withProvider(String newProvider) {
    return new KernelOptions(newProvider, threads, precision);
  }

  /** The same with another number of threads. */
  public KernelOptions withThreads(int newThreads) {
    return new KernelOptions(provider, newThreads, precision);
  }

  /** The same with another precision. */
  public KernelOptions withPrecision(Precision newPrecision) {
    return new KernelOptions(provider, threads, newPrecision);
  }
}
