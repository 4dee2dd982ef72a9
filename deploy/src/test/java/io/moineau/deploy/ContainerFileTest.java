package io.moineau.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What can be known of the container without an engine: its file's instructions. */
final class ContainerFileTest {
  /** Instructions of the last stage, which is the image. */
  private static List<String> image() {
    List<String> stage = new ArrayList<>();
    for (String instruction : instructions()) {
      if (instruction.startsWith("FROM ")) {
        stage.clear();
      }
      stage.add(instruction);
    }
    return stage;
  }

  private static List<String> instructions() {
    List<String> all = new ArrayList<>();
    String text = DeployFiles.text("Containerfile").replace("\\\n", " ");
    for (String line : text.split("\n")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        all.add(line.strip());
      }
    }
    return all;
  }

  private static String only(String word) {
    List<String> found = image().stream().filter(line -> line.startsWith(word + " ")).toList();
    assertThat(found).as(word).hasSize(1);
    return found.getFirst();
  }

  @Test
  void user_isANumberAndNotRoot() {
    assertThat(only("USER")).matches("USER [1-9][0-9]*:[1-9][0-9]*");
    int user = image().indexOf(only("USER"));
    assertThat(image().subList(user, image().size()))
        .noneMatch(line -> line.startsWith("RUN ") || line.startsWith("COPY "));
  }

  @Test
  void java_isProcessOne_andServes() {
    assertThat(only("ENTRYPOINT")).startsWith("ENTRYPOINT [\"/opt/java/bin/java\"");
    assertThat(only("CMD")).startsWith("CMD [\"serve\"");
    assertThat(only("STOPSIGNAL")).isEqualTo("STOPSIGNAL SIGTERM");
    assertThat(only("HEALTHCHECK")).contains("CMD [\"/opt/moineau/health\"]");
  }

  @Test
  void images_haveATag_andNothingIsFetchedByUrl() {
    assertThat(instructions()).noneMatch(line -> line.startsWith("ADD "));
    assertThat(instructions().stream().filter(line -> line.startsWith("FROM ")))
        .allMatch(line -> line.matches("FROM [a-z0-9./-]+:[a-z0-9.-]+( AS [a-z]+)?"))
        .noneMatch(line -> line.contains(":latest"));
  }

  @Test
  void copies_areOfFilesThatAreThere() {
    Path root = Objects.requireNonNull(DeployFiles.FOLDER.toAbsolutePath().getParent());
    int looked = 0;
    for (String line : image()) {
      if (line.startsWith("COPY ") && !line.contains("--from")) {
        String[] words = line.split(" +");
        for (int i = 1; i < words.length - 1; i++) {
          assertThat(Files.exists(root.resolve(words[i]))).as(words[i]).isTrue();
          looked++;
        }
      }
    }
    assertThat(looked).isPositive();
    assertThat(Files.isExecutable(root.resolve("deploy/image/jlink"))).isTrue();
    assertThat(Files.isExecutable(root.resolve("deploy/image/health"))).isTrue();
  }

  @Test
  void flags_areThoseOfTheLauncher() {
    String flags = DeployFiles.text("image/java.flags");
    String launcher = DeployFiles.text("../moineau");
    for (String flag :
        List.of(
            "--add-modules jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xmx2g",
            "-XX:-UsePerfData",
            "VECTOR_ACCESS_OOB_CHECK=0")) {
      assertThat(flags).contains(flag);
      assertThat(launcher).contains(flag);
    }
  }
}
