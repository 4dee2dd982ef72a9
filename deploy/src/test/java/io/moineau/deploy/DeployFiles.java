package io.moineau.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The files of {@code deploy/}. */
final class DeployFiles {
  static final Path FOLDER = Path.of(System.getProperty("moineau.root", "..")).resolve("deploy");

  private DeployFiles() {}

  static String text(String name) {
    try {
      return Files.readString(FOLDER.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All YAML files of the manifests. */
  static List<Path> manifests() {
    try (Stream<Path> files = Files.walk(FOLDER.resolve("kubernetes"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one document of a file; a key that stands twice is an error. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> yaml(Path file) {
    try {
      Load load = new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build());
      return (Map<String, Object>) load.loadFromString(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
