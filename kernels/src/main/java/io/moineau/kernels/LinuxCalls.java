package io.moineau.kernels;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.Optional;

/**
 * Linux's calls through the C library (glibc or musl). {@code mbind} and {@code move_pages} are not
 * in it, so these go by {@code syscall} and their numbers, which differ by architecture (Linux,
 * {@code arch/x86/entry/syscalls/syscall_64.tbl} and {@code include/uapi/asm-generic/unistd.h}).
 *
 * <p>Functions are looked up when they are first needed: a start that pins nothing pays nothing.
 */
final class LinuxCalls implements SystemCalls {
  /** Bytes of a set of processors or nodes: 8192 of them, more than any Linux is built for. */
  private static final int SET_BYTES = 1024;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_OF =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** Made once; a system that is not Linux, or native access that is denied, has none. */
  static final class Holder {
    static final SystemCalls HERE = make();

    private Holder() {}

    private static SystemCalls make() {
      if (!System.getProperty("os.name", "").equals("Linux")) {
        return new None();
      }
      try {
        return new LinuxCalls();
      } catch (IllegalCallerException | UnsupportedOperationException e) {
        return new None(); // --illegal-native-access=deny, or a C library without these functions
      }
    }
  }

  private final MethodHandle getAffinity;
  private final MethodHandle setAffinity;

  private static final class Cpu {
    static final MethodHandle GET = function("sched_getcpu", FunctionDescriptor.of(JAVA_INT));
  }

  private static final class Advice {
    static final MethodHandle MADVISE =
        function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  }

  private static final class Map {
    static final int READ_AND_WRITE = 3;
    static final int PRIVATE_AND_ANONYMOUS = 0x22;
    static final MethodHandle MMAP =
        function(
            "mmap",
            FunctionDescriptor.of(
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    static final MethodHandle MUNMAP =
        function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  }

  private static final class Memory {
    private static final boolean X86 = System.getProperty("os.arch", "").equals("amd64");
    static final long MBIND = X86 ? 237 : 235;
    static final long MOVE_PAGES = X86 ? 279 : 239;
    static final MethodHandle SYSCALL =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(
                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                JAVA_LONG),
            ERRNO,
            Linker.Option.firstVariadicArg(1));
  }

  private LinuxCalls() {
    // Not in a class of their own: where access is denied, that shows here and as what it is.
    FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    getAffinity = function("sched_getaffinity", type);
    setAffinity = function("sched_setaffinity", type);
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(find(name), type, ERRNO);
  }

  private static MemorySegment find(String name) {
    return LINKER
        .defaultLookup()
        .find(name)
        .orElseThrow(() -> new UnsupportedOperationException("no function " + name));
  }

  @Override
  public Optional<BitSet> affinity() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment set = arena.allocate(SET_BYTES, 8);
      if ((int) getAffinity.invokeExact(state, 0, (long) SET_BYTES, set) != 0) {
        return Optional.empty();
      }
      return Optional.of(BitSet.valueOf(set.toArray(ValueLayout.JAVA_LONG)));
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public int setAffinity(BitSet cpus) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment set = set(arena, cpus);
      return result(state, (int) setAffinity.invokeExact(state, 0, (long) SET_BYTES, set));
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public int cpu() {
    try (Arena arena = Arena.ofConfined()) {
      return (int) Cpu.GET.invokeExact(arena.allocate(STATE));
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public int advise(long address, long bytes, int advice) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      return result(state, (int) Advice.MADVISE.invokeExact(state, address, bytes, advice));
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public long map(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long address =
          (long)
              Map.MMAP.invokeExact(
                  state, 0L, bytes, Map.READ_AND_WRITE, Map.PRIVATE_AND_ANONYMOUS, -1, 0L);
      return address == -1 ? -(int) ERRNO_OF.get(state, 0L) : address;
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public int unmap(long address, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      return result(state, (int) Map.MUNMAP.invokeExact(state, address, bytes));
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public int bind(long address, long bytes, int mode, BitSet nodes, int flags) {
    if (!hasNumbers()) {
      return ENOSYS;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long mask = set(arena, nodes).address();
      // The kernel reads one bit less than it is told of.
      long bits = 1024 + 1;
      return result(
          state,
          (long)
              Memory.SYSCALL.invokeExact(
                  state, Memory.MBIND, address, bytes, (long) mode, mask, bits, (long) flags));
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public int nodesOf(long[] pages, int[] nodes) {
    if (!hasNumbers()) {
      return ENOSYS;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment addresses = arena.allocateFrom(JAVA_LONG, pages);
      MemorySegment status = arena.allocate(JAVA_INT, pages.length);
      int error =
          result(
              state,
              (long)
                  Memory.SYSCALL.invokeExact(
                      state,
                      Memory.MOVE_PAGES,
                      0L,
                      (long) pages.length,
                      addresses.address(),
                      0L,
                      status.address(),
                      0L));
      if (error == 0) {
        MemorySegment.copy(status, JAVA_INT, 0, nodes, 0, pages.length);
      }
      return error;
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static boolean hasNumbers() {
    String architecture = System.getProperty("os.arch", "");
    return architecture.equals("amd64") || architecture.equals("aarch64");
  }

  private static MemorySegment set(Arena arena, BitSet members) {
    MemorySegment set = arena.allocate(SET_BYTES, 8);
    long[] words = members.toLongArray();
    MemorySegment.copy(words, 0, set, JAVA_LONG, 0, Math.min(words.length, SET_BYTES / 8));
    return set;
  }

  private static int result(MemorySegment state, long returned) {
    return returned == 0 ? 0 : (int) ERRNO_OF.get(state, 0L);
  }

  private static RuntimeException failed(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException exception
        ? exception
        : new IllegalStateException("a call into the C library failed", e);
  }
}
