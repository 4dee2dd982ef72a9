package io.moineau.kernels;

import java.util.ArrayList;
import java.util.List;

/** The providers, and the limits of instruction sets, that can be tested on this machine. */
final class Providers {
  private Providers() {}

  static List<String> here() {
    List<String> names =
        new ArrayList<>(
            Kernels.providersHere(line -> System.out.println("not tested here: " + line)));
    if (names.contains("x86:avx512")) {
      names.add("x86:avx512,-vnni");
    }
    return names;
  }
}
