package io.moineau.kernels;

import io.moineau.kernels.x86.X86Kernels;
import java.util.ArrayList;
import java.util.List;

/** The providers, and the limits of instruction sets, that can be tested on this machine. */
final class Providers {
  private Providers() {}

  static List<String> here() {
    List<String> names = new ArrayList<>(List.of("scalar", "vector"));
    for (String limit : List.of("avx2", "avx512,-vnni", "avx512", "amx")) {
      String problem = X86Kernels.problem(limit);
      if (problem.isEmpty()) {
        names.add("x86:" + limit);
      } else {
        System.out.println("not tested here: x86:" + limit + ": " + problem);
      }
    }
    return names;
  }
}
