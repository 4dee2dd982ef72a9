package io.moineau.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Puts the process's real standard error back.
 *
 * <p>java prints a warning about incubating modules before any code of ours runs, and no flag stops
 * it. The launcher therefore starts java with descriptor 2 led through a filter and the real one
 * kept as descriptor 3; from here on there is nothing to filter.
 */
final class StandardError {
  private StandardError() {}

  static void restore() {
    String kept = System.getProperty("moineau.stderr", "");
    if (!kept.equals("3")) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> dup2 = linker.defaultLookup().find("dup2");
    Optional<MemorySegment> close = linker.defaultLookup().find("close");
    if (dup2.isEmpty() || close.isEmpty()) {
      return; // the filter passes on every other line
    }
    try {
      MethodHandle duplicate =
          linker.downcallHandle(
              dup2.get(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      MethodHandle shut =
          linker.downcallHandle(
              close.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int result = (int) duplicate.invokeExact(3, 2);
      if (result == 2) {
        int closed = (int) shut.invokeExact(3);
        if (closed != 0) {
          System.err.println("WARNING: descriptor 3 stays open");
        }
      }
    } catch (Throwable e) {
      throw new IllegalStateException("standard error cannot be put back", e);
    }
  }
}
