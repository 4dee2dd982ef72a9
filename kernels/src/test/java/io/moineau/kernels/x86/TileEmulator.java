package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Tile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * AMX for processors without it: an assembler that puts a call of Java in place of each tile
 * instruction and encodes all others as they are. What the processor would fault at is noted in
 * {@link #faults()}. Semantics as in Intel's Software Developer's Manual, volume 1, chapter 18.
 */
public final class TileEmulator implements AutoCloseable {
  private static final Gpr[] SAVED = {
    Gpr.RAX, Gpr.RCX, Gpr.RDX, Gpr.RBX, Gpr.RBP, Gpr.RSI, Gpr.RDI, Gpr.R8, Gpr.R9, Gpr.R10, Gpr.R11,
    Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15
  };
  private static final int MAX_ROWS = 16;
  private static final int MAX_BYTES = 64;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment entry;
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicLong products = new AtomicLong();
  private final ThreadLocal<Tiles> tiles = ThreadLocal.withInitial(Tiles::new);

  /** Makes an emulator. */
  public TileEmulator() {
    try {
      entry =
          Linker.nativeLinker()
              .upcallStub(
                  MethodHandles.lookup()
                      .findVirtual(
                          TileEmulator.class,
                          "execute",
                          MethodType.methodType(void.class, long.class, long.class, long.class))
                      .bindTo(this),
                  FunctionDescriptor.ofVoid(
                      ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
                  arena);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a processor would have refused. */
  public Queue<String> faults() {
    return faults;
  }

  /** How many products of tiles were computed. */
  public long products() {
    return products.get();
  }

  Assembler assembler() {
    return new Assembler() {
      @Override
      void op(Op op, Operand... operands) {
        switch (op) {
          case LDTILECFG -> call(op, 0, 0, 0, (Mem) operands[0]);
          case TILELOADD -> call(op, index(operands[0]), 0, 0, (Mem) operands[1]);
          case TILESTORED -> call(op, index(operands[1]), 0, 0, (Mem) operands[0]);
          case TILEZERO -> call(op, index(operands[0]), 0, 0, null);
          case TDPBSSD, TDPBF16PS ->
              call(op, index(operands[0]), index(operands[1]), index(operands[2]), null);
          case TILERELEASE -> call(op, 0, 0, 0, null);
          default -> super.op(op, operands);
        }
      }

      /** Calls {@link #execute}, with all registers as they were afterwards. */
      private void call(Op op, int to, int left, int right, Mem memory) {
        for (Gpr register : SAVED) {
          push(register);
        }
        if (memory != null) {
          Gpr stride = memory.index();
          lea(Gpr.RAX, memory);
          if (stride != null) {
            if (stride == Gpr.RAX || memory.scale() != 1) {
              throw new IllegalArgumentException("not emulated: " + memory);
            }
            mov(Gpr.RDX, stride);
            sub(Gpr.RAX, stride);
          }
          mov(Gpr.RSI, Gpr.RAX);
        }
        mov(Gpr.RDI, op.ordinal() | to << 12 | left << 16 | right << 20);
        mov(Gpr.RBP, Gpr.RSP);
        and(Gpr.RSP, -64);
        sub(Gpr.RSP, 32 * 64);
        for (int i = 0; i < 32; i++) {
          super.op(Op.VMOVUPS_STORE, Mem.at(Gpr.RSP, 64 * i), zmm(i));
        }
        long address = entry.address();
        mov(Gpr.RAX, constant((int) address, (int) (address >>> 32)));
        int8(0xFF); // call rax
        int8(0xD0);
        for (int i = 0; i < 32; i++) {
          super.op(Op.VMOVUPS, zmm(i), Mem.at(Gpr.RSP, 64 * i));
        }
        mov(Gpr.RSP, Gpr.RBP);
        for (int i = SAVED.length - 1; i >= 0; i--) {
          pop(SAVED[i]);
        }
      }
    };
  }

  private static int index(Operand tile) {
    return ((Tile) tile).index();
  }

  @SuppressWarnings("unused") // called by assembled code
  private void execute(long what, long address, long stride) {
    try {
      Op op = Op.values()[(int) what & 0xFFF];
      Tiles own = tiles.get();
      int to = (int) (what >> 12 & 15);
      switch (op) {
        case LDTILECFG -> own.configure(bytesAt(address, 64));
        case TILELOADD -> own.load(to, address, stride);
        case TILESTORED -> own.store(to, address, stride);
        case TILEZERO -> Arrays.fill(own.checked(to), (byte) 0);
        case TDPBSSD -> {
          own.multiply(to, (int) (what >> 16 & 15), (int) (what >> 20 & 15));
          products.incrementAndGet();
        }
        case TDPBF16PS -> {
          own.multiplyFloats(to, (int) (what >> 16 & 15), (int) (what >> 20 & 15));
          products.incrementAndGet();
        }
        case TILERELEASE -> own.release();
        default -> faults.add("unknown " + op);
      }
    } catch (RuntimeException | Error e) {
      faults.add(String.valueOf(e)); // out of here it would end the JVM
    }
  }

  private static byte[] bytesAt(long address, int bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The tiles of a thread. */
  private static final class Tiles {
    private final byte[][] data = new byte[8][MAX_ROWS * MAX_BYTES];
    private final int[] rows = new int[8];
    private final int[] bytes = new int[8];
    private boolean configured;

    void configure(byte[] c) {
      check(c[0] == 1 && c[1] == 0, "palette 1 from row 0 is the only one emulated");
      for (int i = 2; i < 16; i++) {
        check(c[i] == 0, "reserved byte " + i);
      }
      for (int i = 32; i < 64; i++) {
        check(i >= 48 && i < 56 || c[i] == 0, "reserved byte " + i);
      }
      for (int i = 0; i < 8; i++) {
        bytes[i] = c[16 + 2 * i] & 0xFF | (c[17 + 2 * i] & 0xFF) << 8;
        rows[i] = c[48 + i] & 0xFF;
        check(bytes[i] <= MAX_BYTES && rows[i] <= MAX_ROWS, "tile " + i + " is too large");
        check((bytes[i] == 0) == (rows[i] == 0), "tile " + i + " has one measure");
        Arrays.fill(data[i], (byte) 0);
      }
      configured = true;
    }

    void release() {
      configured = false;
    }

    byte[] checked(int tile) {
      check(configured, "no configuration");
      check(rows[tile] > 0, "tile " + tile + " is not configured");
      return data[tile];
    }

    void load(int tile, long address, long stride) {
      byte[] to = checked(tile);
      Arrays.fill(to, (byte) 0);
      for (int r = 0; r < rows[tile]; r++) {
        byte[] row = bytesAt(address + r * stride, bytes[tile]);
        System.arraycopy(row, 0, to, r * MAX_BYTES, row.length);
      }
    }

    void store(int tile, long address, long stride) {
      byte[] from = checked(tile);
      for (int r = 0; r < rows[tile]; r++) {
        MemorySegment to = MemorySegment.ofAddress(address + r * stride).reinterpret(bytes[tile]);
        MemorySegment.copy(from, r * MAX_BYTES, to, ValueLayout.JAVA_BYTE, 0, bytes[tile]);
      }
    }

    void multiply(int to, int left, int right) {
      checkFactors(to, left, right);
      byte[] a = data[left];
      byte[] b = data[right];
      MemorySegment sums = MemorySegment.ofArray(data[to]);
      for (int m = 0; m < rows[to]; m++) {
        for (int n = 0; n < bytes[to] / 4; n++) {
          int sum = sums.get(ValueLayout.JAVA_INT_UNALIGNED, m * MAX_BYTES + 4L * n);
          for (int k = 0; k < bytes[left]; k++) {
            sum += a[m * MAX_BYTES + k] * b[k / 4 * MAX_BYTES + 4 * n + k % 4];
          }
          sums.set(ValueLayout.JAVA_INT_UNALIGNED, m * MAX_BYTES + 4L * n, sum);
        }
      }
    }

    /** Even and odd terms are summed apart, then both are added, then what stood there. */
    void multiplyFloats(int to, int left, int right) {
      checkFactors(to, left, right);
      MemorySegment a = MemorySegment.ofArray(data[left]);
      MemorySegment b = MemorySegment.ofArray(data[right]);
      MemorySegment sums = MemorySegment.ofArray(data[to]);
      for (int m = 0; m < rows[to]; m++) {
        for (int n = 0; n < bytes[to] / 4; n++) {
          float even = 0;
          float odd = 0;
          for (int k = 0; k < bytes[left] / 4; k++) {
            int x = a.get(ValueLayout.JAVA_INT_UNALIGNED, m * MAX_BYTES + 4L * k);
            int y = b.get(ValueLayout.JAVA_INT_UNALIGNED, k * MAX_BYTES + 4L * n);
            even = Math.fma(low(x), low(y), even);
            odd = Math.fma(high(x), high(y), odd);
          }
          long at = m * MAX_BYTES + 4L * n;
          float before = sums.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
          sums.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, before + (even + odd));
        }
      }
    }

    private static float low(int pair) {
      return Float.intBitsToFloat(pair << 16);
    }

    private static float high(int pair) {
      return Float.intBitsToFloat(pair & 0xFFFF0000);
    }

    private void checkFactors(int to, int left, int right) {
      checked(to);
      checked(left);
      checked(right);
      check(to != left && to != right && left != right, "the same tile twice");
      check(rows[left] == rows[to], "rows of the first factor");
      check(bytes[right] == bytes[to], "columns of the second factor");
      check(bytes[left] % 4 == 0 && bytes[left] / 4 == rows[right], "columns of the first factor");
      check(bytes[to] % 4 == 0, "columns of the product");
    }

    private static void check(boolean good, String what) {
      if (!good) {
        throw new IllegalStateException(what);
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
