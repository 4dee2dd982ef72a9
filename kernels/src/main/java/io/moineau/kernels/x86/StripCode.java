package io.moineau.kernels.x86;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The code for strips of rows, assembled when it is needed first, and the strip's measures: {@link
 * StripPack} and {@link StripProduct} with AVX-512 VNNI, {@link TileProduct} where there is AMX,
 * {@link NarrowStrip} without.
 */
final class StripCode implements AutoCloseable {
  private final boolean wide;
  private final boolean tiles;
  private final Tuning tuning;
  private final Supplier<Assembler> assemblers;
  private final Map<DType, Code> packers = new EnumMap<>(DType.class);
  private final Map<DType, Code> dots = new EnumMap<>(DType.class);
  private final Map<String, Code> products = new HashMap<>();

  private record Code(CodeMemory memory, MemorySegment[] entries) {}

  private final Map<StripProduct.Kind, Code> tileProducts = new EnumMap<>(StripProduct.Kind.class);
  private @Nullable Code gather;

  /**
   * @param assemblers gives an empty assembler each time
   */
  StripCode(Isa isa, Tuning tuning, Supplier<Assembler> assemblers) {
    this.tuning = tuning;
    wide = isa.avx512Vnni();
    tiles = isa.amx();
    this.assemblers = assemblers;
  }

  /** Whether so many activations are multiplied by {@link TileProduct}. */
  boolean byTiles(DType type, int activations) {
    return tiles && activations >= tuning.of(type).tiles();
  }

  /** Whether so many activations are multiplied by {@link StripDot}, which stores no strip. */
  boolean direct(DType type, int activations) {
    return wide && activations <= StripDot.MOST_ACTIVATIONS && StripDot.hasCodeFor(type);
  }

  /** Codes of {@link StripDot} for one activation and more, at index number less one. */
  synchronized MemorySegment[] dots(DType type) {
    return dots.computeIfAbsent(type, this::dotsOf).entries;
  }

  private Code dotsOf(DType type) {
    Assembler a = assemblers.get();
    return code(a, StripDot.MOST_ACTIVATIONS, i -> StripDot.assemble(a, type, i + 1));
  }

  /** Whether weights of a type are multiplied in strips. */
  boolean supports(DType type) {
    return wide ? StripPack.supports(type) : NarrowStrip.supports(type);
  }

  /** Rows of a group; a strip has {@link StripProduct#GROUPS} of them. */
  int groupRows() {
    return wide ? 16 : NarrowStrip.ROWS;
  }

  /** Rows of a strip. */
  int rows() {
    return StripProduct.GROUPS * groupRows();
  }

  /** Activations that are multiplied at once, at most. */
  int mostActivations() {
    return wide ? StripProduct.MOST_ACTIVATIONS : NarrowStrip.MOST_ACTIVATIONS;
  }

  /** Bytes of a group's unit of 32 or 16 columns. */
  int unitBytes(DType type) {
    if (!wide) {
      return NarrowStrip.UNIT;
    }
    return StripPack.by16(type) ? StripPack.UNIT_16 : StripPack.UNIT_32;
  }

  /** Bytes of a strip. */
  long stripBytes(DType type, int columns) {
    return (long) StripProduct.GROUPS * unitBytes(type) * (columns / (by16(type) ? 16 : 32));
  }

  /** Whether the activations' sums of 16 columns are wanted rather than those of 32. */
  boolean by16(DType type) {
    return wide && StripPack.by16(type);
  }

  /** Whether the activations' unsigned codes are wanted, since the weights' are signed. */
  boolean takesUnsigned(DType type) {
    return wide && !StripPack.hasMinimum(type);
  }

  /** Code that packs a group of rows. */
  synchronized MemorySegment packer(DType type) {
    return packers.computeIfAbsent(type, this::packerOf).entries[0];
  }

  private Code packerOf(DType type) {
    Assembler a = assemblers.get();
    return code(a, 1, i -> wide ? StripPack.assemble(a, type) : NarrowStrip.assemblePack(a, type));
  }

  /** Codes for one activation and more, at index number less one. */
  synchronized MemorySegment[] products(DType type) {
    String kind = wide ? StripProduct.Kind.of(type).name() : "narrow";
    return products.computeIfAbsent(kind, k -> productsOf(type)).entries;
  }

  private Code productsOf(DType type) {
    Assembler a = assemblers.get();
    StripProduct.Kind kind = StripProduct.Kind.of(type);
    return code(
        a,
        mostActivations(),
        i -> wide ? StripProduct.assemble(a, kind, i + 1) : NarrowStrip.assembleProduct(a, i + 1));
  }

  /** Codes of {@link TileProduct} for one activation and more, at index number less one. */
  synchronized MemorySegment[] tileProducts(DType type) {
    return tileProducts.computeIfAbsent(StripProduct.Kind.of(type), this::tileProductsOf).entries;
  }

  private Code tileProductsOf(StripProduct.Kind kind) {
    Assembler a = assemblers.get();
    return code(a, TileProduct.MOST_ACTIVATIONS, i -> TileProduct.assemble(a, kind, i + 1));
  }

  /** The code of {@link TileProduct#assembleGather}. */
  synchronized MemorySegment gather() {
    if (gather == null) {
      Assembler a = assemblers.get();
      gather = code(a, 1, i -> TileProduct.assembleGather(a));
    }
    return gather.entries[0];
  }

  private static Code code(Assembler a, int count, IntUnaryOperator assemble) {
    int[] offsets = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = assemble.applyAsInt(i);
    }
    CodeMemory memory = CodeMemory.of(a.finish(), a.symbols());
    MemorySegment[] entries = new MemorySegment[count];
    for (int i = 0; i < count; i++) {
      entries[i] = memory.at(offsets[i]);
    }
    return new Code(memory, entries);
  }

  @Override
  public synchronized void close() {
    packers.values().forEach(c -> c.memory.close());
    dots.values().forEach(c -> c.memory.close());
    products.values().forEach(c -> c.memory.close());
    tileProducts.values().forEach(c -> c.memory.close());
    if (gather != null) {
      gather.memory.close();
    }
  }
}
