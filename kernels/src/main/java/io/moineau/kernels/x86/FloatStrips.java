package io.moineau.kernels.x86;

import io.moineau.kernels.NativeBuffer;
import io.moineau.kernels.Product;
import io.moineau.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Products for many tokens with weights that are floats, by {@link FloatStripCode}: one thread's
 * part and its memory.
 *
 * <p>A strip is packed and multiplied {@link #MOST_COLUMNS} columns at a time, so that it stays in
 * the second level of the cache while all activations meet it.
 */
final class FloatStrips implements AutoCloseable {
  /** 256 KiB with 512 bits. */
  private static final int MOST_COLUMNS = 2048;

  /** The code, shared by the threads; assembled when it is needed first. */
  static final class Code implements AutoCloseable {
    private final Isa isa;
    private final Map<DType, CodeMemory> packers = new EnumMap<>(DType.class);
    private @Nullable Multipliers multipliers;

    /** Codes for one activation and more, at index number less one. */
    private record Multipliers(CodeMemory memory, MemorySegment[] entries) {}

    Code(Isa isa) {
      this.isa = isa;
    }

    /** Rows of a group, the lanes of a vector. */
    int groupRows() {
      return FloatStripCode.lanes(isa);
    }

    /** Rows of a strip. */
    int rows() {
      return FloatStripCode.GROUPS * groupRows();
    }

    private synchronized MemorySegment packer(DType type) {
      return packers.computeIfAbsent(type, this::assemblePacker).at(0);
    }

    private CodeMemory assemblePacker(DType type) {
      Assembler a = new Assembler();
      new FloatStripCode(a, isa).pack(type);
      return CodeMemory.of(a.finish(), a.symbols());
    }

    private synchronized MemorySegment[] multipliers() {
      if (multipliers == null) {
        multipliers = assembleMultipliers();
      }
      return multipliers.entries;
    }

    private Multipliers assembleMultipliers() {
      Assembler a = new Assembler();
      FloatStripCode code = new FloatStripCode(a, isa);
      int[] offsets = new int[FloatStripCode.MOST_ACTIVATIONS];
      Arrays.setAll(offsets, i -> code.product(i + 1));
      CodeMemory memory = CodeMemory.of(a.finish(), a.symbols());
      return new Multipliers(
          memory, Arrays.stream(offsets).mapToObj(memory::at).toArray(MemorySegment[]::new));
    }

    @Override
    public synchronized void close() {
      packers.values().forEach(CodeMemory::close);
      if (multipliers != null) {
        multipliers.memory.close();
      }
    }
  }

  private final Code code;
  private final Arena fixed = Arena.ofShared();
  private final MemorySegment call = fixed.allocate(128, 64);
  private final NativeBuffer strip = new NativeBuffer();
  private final NativeBuffer addresses = new NativeBuffer();
  private final NativeBuffer rows = new NativeBuffer(); // a copy of the last ones, if under a group
  private final NativeBuffer out = new NativeBuffer(); // of a strip that has fewer rows

  FloatStrips(Code code) {
    this.code = code;
  }

  /** Rows {@code from} to {@code to - 1} of a product, for all its activations. */
  void multiply(Product product, int from, int to) {
    int n = product.activations();
    int stripRows = code.rows();
    MemorySegment list = list(product);
    for (int row = from; row < to; row += stripRows) {
      int height = Math.min(stripRows, to - row);
      boolean whole = height == stripRows;
      long stride = whole ? 4L * product.out().columns() : 4L * stripRows;
      MemorySegment shortened = whole ? MemorySegment.NULL : out.ensure(n * stride);
      long result = whole ? product.outAddress(0, row) : shortened.address();
      for (int column = 0; column < product.columns(); column += MOST_COLUMNS) {
        int width = Math.min(MOST_COLUMNS, product.columns() - column);
        pack(product, row, height, column, width);
        multiply(n, list, column, width, result, stride);
      }
      for (int i = 0; i < n && !whole; i++) {
        long at = product.out().offset(product.outRow() + i, product.outColumn() + row);
        MemorySegment.copy(shortened, i * stride, product.out().data(), at, 4L * height);
      }
    }
  }

  /** Addresses of the activations, for the code to walk through. */
  private MemorySegment list(Product product) {
    int n = product.activations();
    MemorySegment list = addresses.ensure(8L * n);
    long packed = product.packed().address();
    for (int i = 0; i < n; i++) {
      list.setAtIndex(ValueLayout.JAVA_LONG, i, packed + product.packedOffset(i));
    }
    return list;
  }

  private void pack(Product product, int row, int height, int column, int width) {
    DType type = product.type();
    int groupRows = code.groupRows();
    MemorySegment packed = strip.ensure(4L * code.rows() * MOST_COLUMNS);
    long before = (long) column * type.blockBytes();
    for (int group = 0; group * groupRows < height; group++) {
      int first = row + group * groupRows;
      int there = Math.min(groupRows, height - group * groupRows);
      boolean copied = there < groupRows;
      long rowBytes = copied ? (long) width * type.blockBytes() : product.rowBytes();
      set(
          FloatStripCode.WEIGHTS,
          copied
              ? copyOf(product, first, there, before, rowBytes)
              : product.weightAddress(first) + before);
      set(FloatStripCode.ROW_BYTES, rowBytes);
      set(FloatStripCode.BLOCKS, width / FloatStripCode.STEP);
      set(FloatStripCode.STRIP, packed.address() + 4L * group * groupRows);
      NativeCall.call(code.packer(type), call.address());
    }
  }

  /** Copies the last rows, as code that takes a whole group would read behind the weights' end. */
  private long copyOf(Product product, int first, int there, long before, long rowBytes) {
    MemorySegment copy = rows.ensure(code.groupRows() * rowBytes);
    for (int i = 0; i < there; i++) {
      long at = product.weightOffset(first + i) + before;
      MemorySegment.copy(product.weights(), at, copy, i * rowBytes, rowBytes);
    }
    return copy.address();
  }

  private void multiply(
      int n, MemorySegment list, int column, int width, long result, long stride) {
    set(FloatStripCode.STEPS, width / FloatStripCode.STEP);
    set(FloatStripCode.STRIP, strip.ensure(0).address());
    set(FloatStripCode.OUT_STRIDE, stride);
    set(FloatStripCode.GO_ON, column == 0 ? 0 : 1);
    set(FloatStripCode.FROM, 4L * column);
    Lots lots = Lots.of(n, FloatStripCode.MOST_ACTIVATIONS);
    int larger = lots.larger() * (lots.size() + 1); // activations in larger lots
    run(lots.size() + 1, lots.larger(), list.address(), result);
    run(
        lots.size(),
        lots.count() - lots.larger(),
        list.address() + 8L * larger,
        result + larger * stride);
  }

  private void run(int activations, int times, long list, long to) {
    if (times > 0) {
      set(FloatStripCode.ACTIVATIONS, list);
      set(FloatStripCode.TIMES, times);
      set(FloatStripCode.OUT, to);
      NativeCall.call(code.multipliers()[activations - 1], call.address());
    }
  }

  private void set(int at, long value) {
    call.set(ValueLayout.JAVA_LONG, at, value);
  }

  @Override
  public void close() {
    fixed.close();
    strip.close();
    addresses.close();
    rows.close();
    out.close();
  }
}
