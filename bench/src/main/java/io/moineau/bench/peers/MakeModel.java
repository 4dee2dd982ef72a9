package io.moineau.bench.peers;

import io.moineau.error.MoineauException;
import io.moineau.kernels.quant.FileType;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** {@code bench/peers/make}: writes a model of random weights and a real shape. */
public final class MakeModel {
  private static final String USAGE =
      """
      Writes a GGUF file with the shape of a real model and random weights from a seed:
        bench/peers/make KIND TYPE OUT.gguf [SEED] [--layers N]

      KIND  %s
      TYPE  F32, F16, BF16, Q4_0, Q8_0, Q4_K_M and the other mixtures of `moineau quantize`
      SEED  a whole number (1)
      --layers N  so many layers instead of the kind's own; r1-layers has 1, of 6.5 GB in Q4_0
      """
          .formatted(ModelKind.labels());

  private MakeModel() {}

  /** Exits with 1 where the file cannot be made, 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(run(List.of(args), System.out, System.err));
  }

  static int run(List<String> args, PrintStream out, PrintStream err) {
    if (args.contains("--help") || args.contains("-h")) {
      out.print(USAGE);
      return 0;
    }
    try {
      make(args, out);
      return 0;
    } catch (MoineauException e) {
      err.println("make: " + e.getMessage());
      return e.code().equals("usage") ? 2 : 1;
    }
  }

  private static void make(List<String> args, PrintStream out) {
    List<String> words = new ArrayList<>(args);
    int layers = 0;
    int option = words.indexOf("--layers");
    if (option >= 0 && option + 1 < words.size()) {
      layers = (int) number("--layers", words.remove(option + 1), 1, 1000);
      words.remove(option);
    }
    if (words.size() < 3 || words.size() > 4) {
      throw usage("three or four arguments are needed", words.toString(), USAGE);
    }
    ModelKind kind =
        ModelKind.fromLabel(words.get(0))
            .orElseThrow(() -> usage("unknown kind", words.get(0), ModelKind.labels()));
    FileType type =
        FileType.fromName(words.get(1))
            .orElseThrow(
                () -> usage("unknown type", words.get(1), Arrays.toString(FileType.values())));
    long seed = words.size() > 3 ? number("SEED", words.get(3), 0, Long.MAX_VALUE) : 1;
    write(kind, type, layers, seed, Path.of(words.get(2)), out);
  }

  /** Writes the file and prints a line that says what it is. */
  static void write(
      ModelKind kind, FileType type, int layers, long seed, Path path, PrintStream out) {
    SyntheticModel model = new SyntheticModel(kind, type, layers, seed);
    model.write(path);
    out.printf(
        Locale.ROOT,
        "%s: %s %s, seed %d, %.3f billion parameters, %.3f GB%n",
        path,
        kind.label(),
        type,
        seed,
        model.parameters() / 1e9,
        size(path) / 1e9);
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static long number(String name, String text, long least, long most) {
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same error.
    }
    throw usage("not a number in the range", name + " " + text, least + " to " + most);
  }

  private static PeerException usage(String what, String where, String allowed) {
    return new PeerException("usage", what, where, allowed, "see --help");
  }
}
