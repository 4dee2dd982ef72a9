package io.moineau.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the expected values and data that are not part of this repository lie, if they are here.
 */
public final class SharedFiles {
  private SharedFiles() {}

  /** The folder of the oracles: {@code MOINEAU_ORACLES}, else {@code ../shared/oracles}. */
  public static Optional<Path> oracles() {
    String named = System.getenv("MOINEAU_ORACLES");
    Path folder = named == null || named.isBlank() ? shared("oracles") : Path.of(named);
    return Files.isDirectory(folder) ? Optional.of(folder) : Optional.empty();
  }

  /** A file or folder below {@code ../shared/data}, if it is here. */
  public static Optional<Path> data(String name) {
    Path path = shared("data").resolve(name);
    return Files.exists(path) ? Optional.of(path) : Optional.empty();
  }

  private static Path shared(String name) {
    // Surefire gives the root of the reactor; a program started by a script stands in it.
    Path root = Path.of(System.getProperty("moineau.root", ".")).toAbsolutePath().normalize();
    return root.resolveSibling("shared").resolve(name);
  }
}
