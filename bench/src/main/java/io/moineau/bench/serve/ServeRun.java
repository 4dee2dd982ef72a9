package io.moineau.bench.serve;

import io.moineau.bench.peers.PeerStreams;
import io.moineau.error.MoineauException;
import io.moineau.kernels.CpuFeatures;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code bench/serve/run}: many streams of a server at once, with llama.cpp's batches beside. */
public final class ServeRun {
  /** Tokens of prompts and answers of streams that begin together, as in {@code bench/peers}. */
  static final int TOGETHER_PROMPT = 16;

  static final int TOGETHER_ANSWER = 64;

  /** Of all vocabularies the first so many tokens are there; control tokens stand elsewhere. */
  private static final int VOCABULARY = 256;

  private static final double SECONDS_BEFORE_LONG_PROMPT = 6;

  private final ServeOptions options;
  private final PrintStream log;
  private final Map<Integer, List<LoadFigures>> together = new TreeMap<>();
  private final Map<Integer, List<Double>> peer = new TreeMap<>();

  private ServeRun(ServeOptions options, PrintStream log) {
    this.options = options;
    this.log = log;
  }

  /** Exits with 1 if a request or program failed, 2 for wrong arguments. */
  public static void main(String[] args) {
    System.exit(run(List.of(args), System.out, System.err));
  }

  static int run(List<String> args, PrintStream out, PrintStream log) {
    if (args.contains("--help") || args.contains("-h")) {
      out.print(ServeOptions.USAGE);
      return 0;
    }
    try {
      ServeOptions options = ServeOptions.parse(args, CpuFeatures.get().usableCores());
      ServeReport report = new ServeRun(options, log).measure();
      Files.createDirectories(options.out());
      Files.writeString(options.out().resolve("serve.md"), report.markdown());
      Files.writeString(options.out().resolve("serve.json"), report.json());
      out.print(report.markdown());
      log.println("written: serve.md, serve.json in " + options.out());
      return report.failed() ? 1 : 0;
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

  private ServeReport measure() throws InterruptedException {
    if (options.url().isPresent()) {
      return measure(options.url().get());
    }
    try (ServerProcess server = new ServerProcess(serverArguments(), Map.of())) {
      return measure(server.uri());
    }
  }

  private List<String> serverArguments() {
    List<String> arguments = new ArrayList<>();
    options.model().ifPresent(path -> arguments.addAll(List.of("-m", path.toString())));
    arguments.addAll(
        List.of(
            "--threads",
            Integer.toString(options.threads()),
            "--chunk-size",
            Integer.toString(options.chunkTokens())));
    if (!options.serverArguments().contains("--parallel")) {
      arguments.addAll(List.of("--parallel", Integer.toString(options.mostStreams())));
    }
    if (!options.serverArguments().contains("-c")) {
      arguments.addAll(List.of("-c", Integer.toString(options.longest())));
    }
    arguments.add("--no-access-log");
    arguments.addAll(options.serverArguments());
    return arguments;
  }

  private ServeReport measure(URI uri) throws InterruptedException {
    try (StreamClient client = new StreamClient(uri, options.chat())) {
      LoadRun load = new LoadRun(client, VOCABULARY, options.seed());
      String peerSetting = together(load);
      Optional<LoadFigures> steady = Optional.empty();
      if (options.seconds() > 0) {
        log.println(options.streams() + " users for " + (int) options.seconds() + " s");
        steady =
            Optional.of(
                load.steady(
                    options.streams(),
                    options.prompts(),
                    options.answers(),
                    options.warmUpSeconds(),
                    options.seconds()));
      }
      List<LongPromptFigures> longPrompts = new ArrayList<>();
      for (int round = 0; options.longPrompt() > 0 && round < options.rounds(); round++) {
        log.println("a prompt of " + options.longPrompt() + " tokens");
        longPrompts.add(
            load.longPrompt(
                Math.max(1, options.streams() - 1),
                options.longPrompt(),
                options.chunkTokens(),
                SECONDS_BEFORE_LONG_PROMPT));
      }
      return new ServeReport(
          options, client.model(), together, peer, peerSetting, steady, longPrompts);
    }
  }

  /** Streams that begin together, in turns with llama.cpp; gives what llama.cpp was. */
  private String together(LoadRun load) throws InterruptedException {
    Optional<Path> folder = options.model().isEmpty() ? Optional.empty() : options.llamaCpp();
    if (folder.isEmpty()) {
      rounds(load, Optional.empty());
      return "";
    }
    try (PeerStreams llamaCpp =
        PeerStreams.llamaCpp(folder.get(), options.model().orElseThrow(), options.threads())) {
      rounds(load, Optional.of(llamaCpp));
      return llamaCpp.setting();
    }
  }

  /** The first round warms up both programs and does not count. */
  private void rounds(LoadRun load, Optional<PeerStreams> llamaCpp) throws InterruptedException {
    for (int round = 0; round <= options.rounds() && !options.together().isEmpty(); round++) {
      for (int streams : options.together()) {
        LoadFigures ours = load.together(streams, TOGETHER_PROMPT, TOGETHER_ANSWER);
        log.printf(Locale.ROOT, "%d streams: %.1f tokens/s%n", streams, ours.tokensPerSecond());
        double theirs = llamaCpp.isEmpty() ? 0 : llamaCpp.get().tokensPerSecond(streams);
        if (llamaCpp.isPresent()) {
          log.printf(Locale.ROOT, "  llama.cpp: %.1f tokens/s%n", theirs);
        }
        if (round > 0 || ours.failed() > 0) {
          together.computeIfAbsent(streams, key -> new ArrayList<>()).add(ours);
        }
        if (round > 0 && llamaCpp.isPresent()) {
          peer.computeIfAbsent(streams, key -> new ArrayList<>()).add(theirs);
        }
      }
    }
  }
}
