package io.moineau.bench.peers;

import io.moineau.bench.peers.RunOptions.Made;
import io.moineau.error.MoineauException;
import io.moineau.kernels.CpuFeatures;
import io.moineau.kernels.MachineProbe;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code bench/peers/run}: Moineau beside other programs, on the same files. */
public final class PeersRun {
  private final RunOptions options;
  private final PrintStream out;
  private final PrintStream log;
  private MachineProbe.Result probe = MachineProbe.Result.NONE;

  private PeersRun(RunOptions options, PrintStream out, PrintStream log) {
    this.options = options;
    this.out = out;
    this.log = log;
  }

  /** Exits with 1 if a program or file failed, 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(run(List.of(args), System.out, System.err));
  }

  static int run(List<String> args, PrintStream out, PrintStream log) {
    if (args.contains("--help") || args.contains("-h")) {
      out.print(RunOptions.USAGE);
      return 0;
    }
    try {
      int cores = CpuFeatures.get().usableCores();
      return new PeersRun(RunOptions.parse(args, cores, System.getenv()), out, log).run();
    } catch (MoineauException e) {
      log.println("run: " + e.getMessage());
      return e.code().equals("usage") ? 2 : 1;
    } catch (IOException | UncheckedIOException e) {
      log.println("run: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int run() throws IOException, InterruptedException {
    Comparison comparison = new Comparison();
    List<Contestant> contestants = contestants();
    probe();
    for (Path path : files()) {
      ModelFile file = ModelFile.of(path);
      log.println(file.label() + ":");
      file.readOnce();
      new FileRun(options, file, contestants, log).measure(comparison);
      probe();
      // After each file: whoever ends a long run keeps what it has measured.
      write(comparison);
    }
    out.print(ComparisonTable.of(comparison, MachineFacts.of(options, probe)));
    log.println("written: table.md, comparison.json, comparison.svg in " + options.out());
    return comparison.failed() ? 1 : 0;
  }

  /** The best of several moments, since others may have the machine in one. */
  private void probe() throws InterruptedException {
    MachineProbe.Result now = MachineProbe.run(options.threads());
    probe =
        new MachineProbe.Result(
            Math.max(probe.gigabytesPerSecond(), now.gigabytesPerSecond()),
            Math.max(probe.gigaoperationsPerSecond(), now.gigaoperationsPerSecond()));
  }

  private List<Contestant> contestants() {
    List<Contestant> contestants = new ArrayList<>();
    contestants.add(new MoineauContestant(options.threads(), options.cpu()));
    for (String peer : options.peers()) {
      switch (peer) {
        case LlamaCppContestant.NAME -> contestants.add(llamaCpp());
        case Llama3JavaContestant.NAME ->
            contestants.add(
                new Llama3JavaContestant(options.llama3Java(), options.cache(), options.threads()));
        case JlamaContestant.NAME -> contestants.add(new JlamaContestant());
        default -> throw new IllegalStateException(peer);
      }
    }
    return contestants;
  }

  private Contestant llamaCpp() {
    LlamaCppFiles files =
        options
            .llamaCpp()
            .map(LlamaCppFiles::in)
            .orElseGet(() -> new LlamaCppPackage(options.cache(), System.getenv()).fetch());
    Path folder =
        options.llamaCpp().orElse(options.cache().resolve("llama.cpp-" + LlamaCppPackage.RELEASE));
    String[] best = LlamaCppVariant.ask(folder, options.cpu());
    String variant = options.variant().isEmpty() ? best[0] : options.variant();
    files.backend(variant);
    log.println("llama.cpp " + best[1] + ", build " + variant);
    return new LlamaCppContestant(folder, variant, options.threads());
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>(options.models());
    for (Made made : options.made()) {
      Files.createDirectories(options.cache());
      String name = made.label() + (options.seed() == 1 ? "" : "-" + options.seed()) + ".gguf";
      Path file = options.cache().resolve(name);
      if (!Files.exists(file)) {
        MakeModel.write(made.kind(), made.type(), 0, options.seed(), file, log);
      }
      files.add(file);
    }
    return files;
  }

  private void write(Comparison comparison) throws IOException {
    MachineFacts machine = MachineFacts.of(options, probe);
    Map<String, String> texts =
        Map.of(
            "table.md", ComparisonTable.of(comparison, machine),
            "comparison.json", ComparisonJson.of(comparison, machine, Instant.now()),
            "comparison.svg", ComparisonChart.of(comparison, machine));
    Files.createDirectories(options.out());
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Files.writeString(options.out().resolve(text.getKey()), text.getValue());
    }
  }
}
