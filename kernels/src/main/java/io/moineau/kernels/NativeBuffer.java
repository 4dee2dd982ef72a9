package io.moineau.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Scratch memory that grows and is kept: after the first passes nothing is allocated any more. */
public final class NativeBuffer implements AutoCloseable {
  private Arena arena = Arena.ofShared();
  private MemorySegment memory = MemorySegment.NULL;

  /** At least {@code bytes} bytes, aligned to 64; what was in it before may be lost. */
  public MemorySegment ensure(long bytes) {
    if (memory.byteSize() < bytes) {
      Arena larger = Arena.ofShared();
      memory = larger.allocate(bytes + bytes / 4 + 64, 64);
      arena.close();
      arena = larger;
    }
    return memory;
  }

  @Override
  public void close() {
    arena.close();
  }
}
