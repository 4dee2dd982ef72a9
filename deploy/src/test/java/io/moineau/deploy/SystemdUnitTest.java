package io.moineau.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What systemd itself says of the unit, where it is installed. */
final class SystemdUnitTest {
  private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");

  @TempDir Path folder;

  /** The unit with a program that is there, since systemd looks for it. */
  private Path unit() throws IOException {
    assumeTrue(Files.isExecutable(ANALYZE), "systemd-analyze is not here");
    Path unit = folder.resolve("moineau.service");
    Files.writeString(
        unit,
        DeployFiles.text("systemd/moineau.service")
            .replace("/opt/moineau/java/bin/java", "/bin/true"));
    return unit;
  }

  private record Result(int exit, String text) {}

  private static Result run(String... command) throws IOException, InterruptedException {
    Path out = Files.createTempFile("analyze", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return new Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
    } finally {
      Files.delete(out);
    }
  }

  @Test
  void unit_isUnderstood() throws Exception {
    Result result = run(ANALYZE.toString(), "verify", "--man=no", unit().toString());
    assertThat(result.text()).doesNotContain("moineau.service:");
    assertThat(result.exit()).as(result.text()).isZero();
  }

  @Test
  void unit_isExposedLittle() throws Exception {
    Result result =
        run(ANALYZE.toString(), "security", "--offline=true", "--no-pager", unit().toString());
    assumeTrue(!result.text().contains("unrecognized option"), "an old systemd-analyze");
    Matcher level =
        Pattern.compile("exposure level for moineau.service: ([0-9.]+)").matcher(result.text());
    assertThat(level.find()).as(result.text()).isTrue();
    assertThat(Double.parseDouble(level.group(1))).isLessThan(2.5);
  }
}
