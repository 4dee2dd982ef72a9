package io.moineau.kernels.x86;

import io.moineau.kernels.NativeBuffer;
import io.moineau.kernels.Product;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Products of strips by AMX ({@link TileProduct}): one thread's part and its memory.
 *
 * <p>A thread gathers the activations of a product once for all strips and pieces that it computes
 * of it, and for the product of the same activations that follows (gate and up of an expert).
 */
final class Tiles implements AutoCloseable {
  /** Of a group of rows, so much should stay in the first level cache while all lots pass. */
  private static final int CACHED_BYTES = 40 << 10;

  private final StripCode code;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment call = arena.allocate(256, 256);
  private final MemorySegment scratch = arena.allocate(TileProduct.SCRATCH_BYTES, 4096);
  private final MemorySegment configurations;
  private final NativeBuffer buffer = new NativeBuffer();
  private MemorySegment gathered = MemorySegment.NULL;

  // which activations are gathered
  private long run = -1;
  private long index;
  private long packed;
  private int activations;

  Tiles(StripCode code) {
    this.code = code;
    int most = TileProduct.MOST_ACTIVATIONS;
    configurations = arena.allocate(2L * 64 * (most + 1), 64);
    for (int acts = 1; acts <= most; acts++) {
      for (int by16 = 0; by16 < 2; by16++) {
        byte[] bytes = TileProduct.configuration(by16 == 1, acts);
        MemorySegment.copy(
            bytes, 0, configurations, ValueLayout.JAVA_BYTE, configurationAt(by16, acts), 64);
      }
    }
  }

  private static long configurationAt(int by16, int acts) {
    return 64L * (2 * acts + by16);
  }

  /** Brings the activations of a product, whose addresses are listed, to the form of lots. */
  void gather(Product product, MemorySegment list) {
    if (run == product.run()
        && index == product.indexAddress()
        && packed == product.packed().address()
        && activations == product.activations()) {
      return;
    }
    run = product.run();
    index = product.indexAddress();
    packed = product.packed().address();
    activations = product.activations();
    Lots lots = Lots.of(activations, TileProduct.MOST_ACTIVATIONS);
    long lotBytes = lotBytes(product);
    gathered = buffer.ensure(lots.count() * lotBytes);
    set(TileProduct.GATHER_RECORDS, product.columns() / 32);
    long from = list.address();
    for (int i = 0; i < lots.count(); i++) {
      set(TileProduct.GATHER_LIST, from);
      set(TileProduct.GATHER_COUNT, lots.size(i));
      set(TileProduct.GATHER_TO, gathered.address() + i * lotBytes);
      NativeCall.call(code.gather(), call.address());
      from += 8L * lots.size(i);
    }
  }

  private static long lotBytes(Product product) {
    return (long) product.columns() / 32 * TileProduct.RECORD;
  }

  /**
   * The first {@code groups} groups of a strip times all activations gathered.
   *
   * @param result address of the first row's result for the first activation
   * @param stride bytes to the next activation's
   */
  void multiply(Product product, MemorySegment strip, int groups, long result, long stride) {
    MemorySegment[] kernels = code.tileProducts(product.type());
    Lots lots = Lots.of(product.activations(), TileProduct.MOST_ACTIVATIONS);
    int unit = code.unitBytes(product.type());
    int by16 = code.by16(product.type()) ? 1 : 0;
    int groupRecord = unit << by16; // bytes of 32 columns of a group
    int records = product.columns() / 32;
    int most = CACHED_BYTES / groupRecord;
    long lotBytes = lotBytes(product);
    set(TileProduct.OUT_STRIDE, stride);
    set(TileProduct.LOT_BYTES, lotBytes);
    set(TileProduct.SCRATCH, scratch.address());
    int larger = lots.larger() * (lots.size() + 1); // activations in larger lots
    for (int group = 0; group < groups; group++) {
      long to = result + 64L * group;
      for (int first = 0; first < records; first += most) {
        set(
            TileProduct.STRIP,
            strip.address()
                + (long) group * unit
                + (long) first * StripProduct.GROUPS * groupRecord);
        set(TileProduct.RECORDS, Math.min(most, records - first));
        set(TileProduct.GO_ON, first == 0 ? 0 : 1);
        long from = gathered.address() + (long) first * TileProduct.RECORD;
        if (lots.larger() > 0) {
          run(kernels, by16, lots.size() + 1, lots.larger(), from, to);
        }
        from += lots.larger() * lotBytes;
        run(kernels, by16, lots.size(), lots.count() - lots.larger(), from, to + larger * stride);
      }
    }
  }

  private void run(MemorySegment[] kernels, int by16, int acts, int times, long from, long to) {
    set(TileProduct.CONFIGURATION, configurations.address() + configurationAt(by16, acts));
    set(TileProduct.ACTIVATIONS, from);
    set(TileProduct.TIMES, times);
    set(TileProduct.OUT, to);
    NativeCall.call(kernels[acts - 1], call.address());
  }

  private void set(int at, long value) {
    call.set(ValueLayout.JAVA_LONG, at, value);
  }

  @Override
  public void close() {
    buffer.close();
    arena.close();
  }
}
