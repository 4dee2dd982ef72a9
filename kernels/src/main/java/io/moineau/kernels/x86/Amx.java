package io.moineau.kernels.x86;

import io.moineau.kernels.KernelException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;

/**
 * Whether tiles may be used. Linux gives their registers only to processes that ask for them: the
 * first tile instruction of another ends the process (Linux, Documentation/arch/x86/xstate.rst).
 * The permission is the whole process's, so asking once is enough for threads that start later.
 */
final class Amx {
  private static final long ARCH_PRCTL = 158; // number of the system call on x86-64
  private static final long ARCH_REQ_XCOMP_PERM = 0x1023;
  private static final long XTILEDATA = 18;

  private Amx() {}

  /** Asked and tried once per process. */
  private static final class Here {
    static final String PROBLEM = ask();

    private static String ask() {
      String refused = permission();
      return refused.isEmpty() ? tryProduct(Assembler::new) : refused;
    }
  }

  /** Empty if tiles work, else a line that says why not. The processor must have them. */
  static String problem() {
    return Here.PROBLEM;
  }

  private static String permission() {
    if (!System.getProperty("os.name", "").startsWith("Linux")) {
      return "x86: AMX is used on Linux only";
    }
    Linker linker = Linker.nativeLinker();
    StructLayout layout = Linker.Option.captureStateLayout();
    VarHandle errno = layout.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle syscall =
          linker.downcallHandle(
              linker.defaultLookup().find("syscall").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG),
              Linker.Option.firstVariadicArg(1),
              Linker.Option.captureCallState("errno"));
      MemorySegment state = arena.allocate(layout);
      long answer = (long) syscall.invokeExact(state, ARCH_PRCTL, ARCH_REQ_XCOMP_PERM, XTILEDATA);
      return answer == 0
          ? ""
          : "x86: the system does not permit AMX (arch_prctl ARCH_REQ_XCOMP_PERM: errno "
              + (int) errno.get(state, 0L)
              + "); it needs Linux 5.16 or later, and a sandbox that lets the call pass";
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into the C library failed", e);
    }
  }

  /**
   * A product whose result is known: sixteen rows of 32 weights times sixteen activations.
   *
   * @return empty if the result is right, else a line that says what is wrong
   */
  static String tryProduct(Supplier<Assembler> assemblers) {
    int n = TileProduct.MOST_ACTIVATIONS;
    Assembler a = assemblers.get();
    final int entry = TileProduct.assemble(a, StripProduct.Kind.SIGNED, n);
    try (CodeMemory code = CodeMemory.of(a.finish(), a.symbols());
        Arena arena = Arena.ofConfined()) {
      MemorySegment strip = arena.allocate(StripPack.UNIT_32, 64);
      MemorySegment record = arena.allocate(TileProduct.RECORD, 64);
      for (int i = 0; i < 16; i++) {
        for (int c = 0; c < 32; c++) {
          strip.set(ValueLayout.JAVA_BYTE, c / 4 * 64 + 4 * i + c % 4, weight(i, c));
          record.set(ValueLayout.JAVA_BYTE, 32 * i + c, activation(i, c));
        }
        strip.set(ValueLayout.JAVA_FLOAT, StripPack.UNIT_32 - 128 + 4 * i, 0.5f);
        record.set(ValueLayout.JAVA_FLOAT, TileProduct.SCALES_AT + 4 * i, 2);
      }
      MemorySegment configuration = arena.allocate(64, 64);
      configuration.copyFrom(MemorySegment.ofArray(TileProduct.configuration(false, n)));
      MemorySegment out = arena.allocate(64L * n, 64);
      MemorySegment call = arena.allocate(256, 64);
      call.set(ValueLayout.JAVA_LONG, TileProduct.STRIP, strip.address());
      call.set(ValueLayout.JAVA_LONG, TileProduct.RECORDS, 1);
      call.set(ValueLayout.JAVA_LONG, TileProduct.OUT, out.address());
      call.set(ValueLayout.JAVA_LONG, TileProduct.OUT_STRIDE, 64);
      call.set(ValueLayout.JAVA_LONG, TileProduct.ACTIVATIONS, record.address());
      call.set(ValueLayout.JAVA_LONG, TileProduct.TIMES, 1);
      call.set(ValueLayout.JAVA_LONG, TileProduct.CONFIGURATION, configuration.address());
      MemorySegment scratch = arena.allocate(TileProduct.SCRATCH_BYTES, 64);
      call.set(ValueLayout.JAVA_LONG, TileProduct.SCRATCH, scratch.address());
      NativeCall.call(code.at(entry), call.address());
      for (int i = 0; i < 16 * n; i++) {
        int expected = 0;
        for (int c = 0; c < 32; c++) {
          expected += weight(i % 16, c) * activation(i / 16, c);
        }
        float result = out.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        if (result != expected) {
          return "x86: AMX gave " + result + " for a product of bytes that is " + expected;
        }
      }
      return "";
    } catch (KernelException e) {
      return "x86: " + e.getMessage();
    }
  }

  private static byte weight(int row, int column) {
    return (byte) Math.clamp(11L * column - 128 + 3L * row, -128, 127);
  }

  private static byte activation(int token, int column) {
    return (byte) (127 - 8 * column + token % 2);
  }
}
