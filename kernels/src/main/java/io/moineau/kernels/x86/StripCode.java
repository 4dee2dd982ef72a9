package io.moineau.kernels.x86;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The code of {@link StripPack} and {@link StripProduct}, assembled when it is needed first. */
final class StripCode implements AutoCloseable {
  private final boolean usable;
  private final Map<DType, Packer> packers = new EnumMap<>(DType.class);
  private @Nullable CodeMemory products;
  private final MemorySegment[][] product = new MemorySegment[3][StripProduct.MOST_ACTIVATIONS];

  private record Packer(CodeMemory code, MemorySegment entry) {}

  StripCode(Isa isa) {
    this.usable = isa.avx512Vnni();
  }

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
    if (products == null) {
      assembleProducts();
    }
    return product[type.blockSize() != 256 ? 0 : StripPack.by16(type) ? 2 : 1];
  }

  private void assembleProducts() {
    if (!usable) {
      throw new IllegalStateException("strips need AVX-512 VNNI");
    }
    Assembler a = new Assembler();
    int most = StripProduct.MOST_ACTIVATIONS;
    int[][] entries = new int[3][most];
    for (int acts = 1; acts <= most; acts++) {
      entries[0][acts - 1] = StripProduct.assemble(a, ActivationRow.BY_32, false, acts);
      entries[1][acts - 1] = StripProduct.assemble(a, ActivationRow.BY_256, false, acts);
      entries[2][acts - 1] = StripProduct.assemble(a, ActivationRow.BY_256, true, acts);
    }
    CodeMemory code = CodeMemory.of(a.finish(), a.symbols());
    for (int kind = 0; kind < 3; kind++) {
      for (int i = 0; i < most; i++) {
        product[kind][i] = code.at(entries[kind][i]);
      }
    }
    products = code;
  }

  @Override
  public synchronized void close() {
    packers.values().forEach(p -> p.code.close());
    if (products != null) {
      products.close();
    }
  }
}
