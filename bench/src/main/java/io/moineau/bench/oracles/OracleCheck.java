package io.moineau.bench.oracles;

import java.io.IOException;
import java.nio.file.Path;

/** Compares one kind of expected values with what this project computes. */
interface OracleCheck {
  /** The folder below the oracles that it reads, such as {@code dequant}. */
  String folderName();

  /** Runs every case below {@code folder}. */
  void run(Path folder, OracleReport report) throws IOException;
}
