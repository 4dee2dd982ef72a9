package io.moineau.kernels.x86;

/**
 * Activations cut into lots as equal as can be: a lot of one would cost nearly as much as a full
 * one.
 *
 * @param count number of lots
 * @param size activations of a lot
 * @param larger how many lots, the first ones, have one more
 */
record Lots(int count, int size, int larger) {
  /** Cuts {@code n} activations, at least one, into lots of at most {@code most}. */
  static Lots of(int n, int most) {
    int count = (n + most - 1) / most;
    int size = n / count;
    return new Lots(count, size, n - size * count);
  }

  /** The activations of lot {@code i}. */
  int size(int i) {
    return i < larger ? size + 1 : size;
  }
}
