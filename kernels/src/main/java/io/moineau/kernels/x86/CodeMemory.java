package io.moineau.kernels.x86;

import io.moineau.kernels.KernelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * Machine code in memory that the processor may execute: written while it is writable, then made
 * executable and never writable again. Freed by {@link #close}, after which it must not be called.
 */
final class CodeMemory implements AutoCloseable {
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 2;
  private static final boolean MAC = System.getProperty("os.name", "").startsWith("Mac");
  private static final int MAP_ANONYMOUS = MAC ? 0x1000 : 0x20;
  private static final int PAGE = 16_384; // a multiple of the page size wherever this code runs

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_OF =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MemorySegment memory;
  private final TreeMap<Long, String> symbols = new TreeMap<>();
  private boolean closed;

  private CodeMemory(MemorySegment memory, Map<String, Integer> symbols) {
    this.memory = memory;
    symbols.forEach((name, offset) -> this.symbols.put(memory.address() + offset, name));
  }

  /**
   * Copies code into executable memory.
   *
   * @throws KernelException {@code kernel-no-executable-memory} if the system refuses it
   */
  static CodeMemory of(byte[] code, Map<String, Integer> symbols) {
    long bytes = (code.length + PAGE - 1L) / PAGE * PAGE;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MethodHandle mmap =
          function(
              "mmap",
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG));
      MethodHandle mprotect =
          function(
              "mprotect",
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT));
      long address =
          (long)
              mmap.invokeExact(
                  state, 0L, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
      if (address == -1) {
        throw refused("mmap", state, bytes);
      }
      MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(bytes);
      memory.fill((byte) 0xCC); // traps where no code is
      MemorySegment.copy(code, 0, memory, ValueLayout.JAVA_BYTE, 0, code.length);
      if ((int) mprotect.invokeExact(state, address, bytes, PROT_READ | PROT_EXEC) != 0) {
        KernelException refused = refused("mprotect", state, bytes);
        unmap(address, bytes);
        throw refused;
      }
      CodeMemory made = new CodeMemory(memory, symbols);
      made.publish();
      return made;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into the C library failed", e);
    }
  }

  private static KernelException refused(String call, MemorySegment state, long bytes) {
    return new KernelException(
        "kernel-no-executable-memory",
        "the system gives no executable memory",
        call + " of " + bytes + " bytes: errno " + (int) ERRNO_OF.get(state, 0L),
        "memory that is written first and executed then",
        "allow it (SELinux: execmem; seccomp; systemd: MemoryDenyWriteExecute=no), or use vector");
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    MemorySegment address =
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsupportedOperationException("no function " + name));
    return LINKER.downcallHandle(address, type, ERRNO);
  }

  /** Address of the code at an offset. */
  MemorySegment at(int offset) {
    return MemorySegment.ofAddress(memory.address() + offset);
  }

  /** The name of the kernel in which an address lies, with the distance; empty if in none. */
  String symbolAt(long address) {
    if (address < memory.address() || address >= memory.address() + memory.byteSize()) {
      return "";
    }
    Map.Entry<Long, String> entry = symbols.floorEntry(address);
    return entry == null
        ? ""
        : entry.getValue() + "+0x" + Long.toHexString(address - entry.getKey());
  }

  /**
   * Appends the symbols to the file that {@code MOINEAU_KERNEL_MAP} names, for {@code perf} (which
   * looks for {@code /tmp/perf-PID.map}) and for whoever has an address from a crash.
   */
  private void publish() {
    String file = System.getenv("MOINEAU_KERNEL_MAP");
    if (file == null || file.isBlank()) {
      return;
    }
    try {
      Files.writeString(
          Path.of(file), perfMap(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("MOINEAU_KERNEL_MAP=" + file + " cannot be written", e);
    }
  }

  /** Start, size and name of each kernel in hexadecimal: the form of {@code perf-PID.map}. */
  String perfMap() {
    StringBuilder text = new StringBuilder();
    symbols.forEach((start, name) -> {
      Long next = symbols.higherKey(start);
      long end = next == null ? memory.address() + memory.byteSize() : next;
      text.append(Long.toHexString(start))
          .append(' ')
          .append(Long.toHexString(end - start))
          .append(" moineau::")
          .append(name)
          .append('\n');
    });
    return text.toString();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      unmap(memory.address(), memory.byteSize());
    }
  }

  private static void unmap(long address, long bytes) {
    MethodHandle munmap =
        function(
            "munmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    try (Arena arena = Arena.ofConfined()) {
      int ignored = (int) munmap.invokeExact(arena.allocate(STATE), address, bytes);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into the C library failed", e);
    }
  }
}
