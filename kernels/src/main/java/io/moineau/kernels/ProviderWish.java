package io.moineau.kernels;

import java.util.Locale;

/**
 * Which kernels are wanted: by an option, or by {@code MOINEAU_KERNELS} and {@code MOINEAU_CPU}.
 *
 * @param provider {@code auto}, {@code scalar}, {@code vector}, {@code x86}, in lower case
 * @param limit instruction sets at most: {@code avx2}, {@code avx512}, {@code amx}; empty for all
 */
public record ProviderWish(String provider, String limit) {
  /** Reads a name such as {@code x86} or {@code x86:avx2}; the limit may come from outside. */
  static ProviderWish of(String name) {
    String wanted = name.strip().toLowerCase(Locale.ROOT);
    int colon = wanted.indexOf(':');
    return colon < 0
        ? new ProviderWish(wanted, limitInEnvironment())
        : new ProviderWish(wanted.substring(0, colon), wanted.substring(colon + 1));
  }

  /** What the environment says; {@code auto} where it says nothing. */
  public static ProviderWish ofEnvironment() {
    return of(nameInEnvironment());
  }

  /** The provider that the environment names, as it stands there, or {@code auto}. */
  static String nameInEnvironment() {
    String named = environment("MOINEAU_KERNELS");
    return named.isEmpty() ? "auto" : named;
  }

  /** The instruction sets at most that the environment names, or empty. */
  static String limitInEnvironment() {
    return environment("MOINEAU_CPU");
  }

  /** A variable of the environment, or empty. */
  static String environment(String name) {
    String value = System.getenv(name);
    return value == null ? "" : value.strip();
  }
}
