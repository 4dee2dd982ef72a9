package io.moineau.bench.oracles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.testkit.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DequantOracleTest {
  @Test
  void run_sharedOracles_allEqual() throws IOException {
    Optional<Path> oracles = SharedFiles.oracles();
    assumeTrue(oracles.isPresent(), "no folder of oracles: dequantisation not compared");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OracleReport report = new OracleReport(new PrintStream(out, true, StandardCharsets.UTF_8));

    new DequantOracle().run(oracles.get().resolve("dequant"), report);

    assertThat(report.failed()).as(out.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(report.ran()).isPositive();
  }

  @Test
  void compare_wrongFloat_isReported() {
    byte[] blocks = new byte[DType.F32.blockBytes()];
    byte[] expected = {0, 0, (byte) 0x80, 0x3F};

    assertThat(DequantOracle.compare(BlockCodecs.of(DType.F32), blocks, expected))
        .contains("element 0")
        .contains("1.0");
  }

  @Test
  void compare_missingBytes_isReported() {
    assertThat(DequantOracle.compare(BlockCodecs.of(DType.Q8_0), new byte[33], new byte[128]))
        .contains("33 bytes");
  }
}
