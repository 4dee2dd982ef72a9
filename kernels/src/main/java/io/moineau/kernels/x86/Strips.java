package io.moineau.kernels.x86;

import io.moineau.kernels.NativeBuffer;
import io.moineau.kernels.Product;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Products for many tokens by strips of rows of weights: one thread's part and its memory. */
final class Strips implements AutoCloseable {
  private final StripCode code;
  private final Tiles tiles;
  private final Arena fixed = Arena.ofShared();
  private final MemorySegment call = fixed.allocate(256, 256);
  private final MemorySegment dotCall = fixed.allocate(StripDot.ARGUMENT_BYTES, 64);
  private final NativeBuffer strip = new NativeBuffer();
  private final NativeBuffer addresses = new NativeBuffer();
  private final NativeBuffer rows = new NativeBuffer(); // a copy of the last ones, if under a group
  private final NativeBuffer out = new NativeBuffer(); // of a strip that has fewer rows

  Strips(StripCode code) {
    this.code = code;
    tiles = new Tiles(code);
  }

  /** Rows {@code from} to {@code to - 1} of a product, for all its activations. */
  void multiply(Product product, int from, int to) {
    int n = product.activations();
    if (code.direct(product.type(), n)) {
      multiplyAtOnce(product, from, to);
      return;
    }
    int stripRows = code.rows();
    boolean byTiles = code.byTiles(product.type(), n);
    MemorySegment list = list(product);
    if (byTiles) {
      tiles.gather(product, list);
    } else {
      describe(product);
    }
    for (int row = from; row < to; row += stripRows) {
      int height = Math.min(stripRows, to - row);
      boolean whole = height == stripRows;
      MemorySegment packed = pack(product, row, height);
      long stride = whole ? 4L * product.out().columns() : 4L * stripRows;
      MemorySegment shortened = whole ? MemorySegment.NULL : out.ensure(n * stride);
      long result = whole ? product.outAddress(0, row) : shortened.address();
      if (byTiles) {
        int groups = (height + code.groupRows() - 1) / code.groupRows();
        tiles.multiply(product, packed, groups, result, stride);
      } else {
        multiply(product, packed, list, result, stride);
      }
      for (int i = 0; i < n && !whole; i++) {
        long at = product.out().offset(product.outRow() + i, product.outColumn() + row);
        MemorySegment.copy(shortened, i * stride, product.out().data(), at, 4L * height);
      }
    }
  }

  /** The same without a strip, for few activations. */
  private void multiplyAtOnce(Product product, int from, int to) {
    int n = product.activations();
    int columns = product.columns();
    int groupRows = code.groupRows();
    boolean minimum = StripPack.hasMinimum(product.type());
    long packed = product.packed().address();
    for (int i = 0; i < n; i++) {
      setDot(StripDot.ACTIVATIONS_AT + 8 * i, packed + product.packedOffset(i));
    }
    setDot(StripDot.ROW_BYTES_AT, product.rowBytes());
    setDot(StripDot.BLOCKS_AT, columns / product.type().blockSize());
    setDot(StripDot.SCALES_OF_X, ActivationRow.scales(columns));
    setDot(
        StripDot.SUMS_OF_X,
        minimum ? ActivationRow.sums32(columns) : ActivationRow.offsets(columns));
    MemorySegment kernel = code.dots(product.type())[n - 1];
    int groups = (to - from) / groupRows;
    if (groups > 0) {
      dot(
          kernel,
          product.weightAddress(from),
          groups,
          product.outAddress(0, from),
          4L * product.out().columns());
    }
    int done = from + groups * groupRows;
    if (done < to) {
      MemorySegment shortened = out.ensure(4L * n * groupRows);
      dot(kernel, copyOf(product, done, to - done), 1, shortened.address(), 4L * groupRows);
      for (int i = 0; i < n; i++) {
        long at = product.out().offset(product.outRow() + i, product.outColumn() + done);
        MemorySegment.copy(
            shortened, 4L * i * groupRows, product.out().data(), at, 4L * (to - done));
      }
    }
  }

  private void dot(MemorySegment kernel, long weights, int groups, long to, long stride) {
    setDot(StripDot.WEIGHTS_AT, weights);
    setDot(StripDot.GROUPS_AT, groups);
    setDot(StripDot.OUT_AT, to);
    setDot(StripDot.OUT_STRIDE_AT, stride);
    NativeCall.call(kernel, dotCall.address());
  }

  private void setDot(int at, long value) {
    dotCall.set(ValueLayout.JAVA_LONG, at, value);
  }

  /** What kernels must know of all strips of a product. */
  private void describe(Product product) {
    int columns = product.columns();
    boolean unsigned = code.takesUnsigned(product.type());
    boolean by16 = code.by16(product.type());
    set(StripProduct.CODES_AT, unsigned ? ActivationRow.unsigned(columns) : 0);
    set(StripProduct.SCALES_AT, ActivationRow.scales(columns));
    set(StripProduct.SUMS_AT, by16 ? ActivationRow.sums16(columns) : ActivationRow.sums32(columns));
  }

  private void multiply(
      Product product, MemorySegment packed, MemorySegment list, long result, long stride) {
    MemorySegment[] kernels = code.products(product.type());
    Lots lots = Lots.of(product.activations(), code.mostActivations());
    set(StripProduct.STRIP, packed.address());
    set(StripProduct.UNITS, product.columns() / 32);
    set(StripProduct.OUT_STRIDE, stride);
    int larger = lots.larger() * (lots.size() + 1); // activations in larger lots
    if (lots.larger() > 0) {
      run(kernels[lots.size()], lots.larger(), list.address(), result);
    }
    run(
        kernels[lots.size() - 1],
        lots.count() - lots.larger(),
        list.address() + 8L * larger,
        result + larger * stride);
  }

  private void run(MemorySegment kernel, int times, long activations, long to) {
    set(StripProduct.ACTIVATIONS, activations);
    set(StripProduct.TIMES, times);
    set(StripProduct.OUT, to);
    NativeCall.call(kernel, call.address());
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

  private MemorySegment pack(Product product, int row, int height) {
    int columns = product.columns();
    MemorySegment packed = strip.ensure(code.stripBytes(product.type(), columns));
    int unit = code.unitBytes(product.type());
    int groupRows = code.groupRows();
    MemorySegment packer = code.packer(product.type());
    for (int group = 0; group * groupRows < height; group++) {
      int first = row + group * groupRows;
      int there = Math.min(groupRows, height - group * groupRows);
      set(
          StripPack.WEIGHTS,
          there < groupRows ? copyOf(product, first, there) : product.weightAddress(first));
      set(StripPack.ROW_BYTES, product.rowBytes());
      set(StripPack.BLOCKS, columns / product.type().blockSize());
      set(StripPack.STRIP, packed.address() + (long) group * unit);
      NativeCall.call(packer, call.address());
    }
    return packed;
  }

  /**
   * Copies the last rows, since code that takes a whole group would read behind the weights' end.
   */
  private long copyOf(Product product, int first, int there) {
    MemorySegment copy = rows.ensure(code.groupRows() * product.rowBytes());
    long length = there * product.rowBytes();
    MemorySegment.copy(product.weights(), product.weightOffset(first), copy, 0, length);
    return copy.address();
  }

  private void set(int at, long value) {
    call.set(ValueLayout.JAVA_LONG, at, value);
  }

  @Override
  public void close() {
    tiles.close();
    fixed.close();
    strip.close();
    addresses.close();
    rows.close();
    out.close();
  }
}
