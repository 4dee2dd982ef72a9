package io.moineau.kernels;

import io.moineau.kernels.vector.VectorKernels;
import io.moineau.kernels.x86.X86Kernels;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Which provider was chosen, and why none better. The best that works is taken, unless one is
 * named; a provider that is named and cannot work is an error, never silently another.
 *
 * @param provider the provider
 * @param whyNotBetter a line for each better provider that cannot work here, with what cures it
 */
record KernelChoice(KernelProvider provider, List<String> whyNotBetter) {
  KernelChoice {
    whyNotBetter = List.copyOf(whyNotBetter);
  }

  private static final String ALLOWED = "auto, scalar, vector, x86";

  /**
   * Chooses.
   *
   * @param name {@code auto} or a provider; {@code x86:LIMIT} as if {@code MOINEAU_CPU=LIMIT}
   */
  static KernelChoice choose(String name, int threads) {
    ProviderWish wish = ProviderWish.of(name);
    String limit = wish.limit();
    return switch (wish.provider()) {
      case "scalar" -> new KernelChoice(new ScalarKernels(threads), List.of());
      case "vector" ->
          new KernelChoice(
              named(vectorProblem(), () -> vector(threads), "choose auto or scalar"), List.of());
      case "x86" ->
          new KernelChoice(
              named(
                  X86Kernels.problem(limit),
                  () -> x86(threads, limit, portable(threads)),
                  "choose auto or vector"),
              shortfall(limit));
      case "auto" -> best(threads, limit);
      default ->
          throw new KernelException(
              "kernel-unknown-provider",
              "there is no such kernel provider",
              "provider=" + name,
              ALLOWED,
              "set MOINEAU_KERNELS to one of these, or leave it unset");
    };
  }

  /** See {@link Kernels#providersHere}. */
  static List<String> here(Consumer<String> notHere) {
    List<String> names = new ArrayList<>();
    names.add("scalar");
    String problem = vectorProblem();
    if (problem.isEmpty()) {
      names.add("vector");
    } else {
      notHere.accept(problem);
    }
    for (String level : X86Kernels.levels(notHere)) {
      names.add("x86:" + level);
    }
    return names;
  }

  private static KernelProvider named(
      String problem, Supplier<KernelProvider> provider, String otherwise) {
    if (!problem.isEmpty()) {
      throw new KernelException(
          "kernel-provider-unavailable",
          "the provider that was asked for cannot work here",
          problem,
          ALLOWED,
          "mend what the line says, or " + otherwise);
    }
    return provider.get();
  }

  private static KernelChoice best(int threads, String limit) {
    List<String> reasons = new ArrayList<>();
    String problem = X86Kernels.problem(limit);
    // What has no machine code goes by vector too, so its absence is told in any case.
    String withoutVector = vectorProblem();
    if (!problem.isEmpty()) {
      reasons.add(problem);
    } else {
      reasons.addAll(shortfall(limit));
    }
    if (!withoutVector.isEmpty()) {
      reasons.add(withoutVector);
    }
    KernelProvider provider = portable(threads);
    return new KernelChoice(problem.isEmpty() ? x86(threads, limit, provider) : provider, reasons);
  }

  private static KernelProvider x86(int threads, String limit, KernelProvider fallback) {
    return X86Kernels.open(threads, limit, KernelTuning.load(KernelTuning.file(limit)), fallback);
  }

  private static List<String> shortfall(String limit) {
    String line = X86Kernels.shortfall(limit);
    return line.isEmpty() ? List.of() : List.of(line);
  }

  /** The best provider that is no machine code. */
  private static KernelProvider portable(int threads) {
    return vectorProblem().isEmpty() ? vector(threads) : new ScalarKernels(threads);
  }

  private static KernelProvider vector(int threads) {
    return new VectorKernels(threads, new ScalarKernels(threads));
  }

  /** What keeps the Vector API from being used, with its cure; empty if nothing does. */
  /** Why the Vector API cannot be used; empty if it can. */
  static String vectorProblem() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return "vector: module jdk.incubator.vector is not resolved;"
          + " start with --add-modules jdk.incubator.vector";
    }
    try {
      MemorySegment ignored =
          MemorySegment.NULL.reinterpret(1); // as the kernels do with all memory
    } catch (IllegalCallerException e) {
      return "vector: native access is not enabled; start with --enable-native-access=ALL-UNNAMED";
    }
    return "";
  }
}
