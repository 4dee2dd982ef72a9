package io.moineau.kernels.x86;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Calls assembled code by the C calling convention (System V). About 10 ns each. */
final class NativeCall {
  private static final MethodHandle ONE =
      Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
  private static final MethodHandle THREE =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.ofVoid(
                  ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

  private static final MethodHandle THREE_AND_FLOAT =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.ofVoid(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_FLOAT));

  // Arrays on the heap are not moved during such a call, which must therefore be short.
  private static final MethodHandle TWO_ARRAYS =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.ofVoid(
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG),
              Linker.Option.critical(true));
  private static final MethodHandle THREE_ARRAYS =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.ofVoid(
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG),
              Linker.Option.critical(true));

  private NativeCall() {}

  static void call(MemorySegment code, long argument) {
    try {
      ONE.invokeExact(code, argument);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static void call(MemorySegment code, long first, long second, long third) {
    try {
      THREE.invokeExact(code, first, second, third);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static void call(MemorySegment code, long first, long second, long third, float value) {
    try {
      THREE_AND_FLOAT.invokeExact(code, first, second, third, value);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** With two arrays, or memory, and two numbers. */
  static void call(
      MemorySegment code, MemorySegment first, MemorySegment second, long third, long fourth) {
    try {
      TWO_ARRAYS.invokeExact(code, first, second, third, fourth);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** With three arrays, or memory, and three numbers. */
  static void call(
      MemorySegment code,
      MemorySegment first,
      MemorySegment second,
      MemorySegment third,
      long fourth,
      long fifth,
      long sixth) {
    try {
      THREE_ARRAYS.invokeExact(code, first, second, third, fourth, fifth, sixth);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Machine code throws nothing; what comes here is the JVM's own (a full stack). */
  private static RuntimeException failed(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException exception
        ? exception
        : new IllegalStateException("a call of machine code failed", e);
  }
}
