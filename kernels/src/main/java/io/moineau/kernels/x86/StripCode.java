package io.moineau.kernels.x86;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/** The code of {@link StripPack} and {@link StripProduct}, assembled when it is needed first. */
final class StripCode implements AutoCloseable {
  private final Map<DType, Packer> packers = new EnumMap<>(DType.class);
  private final Map<StripProduct.Kind, Products> products = new EnumMap<>(StripProduct.Kind.class);

  private record Packer(CodeMemory code, MemorySegment entry) {}

  private record Products(CodeMemory code, MemorySegment[] entries) {}

  /** Code that packs 16 rows of a type. */
  synchronized MemorySegment packer(DType type) {
    return packers.computeIfAbsent(
            type,
            t -> {
              Assembler a = new Assembler();
              int entry = StripPack.assemble(a, t);
              CodeMemory code = CodeMemory.of(a.finish(), a.symbols());
              return new Packer(code, code.at(entry));
            })
        .entry;
  }

  /** Codes for one to six activations, at index number less one. */
  synchronized MemorySegment[] products(DType type) {
    return products.computeIfAbsent(StripProduct.Kind.of(type), StripCode::assemble).entries;
  }

  private static Products assemble(StripProduct.Kind kind) {
    Assembler a = new Assembler();
    int[] offsets = new int[StripProduct.MOST_ACTIVATIONS];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = StripProduct.assemble(a, kind, i + 1);
    }
    CodeMemory code = CodeMemory.of(a.finish(), a.symbols());
    MemorySegment[] entries = new MemorySegment[offsets.length];
    for (int i = 0; i < offsets.length; i++) {
      entries[i] = code.at(offsets[i]);
    }
    return new Products(code, entries);
  }

  @Override
  public synchronized void close() {
    packers.values().forEach(p -> p.code.close());
    products.values().forEach(p -> p.code.close());
  }
}
