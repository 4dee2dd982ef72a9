package io.moineau.bench.oracles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.testkit.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenizerOracleTest {
  @Test
  void everyFamily_fromEveryForm_equalsTheReference() throws IOException {
    Optional<Path> folder = SharedFiles.oracles().map(o -> o.resolve("tokenizers"));
    assumeTrue(
        folder.isPresent() && Files.isDirectory(folder.get()),
        "skipped: no tokenizers in the oracles; set MOINEAU_ORACLES");
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    OracleReport report = new OracleReport(new PrintStream(lines, true, StandardCharsets.UTF_8));

    new TokenizerOracle().run(folder.orElseThrow(), report);

    assertThat(report.failed()).as(lines.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(report.ran()).isPositive();
  }
}
