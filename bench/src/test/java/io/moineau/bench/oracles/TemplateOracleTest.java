package io.moineau.bench.oracles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.testkit.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TemplateOracleTest {
  @Test
  void run_sharedOracles_allEqual() throws IOException {
    Optional<Path> oracles = SharedFiles.oracles();
    assumeTrue(oracles.isPresent(), "no folder of oracles: templates not compared");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OracleReport report = new OracleReport(new PrintStream(out, true, StandardCharsets.UTF_8));

    new TemplateOracle().run(oracles.get().resolve("templates"), report);

    assertThat(report.failed()).as(out.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(report.ran()).isPositive();
  }
}
