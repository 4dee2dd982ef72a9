package io.moineau.kernels;

import io.moineau.kernels.x86.Tuning;
import io.moineau.kernels.x86.X86Kernels;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;

/**
 * Which kernel is the fastest for how many tokens, measured once per machine and kept in a file
 * that later starts read. Processors differ: where one gains from rearranging weights with four
 * tokens, another does with two.
 */
public final class KernelTuning {
  private static final int[] TOKENS = {2, 3, 4, 5, 6, 8, 12, 16, 32, 64};
  private static final int ROWS = 1408; // the experts of DeepSeek-V2-Lite
  private static final int COLUMNS = 2048;
  private static final int ROUNDS = 5;

  /** Weights are read in turn from so much memory, more than a core's caches hold. */
  private static final long WEIGHT_BYTES = 48L << 20;

  private KernelTuning() {}

  /**
   * What was measured of one weight type.
   *
   * @param type the type
   * @param strips tokens from which rearranging weights pays; {@link Integer#MAX_VALUE}: never
   * @param tiles tokens from which AMX pays; {@link Integer#MAX_VALUE}: never, or there is none
   * @param gigaoperations by number of tokens (as in {@link #tokens()}), those of the best kernel
   */
  public record Row(DType type, int strips, int tiles, List<Double> gigaoperations) {
    /** Copies the list. */
    public Row {
      gigaoperations = List.copyOf(gigaoperations);
    }
  }

  /** Hears how far measuring is. */
  public interface Progress {
    /** So many types of so many are done; the next is {@code type}. */
    void at(int done, int total, DType type);
  }

  /** The numbers of tokens that are measured. */
  public static List<Integer> tokens() {
    return Arrays.stream(TOKENS).boxed().toList();
  }

  /**
   * Measures all types; takes some ten seconds.
   *
   * @param threads threads of the team; 0 for one per physical core
   * @throws KernelException {@code kernel-provider-unavailable} where there is no machine code,
   *     which alone has something to choose from
   */
  public static List<Row> measure(int threads, Progress progress) {
    String limit = ProviderWish.limitInEnvironment();
    String problem = X86Kernels.problem(limit);
    if (!problem.isEmpty()) {
      throw new KernelException(
          "kernel-provider-unavailable",
          "there is nothing to choose from: only machine code has several kernels",
          problem,
          "x86",
          "leave it: the other providers need no table");
    }
    int size = threads == 0 ? CpuFeatures.get().usableCores() : threads;
    List<DType> types = X86Kernels.stripTypes(limit);
    List<Row> rows = new ArrayList<>();
    for (DType type : types) {
      progress.at(rows.size(), types.size(), type);
      rows.add(measure(type, size, limit));
    }
    return rows;
  }

  static Row measure(DType type, int threads, String limit) {
    int never = Tuning.NEVER;
    List<Tuning.Ways> ways = new ArrayList<>();
    ways.add(new Tuning.Ways(never, never));
    ways.add(new Tuning.Ways(1, never));
    if (X86Kernels.tilesWork(limit)) {
      ways.add(new Tuning.Ways(1, 1));
    }
    double[][] nanos = new double[ways.size()][TOKENS.length];
    List<Kernels> kernels = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      for (Tuning.Ways way : ways) {
        Tuning tuning = new Tuning("", Map.of(type, way));
        KernelProvider provider =
            X86Kernels.open(threads, limit, tuning, new ScalarKernels(threads));
        kernels.add(
            new Kernels(
                new KernelChoice(provider, List.of()), Precision.DEFAULT, new ThreadTeam(threads)));
      }
      List<TensorView> weights = weights(arena, type);
      FloatMatrix x = FloatMatrix.allocate(arena, TOKENS[TOKENS.length - 1], COLUMNS);
      FloatMatrix out = FloatMatrix.allocate(arena, TOKENS[TOKENS.length - 1], ROWS);
      SplittableRandom random = new SplittableRandom(1);
      for (int t = 0; t < x.rows(); t++) {
        for (int c = 0; c < COLUMNS; c++) {
          x.set(t, c, random.nextFloat() - 0.5f);
        }
      }
      int next = 0;
      for (int i = 0; i < TOKENS.length; i++) {
        double[][] times = new double[ways.size()][ROUNDS];
        for (int round = -1; round < ROUNDS; round++) { // the first warms up
          for (int w = 0; w < ways.size(); w++) {
            long start = System.nanoTime();
            int repeats = Math.max(2, 24 / TOKENS[i]);
            for (int r = 0; r < repeats; r++) {
              kernels.get(w).matmul(weights.get(next++ % weights.size()), x, TOKENS[i], out);
            }
            if (round >= 0) {
              times[w][round] = (double) (System.nanoTime() - start) / repeats;
            }
          }
        }
        for (int w = 0; w < ways.size(); w++) {
          Arrays.sort(times[w]);
          nanos[w][i] = times[w][ROUNDS / 2];
        }
      }
    } finally {
      kernels.forEach(Kernels::close);
    }
    return choose(type, nanos);
  }

  private static List<TensorView> weights(Arena arena, DType type) {
    long bytes = type.bytesFor(COLUMNS) * ROWS;
    int count = (int) Math.max(2, WEIGHT_BYTES / bytes);
    MemorySegment all = arena.allocate(count * bytes, 64);
    SplittableRandom random = new SplittableRandom(2);
    for (long at = 0; at + 8 <= all.byteSize(); at += 8) {
      // No exponent of a 16-bit float is that of infinity: its highest bit is 0 in any position.
      all.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong() & 0xBFBF_BFBF_BFBF_BFBFL);
    }
    List<TensorView> weights = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      weights.add(
          new TensorView("w", type, Shape.of(ROWS, COLUMNS), all.asSlice(i * bytes, bytes)));
    }
    return weights;
  }

  /**
   * From where on each way is to be taken, so that the times, as ratios, are least in all: a single
   * one that somebody else's work made long decides nothing.
   *
   * @param nanos {@code [way][index in TOKENS]}; ways: dot products, strips, tiles (may be missing)
   */
  static Row choose(DType type, double[][] nanos) {
    int n = TOKENS.length;
    double least = Double.POSITIVE_INFINITY;
    int strips = n;
    int tiles = n;
    for (int s = n; s >= 0; s--) {
      for (int t = n; t >= (nanos.length > 2 ? s : n); t--) {
        double cost = 0;
        for (int i = 0; i < n; i++) {
          cost += Math.log(nanos[way(i, s, t)][i]);
        }
        if (cost < least) {
          least = cost;
          strips = s;
          tiles = t;
        }
      }
    }
    List<Double> speeds = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      speeds.add(2.0 * ROWS * COLUMNS * TOKENS[i] / nanos[way(i, strips, tiles)][i]);
    }
    return new Row(type, tokensAt(strips), tokensAt(tiles), speeds);
  }

  private static int way(int index, int strips, int tiles) {
    return index >= tiles ? 2 : index >= strips ? 1 : 0;
  }

  private static int tokensAt(int index) {
    return index == TOKENS.length ? Tuning.NEVER : TOKENS[index];
  }

  // --- the file ---------------------------------------------------------------------------------

  /**
   * Where this machine's table is, or would be: in {@code MOINEAU_CACHE}, else where the launcher
   * keeps its cache. Its name holds the processor's name and the instruction sets in use, so that a
   * home on several machines does not mix them up.
   */
  public static Path file() {
    return file(ProviderWish.limitInEnvironment());
  }

  static Path file(String limit) {
    String machine = CpuFeatures.get().name() + " " + X86Kernels.sets(limit);
    String name = machine.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return folder().resolve("kernels-" + name + ".properties");
  }

  private static Path folder() {
    String own = ProviderWish.environment("MOINEAU_CACHE");
    if (!own.isBlank()) {
      return Path.of(own);
    }
    String xdg = ProviderWish.environment("XDG_CACHE_HOME");
    Path base =
        xdg.isBlank() ? Path.of(System.getProperty("user.home", "."), ".cache") : Path.of(xdg);
    return base.resolve("moineau");
  }

  /** Writes the table for later starts, whole or not at all. */
  public static void save(List<Row> rows, Path file) throws IOException {
    Map<DType, Tuning.Ways> ways = new EnumMap<>(DType.class);
    rows.forEach(row -> ways.put(row.type, new Tuning.Ways(row.strips, row.tiles)));
    Properties properties = new Tuning(LocalDate.now().toString(), ways).toProperties();
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path fresh = Files.createTempFile(folder, "kernels", ".tmp");
    try {
      try (Writer out = Files.newBufferedWriter(fresh)) {
        properties.store(
            out,
            "Moineau: from how many tokens on weights are rearranged (strips), and AMX is used"
                + " (tiles). Measured by moineau bench --tune; delete to go back to defaults.");
      }
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /**
   * Reads this machine's table; what suits most processors if there is none.
   *
   * @throws KernelException {@code kernel-bad-tuning} if there is one with a value that cannot be
   */
  static Tuning load(Path file) {
    if (!Files.isRegularFile(file)) {
      return Tuning.DEFAULT;
    }
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new KernelException(
          "kernel-bad-tuning",
          "the table of measured kernels cannot be read",
          file + ": " + e.getMessage(),
          "what moineau bench --tune writes",
          "measure again with moineau bench --tune, or delete the file");
    }
    return Tuning.of(properties, file.toString());
  }
}
