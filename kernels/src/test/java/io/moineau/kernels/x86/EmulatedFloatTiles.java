package io.moineau.kernels.x86;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Products of bfloat16 by AMX, whose instructions go to an emulator. */
public final class EmulatedFloatTiles {
  private EmulatedFloatTiles() {}

  /** Empty where the processor lacks what is not emulated. */
  public static Optional<FloatTiles> open(TileEmulator emulator) {
    if (!TileProviders.problem().isEmpty() || !TileProviders.isa().amxBf16()) {
      return Optional.empty();
    }
    return Optional.of(
        FloatTiles.withAmx(TileProviders.isa(), emulator::assembler, new CopyingCaller()));
  }

  /**
   * An emulator is Java that machine code calls, which must not be while arrays are held. For one
   * thread: whole arrays are copied back, and what another wrote meanwhile would be lost.
   */
  private static final class CopyingCaller implements FloatTiles.Caller {
    private static final MethodHandle TWO = handle(2, 2);
    private static final MethodHandle THREE = handle(3, 3);

    private static MethodHandle handle(int pointers, int numbers) {
      ValueLayout[] arguments = new ValueLayout[pointers + numbers];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = i < pointers ? ValueLayout.ADDRESS : ValueLayout.JAVA_LONG;
      }
      return Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(arguments));
    }

    private static MemorySegment copy(Arena arena, MemorySegment array) {
      MemorySegment copy = arena.allocate(array.byteSize() + 64, 64);
      return copy.copyFrom(array);
    }

    private static void back(MemorySegment copy, MemorySegment array) {
      array.copyFrom(copy.asSlice(0, array.byteSize()));
    }

    @Override
    public void call(
        MemorySegment code, MemorySegment from, MemorySegment to, long stride, long count) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = copy(arena, to);
        TWO.invokeExact(code, copy(arena, from), out, stride, count);
        back(out, to);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void call(
        MemorySegment code,
        MemorySegment left,
        MemorySegment right,
        MemorySegment c,
        long tiles,
        long words,
        long ldc) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = copy(arena, c);
        THREE.invokeExact(code, copy(arena, left), copy(arena, right), out, tiles, words, ldc);
        back(out, c);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
