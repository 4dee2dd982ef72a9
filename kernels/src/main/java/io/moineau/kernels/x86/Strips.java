package io.moineau.kernels.x86;

import io.moineau.kernels.Product;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Products for many tokens by strips of rows of weights: one thread's part and its memory. */
final class Strips implements AutoCloseable {
  private final StripCode code;
  private final Arena fixed = Arena.ofShared();
  private final MemorySegment call = fixed.allocate(256, 256);
  private final MemorySegment out;
  private Arena arena = Arena.ofShared();
  private MemorySegment strip = MemorySegment.NULL;
  private Arena addressArena = Arena.ofShared();
  private MemorySegment addresses = MemorySegment.NULL;
  private Arena rowsArena = Arena.ofShared();
  private MemorySegment rows = MemorySegment.NULL; // a copy of the last rows, if under a group

  Strips(StripCode code) {
    this.code = code;
    out = fixed.allocate(4L * code.mostActivations() * code.rows(), 64);
  }

  /** Rows {@code from} to {@code to - 1} of a product, for all its activations. */
  void multiply(Product product, int from, int to) {
    MemorySegment[] kernels = code.products(product.type());
    int n = product.activations();
    int most = code.mostActivations();
    int stripRows = code.rows();
    // As equal parts as can be: one of a single activation would cost nearly as much as one of six.
    int parts = (n + most - 1) / most;
    int small = n / parts;
    int larger = n - small * parts; // how many parts have one more
    list(product);
    int columns = product.columns();
    boolean unsigned = code.takesUnsigned(product.type());
    set(StripProduct.CODES_AT, unsigned ? ActivationRow.unsigned(columns) : 0);
    set(StripProduct.SCALES_AT, ActivationRow.scales(columns));
    boolean by16 = code.by16(product.type());
    set(StripProduct.SUMS_AT, by16 ? ActivationRow.sums16(columns) : ActivationRow.sums32(columns));
    for (int row = from; row < to; row += stripRows) {
      int height = Math.min(stripRows, to - row);
      boolean whole = height == stripRows;
      pack(product, row, height);
      set(StripProduct.STRIP, strip.address());
      set(StripProduct.UNITS, product.columns() / 32);
      set(StripProduct.OUT_STRIDE, whole ? 4L * product.out().columns() : 4L * stripRows);
      if (whole) {
        run(kernels[Math.min(small, most - 1)], larger, 0, product.outAddress(0, row));
        int next = larger * (small + 1);
        run(kernels[small - 1], parts - larger, next, product.outAddress(next, row));
        continue;
      }
      int first = 0;
      for (int part = 0; part < parts; part++) {
        int acts = part < larger ? small + 1 : small;
        run(kernels[acts - 1], 1, first, out.address());
        for (int k = 0; k < acts; k++) {
          long at = product.out().offset(product.outRow() + first + k, product.outColumn() + row);
          MemorySegment.copy(out, 4L * stripRows * k, product.out().data(), at, 4L * height);
        }
        first += acts;
      }
    }
  }

  private void run(MemorySegment kernel, int times, int firstActivation, long to) {
    if (times > 0) {
      set(StripProduct.ACTIVATIONS, addresses.address() + 8L * firstActivation);
      set(StripProduct.TIMES, times);
      set(StripProduct.OUT, to);
      NativeCall.call(kernel, call.address());
    }
  }

  /** Addresses of the activations, for the code to walk through. */
  private void list(Product product) {
    int n = product.activations();
    if (addresses.byteSize() < 8L * n) {
      addressArena.close();
      addressArena = Arena.ofShared();
      addresses = addressArena.allocate(8L * n, 64);
    }
    long packed = product.packed().address();
    for (int i = 0; i < n; i++) {
      addresses.setAtIndex(ValueLayout.JAVA_LONG, i, packed + product.packedOffset(i));
    }
  }

  private void pack(Product product, int row, int height) {
    int columns = product.columns();
    long bytes = code.stripBytes(product.type(), columns);
    if (strip.byteSize() < bytes) {
      arena.close();
      arena = Arena.ofShared();
      strip = arena.allocate(bytes, 4096);
    }
    int unit = code.unitBytes(product.type());
    int groupRows = code.groupRows();
    MemorySegment packer = code.packer(product.type());
    for (int group = 0; group * groupRows < height; group++) {
      int first = row + group * groupRows;
      long weights = product.weightAddress(first);
      int there = Math.min(groupRows, height - group * groupRows);
      if (there < groupRows) {
        weights = copyOf(product, first, there);
      }
      set(StripPack.WEIGHTS, weights);
      set(StripPack.ROW_BYTES, product.rowBytes());
      set(StripPack.BLOCKS, columns / product.type().blockSize());
      set(StripPack.STRIP, strip.address() + (long) group * unit);
      NativeCall.call(packer, call.address());
    }
  }

  /**
   * Copies the last rows, since code that takes a whole group would read behind the weights' end.
   */
  private long copyOf(Product product, int first, int there) {
    long bytes = code.groupRows() * product.rowBytes();
    if (rows.byteSize() < bytes) {
      rowsArena.close();
      rowsArena = Arena.ofShared();
      rows = rowsArena.allocate(bytes, 64);
    }
    long length = there * product.rowBytes();
    MemorySegment.copy(product.weights(), product.weightOffset(first), rows, 0, length);
    return rows.address();
  }

  private void set(int at, long value) {
    call.set(ValueLayout.JAVA_LONG, at, value);
  }

  @Override
  public void close() {
    fixed.close();
    arena.close();
    rowsArena.close();
    addressArena.close();
  }
}
