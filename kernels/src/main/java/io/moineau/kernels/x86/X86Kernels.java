package io.moineau.kernels.x86;

import io.moineau.kernels.AttentionCall;
import io.moineau.kernels.AttentionTile;
import io.moineau.kernels.KernelException;
import io.moineau.kernels.KernelProvider;
import io.moineau.kernels.Precision;
import io.moineau.kernels.Product;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Machine code, assembled here for the processor at hand, called through the foreign function
 * interface. It reads the weights where the file is mapped and knows nothing of Java: the facade
 * has checked every bound before.
 *
 * <p>What has no machine code (some weight types, {@link Precision#EXACT}) is left to another
 * provider.
 */
public final class X86Kernels implements KernelProvider {
  private static final int MOST_STRIPS = 4; // of a piece
  private static final long LEAST_PIECE_BYTES = 32 << 10;
  private static final long MOST_PIECE_BYTES = 256 << 10;

  private final KernelProvider fallback;
  private final Isa isa;
  private final Tuning tuning;
  private final CodeMemory rounding;
  private final MemorySegment round;
  private final Map<DType, Dots> dots = new EnumMap<>(DType.class);
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] calls; // arguments, per thread
  private final Strips[] strips; // per thread
  private final RowCode rowCode;
  private final AttentionCode attentionCode;
  private final TileAttention[] attention; // per thread
  private final StripCode stripCode;
  private final FloatStrips.Code floatStripCode;
  private final FloatStrips[] floatStrips; // per thread

  /** Kernels of one weight type, by the number of activations less one. */
  private record Dots(CodeMemory code, MemorySegment[] several, MemorySegment[] single) {}

  private X86Kernels(
      int threads,
      Isa isa,
      Tuning tuning,
      Supplier<Assembler> assemblers,
      KernelProvider fallback) {
    this.isa = isa;
    this.tuning = tuning;
    this.fallback = fallback;
    Assembler a = new Assembler();
    final int entry = ActivationRow.assemble(a);
    rounding = CodeMemory.of(a.finish(), a.symbols());
    round = rounding.at(entry);
    calls = new MemorySegment[threads];
    stripCode = new StripCode(isa, tuning, assemblers);
    strips = new Strips[threads];
    floatStripCode = new FloatStrips.Code(isa);
    floatStrips = new FloatStrips[threads];
    rowCode = new RowCode(isa);
    attentionCode = new AttentionCode(isa);
    attention = new TileAttention[threads];
    for (int i = 0; i < threads; i++) {
      calls[i] = arena.allocate(256, 256);
      strips[i] = new Strips(stripCode);
      floatStrips[i] = new FloatStrips(floatStripCode);
      attention[i] = new TileAttention(attentionCode);
    }
  }

  /**
   * What keeps machine code from being used here, with its cure; empty if nothing does.
   *
   * @param limit what {@code MOINEAU_CPU} says: a level and sets taken away, or empty
   */
  public static String problem(String limit) {
    String system = System.getProperty("os.name", "");
    String architecture = System.getProperty("os.arch", "");
    if (!architecture.equals("amd64") && !architecture.equals("x86_64")) {
      return "x86: this processor is no x86-64 (" + architecture + ")";
    }
    if (!system.equals("Linux") && !system.startsWith("Mac")) {
      return "x86: on " + system + " the calling convention is another; Linux and macOS only";
    }
    try {
      Isa isa = Isa.of(CpuId.ask(), limit);
      if (!isa.usable()) {
        return "x86: without "
            + String.join(", ", isa.missing())
            + (limit.isEmpty() ? " there are no kernels for this processor" : " (" + limit + ")");
      }
      return Probe.run(isa);
    } catch (KernelException e) {
      if (e.code().equals("kernel-unknown-cpu")) {
        throw e;
      }
      return "x86: " + e.getMessage();
    } catch (IllegalCallerException e) {
      return "x86: native access is not enabled; start with --enable-native-access=ALL-UNNAMED";
    }
  }

  /**
   * The levels of {@code MOINEAU_CPU} that differ on this machine; {@code notHere} is told why of
   * each other.
   */
  public static List<String> levels(Consumer<String> notHere) {
    List<String> found = new ArrayList<>();
    for (String level : List.of("avx2", "avx512", "amx")) {
      String problem = problem(level);
      if (problem.isEmpty()) {
        Isa isa = Isa.of(CpuId.ask(), level);
        boolean there =
            switch (level) {
              case "avx512" -> isa.avx512();
              case "amx" -> isa.amx();
              default -> true;
            };
        problem =
            there
                ? shortfall(level)
                : "x86: this processor or system has no " + level.toUpperCase(Locale.ROOT);
      }
      if (problem.isEmpty()) {
        found.add(level);
      } else {
        notHere.accept(level + ": " + problem);
      }
    }
    return found;
  }

  /**
   * Kernels for a team of so many threads.
   *
   * @param limit what {@code MOINEAU_CPU} says, or empty; {@link #problem} has found nothing
   * @param tuning which kernel is taken for how many tokens
   * @param fallback does what has no machine code; is closed with this
   */
  public static X86Kernels open(int threads, String limit, Tuning tuning, KernelProvider fallback) {
    return open(threads, usable(limit), tuning, Assembler::new, fallback);
  }

  private static Isa usable(String limit) {
    Isa isa = Isa.of(CpuId.ask(), limit);
    return isa.amx() && !Amx.problem().isEmpty() ? isa.withoutAmx() : isa;
  }

  /** The instruction sets in use, for people; empty where there is no machine code. */
  public static String sets(String limit) {
    return problem(limit).isEmpty() ? usable(limit).describe() : "";
  }

  /** Whether AMX is used. {@link #problem} has found nothing. */
  public static boolean tilesWork(String limit) {
    return usable(limit).amx();
  }

  /** The weight types that may be rearranged. {@link #problem} has found nothing. */
  public static List<DType> stripTypes(String limit) {
    try (StripCode code = new StripCode(usable(limit), Tuning.DEFAULT, Assembler::new)) {
      return Arrays.stream(DType.values()).filter(code::supports).toList();
    }
  }

  /**
   * @param assemblers gives an empty assembler each time
   */
  static X86Kernels open(
      int threads,
      Isa isa,
      Tuning tuning,
      Supplier<Assembler> assemblers,
      KernelProvider fallback) {
    return new X86Kernels(threads, isa, tuning, assemblers, fallback);
  }

  /**
   * What keeps an instruction set that the processor has from being used, with its cure; empty if
   * nothing does.
   *
   * @param limit what {@code MOINEAU_CPU} says, or empty; {@link #problem} has found nothing
   */
  public static String shortfall(String limit) {
    return Isa.of(CpuId.ask(), limit).amx() ? Amx.problem() : "";
  }

  @Override
  public String name() {
    return "x86";
  }

  @Override
  public String describe() {
    return "x86: machine code, "
        + isa.describe()
        + (tuning.measured().isEmpty() ? "" : ", tuned " + tuning.measured());
  }

  @Override
  public boolean supports(DType weight) {
    return fallback.supports(weight);
  }

  @Override
  public int packing(DType weight, Precision precision) {
    boolean ours =
        precision == Precision.DEFAULT && weight.isQuantized() && DotKernels.supports(weight);
    return ours ? ActivationRow.ROUNDED : fallback.packing(weight, precision);
  }

  @Override
  public long packedRowBytes(int packing, int columns) {
    return packing == ActivationRow.ROUNDED
        ? ActivationRow.bytes(columns)
        : fallback.packedRowBytes(packing, columns);
  }

  @Override
  public void pack(
      int packing,
      MemorySegment source,
      long sourceOffset,
      int columns,
      MemorySegment packed,
      long packedOffset) {
    if (packing == ActivationRow.ROUNDED) {
      long from = source.address() + sourceOffset;
      NativeCall.call(round, from, columns / 32, packed.address() + packedOffset);
    } else {
      fallback.pack(packing, source, sourceOffset, columns, packed, packedOffset);
    }
  }

  @Override
  public int rowsPerPiece(DType weight, int rows, int columns, int activations) {
    if (!DotKernels.supports(weight)) {
      return fallback.rowsPerPiece(weight, rows, columns, activations);
    }
    if (byStrips(weight, activations)) {
      int strip = weight.isQuantized() ? stripCode.rows() : floatStripCode.rows();
      return Math.clamp(rows / (4 * calls.length) / strip * strip, strip, MOST_STRIPS * strip);
    }
    long rowBytes = Math.max(1, (long) columns * weight.blockBytes() / weight.blockSize());
    // Long reads suit memory; but the last piece of a thread should not be waited for by others.
    long bytes =
        Math.clamp(rows * rowBytes / (4L * calls.length), LEAST_PIECE_BYTES, MOST_PIECE_BYTES);
    return (int) Math.clamp(bytes / rowBytes, 4, 4096) & -4;
  }

  @Override
  public void multiply(Product product, int rowFrom, int rowTo, int thread) {
    boolean floats =
        product.packing() == PLAIN
            && FloatStripCode.supports(product.type())
            && product.columns() % FloatDot.STEP == 0;
    boolean rounded = product.packing() == ActivationRow.ROUNDED;
    boolean packed = !own(product) && byStrips(product.type(), product.activations());
    if (rounded && packed) {
      strips[thread].multiply(product, rowFrom, rowTo);
    } else if (floats && packed) {
      floatStrips[thread].multiply(product, rowFrom, rowTo);
    } else if (floats || rounded) {
      dots(product, rowFrom, rowTo, calls[thread]);
    } else {
      fallback.multiply(product, rowFrom, rowTo, thread);
    }
  }

  @Override
  public int sameAsAlone(DType weight, int packing) {
    if (packing == ActivationRow.ROUNDED) {
      return byStrips(weight, 1) ? Integer.MAX_VALUE : DotKernels.MOST_ACTIVATIONS;
    }
    return weight.isQuantized() || !DotKernels.supports(weight)
        ? fallback.sameAsAlone(weight, packing)
        : DotKernels.MOST_ACTIVATIONS;
  }

  /** Whether a product is for the kernels for few tokens, however many there are. */
  private boolean own(Product product) {
    return product.alone() && !byStrips(product.type(), 1);
  }

  private boolean byStrips(DType type, int activations) {
    boolean measured = tuning.ways().containsKey(type);
    int from = tuning.of(type).strips();
    // Without a strip to store, rows as lanes pay sooner.
    if (!measured && from > 2 && stripCode.direct(type, activations)) {
      from = 2;
    }
    return activations >= from && (stripCode.supports(type) || FloatStripCode.supports(type));
  }

  private void dots(Product product, int from, int to, MemorySegment call) {
    Dots kernels = dotsOf(product.type());
    int step = product.type().isQuantized() ? product.type().blockSize() : FloatDot.STEP;
    long packed = product.packed().address();
    set(call, DotKernels.Call.BLOCKS, product.columns() / step);
    set(call, DotKernels.Call.SCALES, ActivationRow.scales(product.columns()));
    set(call, DotKernels.Call.SUMS_32, ActivationRow.sums32(product.columns()));
    set(call, DotKernels.Call.SUMS_16, ActivationRow.sums16(product.columns()));
    set(call, DotKernels.Call.OUT_STRIDE, 4L * product.out().columns());
    for (int i = 0; i < product.activations(); i += DotKernels.MOST_ACTIVATIONS) {
      int acts = Math.min(DotKernels.MOST_ACTIVATIONS, product.activations() - i);
      for (int n = 0; n < acts; n++) {
        set(call, DotKernels.Call.ACTIVATIONS + 8 * n, packed + product.packedOffset(i + n));
      }
      int atOnce = DotKernels.rowsAtOnce(isa, product.type(), acts);
      int whole = (to - from) / atOnce;
      long out = product.outAddress(i, from);
      if (whole > 0) {
        set(call, DotKernels.Call.WEIGHTS, product.weightAddress(from));
        set(call, DotKernels.Call.STREAM_BYTES, whole * product.rowBytes());
        set(call, DotKernels.Call.ROWS, whole);
        set(call, DotKernels.Call.OUT, out);
        NativeCall.call(kernels.several[acts - 1], call.address());
      }
      int done = whole * atOnce;
      if (from + done < to) {
        set(call, DotKernels.Call.WEIGHTS, product.weightAddress(from + done));
        set(call, DotKernels.Call.ROWS, to - from - done);
        set(call, DotKernels.Call.OUT, out + 4L * done);
        NativeCall.call(kernels.single[acts - 1], call.address());
      }
    }
  }

  private static void set(MemorySegment call, int at, long value) {
    call.set(ValueLayout.JAVA_LONG, at, value);
  }

  /** Kernels of a type, assembled when it is met first; weights are of few types. */
  private Dots dotsOf(DType type) {
    @Nullable Dots known = dots.get(type);
    return known != null ? known : assemble(type);
  }

  private synchronized Dots assemble(DType type) {
    @Nullable Dots known = dots.get(type);
    if (known != null) {
      return known;
    }
    Assembler a = new Assembler();
    int most = DotKernels.MOST_ACTIVATIONS;
    int[] several = new int[most];
    int[] single = new int[most];
    for (int acts = 1; acts <= most; acts++) {
      int rows = DotKernels.rowsAtOnce(isa, type, acts);
      several[acts - 1] = DotKernels.assemble(a, isa, type, rows, acts);
      single[acts - 1] = rows == 1 ? several[acts - 1] : DotKernels.assemble(a, isa, type, 1, acts);
    }
    CodeMemory code = CodeMemory.of(a.finish(), a.symbols());
    MemorySegment[] severalAt = new MemorySegment[most];
    MemorySegment[] singleAt = new MemorySegment[most];
    for (int i = 0; i < most; i++) {
      severalAt[i] = code.at(several[i]);
      singleAt[i] = code.at(single[i]);
    }
    Dots made = new Dots(code, severalAt, singleAt);
    dots.put(type, made);
    return made;
  }

  @Override
  public void rmsNorm(
      FloatMatrix x, int row, int columns, int groups, float[] weight, float eps, FloatMatrix out) {
    fallback.rmsNorm(x, row, columns, groups, weight, eps, out);
  }

  @Override
  public void rope(
      FloatMatrix x,
      int row,
      int numHeads,
      int headStride,
      int offset,
      int ropeDim,
      FloatMatrix cos,
      FloatMatrix sin,
      boolean neox) {
    fallback.rope(x, row, numHeads, headStride, offset, ropeDim, cos, sin, neox);
  }

  @Override
  public void swiGlu(FloatMatrix gate, FloatMatrix up, int row, int columns) {
    int whole = columns / RowCode.STEP;
    if (columns % RowCode.STEP == 0 && whole > 0) {
      NativeCall.call(rowCode.swiGlu, gate.address(row), up.address(row), whole);
    } else {
      fallback.swiGlu(gate, up, row, columns);
    }
  }

  @Override
  public void clampedSwiGlu(
      FloatMatrix gate, FloatMatrix up, int row, int columns, float alpha, float limit) {
    fallback.clampedSwiGlu(gate, up, row, columns, alpha, limit);
  }

  @Override
  public void addScaled(
      FloatMatrix x, int row, FloatMatrix y, int yRow, int columns, float factor) {
    int whole = columns / RowCode.STEP;
    if (columns % RowCode.STEP == 0 && whole > 0) {
      NativeCall.call(rowCode.addScaled, x.address(row), y.address(yRow), whole, factor);
    } else {
      fallback.addScaled(x, row, y, yRow, columns, factor);
    }
  }

  @Override
  public void addBias(FloatMatrix x, int row, float[] bias) {
    fallback.addBias(x, row, bias);
  }

  @Override
  public void attend(
      AttentionCall call,
      int token,
      int headFrom,
      int headTo,
      int from,
      int to,
      MemorySegment partial,
      long partialOffset,
      int thread) {
    if (TileAttention.supports(call) && from < to) {
      long result = partial.address() + partialOffset;
      attention[thread].attend(call, token, headFrom, headTo, from, to, result);
    } else {
      fallback.attend(call, token, headFrom, headTo, from, to, partial, partialOffset, thread);
    }
  }

  @Override
  public int attentionTileRows(AttentionCall call) {
    return TileAttention.supports(call) ? attentionCode.rows() : 0;
  }

  @Override
  public void attend(AttentionCall call, AttentionTile tile, int thread) {
    attention[thread].attend(call, tile);
  }

  @Override
  public void close() {
    rounding.close();
    dots.values().forEach(d -> d.code.close());
    for (Strips own : strips) {
      own.close();
    }
    stripCode.close();
    for (FloatStrips own : floatStrips) {
      own.close();
    }
    floatStripCode.close();
    for (TileAttention own : attention) {
      own.close();
    }
    attentionCode.close();
    rowCode.close();
    arena.close();
    fallback.close();
  }
}
