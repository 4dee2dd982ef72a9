package io.moineau.kernels;

import io.moineau.kernels.vector.VectorKernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which provider was chosen, and why none better. The best that works is taken, unless one is
 * named; a provider that is named and cannot work is an error, never silently another.
 *
 * @param provider the provider
 * @param whyNotBetter a line for each better provider that cannot work here, with what cures it
 */
record KernelChoice(KernelProvider provider, List<String> whyNotBetter) {
  private static final String ALLOWED = "auto, scalar, vector";

  static KernelChoice choose(String name, int threads) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return switch (wanted) {
      case "scalar" -> new KernelChoice(new ScalarKernels(threads), List.of());
      case "vector" -> {
        String problem = vectorProblem();
        if (!problem.isEmpty()) {
          throw new KernelException(
              "kernel-provider-unavailable",
              "the provider that was asked for cannot work here",
              problem,
              "scalar",
              "start with --add-modules jdk.incubator.vector, or choose auto");
        }
        yield new KernelChoice(vector(threads), List.of());
      }
      case "auto" -> {
        List<String> reasons = new ArrayList<>();
        String problem = vectorProblem();
        if (!problem.isEmpty()) {
          reasons.add(problem);
        }
        KernelProvider provider = problem.isEmpty() ? vector(threads) : new ScalarKernels(threads);
        yield new KernelChoice(provider, List.copyOf(reasons));
      }
      default ->
          throw new KernelException(
              "kernel-unknown-provider",
              "there is no such kernel provider",
              "provider=" + name,
              ALLOWED,
              "set MOINEAU_KERNELS to one of these, or leave it unset");
    };
  }

  private static KernelProvider vector(int threads) {
    return new VectorKernels(threads, new ScalarKernels(threads));
  }

  /** What keeps the Vector API from being used, with its cure; empty if nothing does. */
  private static String vectorProblem() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return "vector: module jdk.incubator.vector is not resolved;"
          + " start with --add-modules jdk.incubator.vector";
    }
    return "";
  }
}
