package io.moineau;

import io.moineau.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The model inside the jar: small, trained by {@code recipes/default.yaml}. Weights are mapped from
 * a file, so it is copied out once per process.
 */
final class EmbeddedModel {
  private static final String RESOURCE = "default.gguf";

  private EmbeddedModel() {}

  /**
   * A file with the embedded model, which is deleted when the JVM ends.
   *
   * @throws EngineException {@code default-model-missing}, {@code default-model-unwritable}
   */
  static synchronized Path file() {
    try (InputStream in = EmbeddedModel.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new EngineException(
            "default-model-missing",
            "this build has no embedded model",
            "resource io/moineau/" + RESOURCE,
            "",
            "name a GGUF file to open");
      }
      Path file = Files.createTempFile("moineau-default-", ".gguf");
      file.toFile().deleteOnExit();
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw new EngineException(
          "default-model-unwritable",
          "the embedded model could not be copied to a file",
          e.toString(),
          "a folder for temporary files that can be written to",
          "set -Djava.io.tmpdir to one, or name a GGUF file to open");
    }
  }
}
