package io.moineau.bench.peers;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * llama.cpp in a process of its own.
 *
 * @param folder where its libraries are
 * @param variant build of its CPU backend
 */
record LlamaCppContestant(Path folder, String variant, int threads) implements Contestant {
  static final String NAME = "llama.cpp";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> whyNot(ModelFile file) {
    return Optional.empty();
  }

  @Override
  public Session start(ModelFile file, int context) {
    return new ChildSession(
        NAME,
        List.of(
            Commands.java(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            LlamaCppWorker.class.getName(),
            folder.toString(),
            variant,
            file.path().toString(),
            Integer.toString(threads),
            Integer.toString(context)),
        Map.of());
  }

  /**
   * The build that llama.cpp itself would choose: the one that scores most on this processor.
   *
   * @param cpu {@code avx2} or {@code avx512} for builds of no more than that; empty for any
   */
  static String best(LlamaCppFiles files, LlamaCppLibrary library, String cpu) {
    if (cpu.equals("avx2") && files.backends().containsKey(LlamaCppFiles.AVX2)) {
      return LlamaCppFiles.AVX2;
    }
    String best = "";
    int highest = 0;
    for (Map.Entry<String, Path> backend : files.backends().entrySet()) {
      boolean allowed = cpu.isEmpty() || !backend.getKey().equals(LlamaCppFiles.AMX);
      int score = allowed ? library.score(backend.getValue()) : 0;
      if (score > highest) {
        highest = score;
        best = backend.getKey();
      }
    }
    if (best.isEmpty()) {
      throw new PeerException(
          "llama-cpp-load",
          "no build of llama.cpp runs on this processor",
          System.getProperty("os.arch"),
          String.join(", ", files.backends().keySet()),
          "run this on x86-64, or leave llama.cpp out with --peers");
    }
    return best;
  }
}
