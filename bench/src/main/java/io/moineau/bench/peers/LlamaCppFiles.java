package io.moineau.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The libraries of a llama.cpp in a folder.
 *
 * @param backends builds of the CPU backend, by the processor that they are named after
 */
record LlamaCppFiles(Path llama, Path ggml, Path base, Map<String, Path> backends) {
  private static final String BACKEND = "libggml-cpu-";
  private static final int DEPTH = 5;

  /** The one build with AMX, whose buffers refuse two tensors of MLA models. */
  static final String AMX = "sapphirerapids";

  /** Builds for AVX2 and nothing above. */
  static final String AVX2 = "haswell";

  /**
   * Looks for the libraries in a folder and those below.
   *
   * @throws PeerException {@code llama-cpp-missing} if one is not there
   */
  static LlamaCppFiles in(Path folder) {
    try (Stream<Path> walk = Files.walk(folder.toAbsolutePath(), DEPTH)) {
      List<Path> libraries =
          walk.filter(path -> path.getFileName().toString().endsWith(".so")).sorted().toList();
      Map<String, Path> backends = new TreeMap<>();
      for (Path path : libraries) {
        String name = path.getFileName().toString();
        if (name.startsWith(BACKEND)) {
          backends.putIfAbsent(
              name.substring(BACKEND.length(), name.length() - ".so".length()), path);
        }
      }
      Optional<Path> llama = named(libraries, "libllama.");
      Optional<Path> ggml = named(libraries, "libggml.");
      Optional<Path> base = named(libraries, "libggml-base.");
      if (llama.isPresent() && ggml.isPresent() && base.isPresent() && !backends.isEmpty()) {
        return new LlamaCppFiles(llama.get(), ggml.get(), base.get(), backends);
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      throw missing(folder + ": " + e.getMessage());
    }
    throw missing(folder.toString());
  }

  private static Optional<Path> named(List<Path> libraries, String prefix) {
    return libraries.stream()
        .filter(path -> path.getFileName().toString().startsWith(prefix))
        .findFirst();
  }

  private static PeerException missing(String where) {
    return new PeerException(
        "llama-cpp-missing",
        "a folder lacks libraries of llama.cpp",
        where,
        "libllama.*.so, libggml.*.so, libggml-base.so and libggml-cpu-*.so, there or below",
        "unpack npm package " + LlamaCppPackage.COORDINATES + ", or leave out --llama-cpp");
  }

  /**
   * A build by its name.
   *
   * @throws PeerException {@code usage} if there is none of that name
   */
  Path backend(String variant) {
    Path path = backends.get(variant);
    if (path == null) {
      throw new PeerException(
          "usage",
          "there is no such build of llama.cpp's CPU backend",
          variant,
          String.join(", ", backends.keySet()),
          "choose one of these with --variant");
    }
    return path;
  }
}
