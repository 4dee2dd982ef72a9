package io.moineau.bench.oracles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.testkit.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The oracles that are quick enough to run with every build; {@code ./oracles} runs all. */
class ModelOracleTest {
  @Test
  void models_ofOurFolder_equalTheReference() throws IOException {
    check(new ModelOracle(List.of("auto")));
  }

  @Test
  void tokenizers_ofOurFolder_equalTheReference() throws IOException {
    check(new TokenizerOracle());
  }

  private static void check(OracleCheck oracle) throws IOException {
    Path folder =
        SharedFiles.oracles().map(f -> f.resolve(oracle.folderName())).orElse(Path.of("none"));
    assumeTrue(Files.isDirectory(folder), "skipped: no oracles in " + folder);
    OracleReport report = new OracleReport(System.out);
    oracle.run(folder, report);
    assertThat(report.failed()).as(report.counts()).isZero();
    assertThat(report.ran()).isPositive();
  }
}
