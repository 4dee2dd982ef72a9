package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.cli.CommandLineTest.Result;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** {@code moineau inspect --kubernetes}: what a model needs, for the cluster's files. */
final class KubernetesPatchTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    model = folder.resolve("tiny #1.gguf"); // a name that YAML would take apart
    TinyModels.qwen3moe(3).maxPositionEmbeddings(8192).write(model);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> container(String yaml) {
    Map<String, Object> at =
        (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(yaml);
    for (String name : List.of("spec", "template", "spec")) {
      at = (Map<String, Object>) at.get(name);
    }
    return ((List<Map<String, Object>>) at.get("containers")).getFirst();
  }

  private static long mebibytes(Map<String, Object> container, String of) {
    Map<?, ?> resources = (Map<?, ?>) container.get("resources");
    String memory = String.valueOf(((Map<?, ?>) resources.get(of)).get("memory"));
    assertThat(memory).endsWith("Mi");
    return Long.parseLong(memory.substring(0, memory.length() - 2));
  }

  @Test
  void patch_hasTheServersArguments_andMemoryForAllOfIt() throws IOException {
    Result result = CommandLineTest.run("", "inspect", model.toString(), "--kubernetes");
    assertThat(result.code()).isZero();
    Map<String, Object> container = container(result.out());
    List<?> args = (List<?>) container.get("args");
    assertThat(args.subList(0, 2)).isEqualTo(List.of("serve", "/models/tiny #1.gguf"));
    assertThat(args.get(args.indexOf("--context") + 1)).isEqualTo("4096");
    assertThat(args.get(args.indexOf("--kv-tokens") + 1)).isEqualTo("32768");
    String help = CommandLineTest.run("", "serve", "--help").out();
    for (Object argument : args) {
      if (argument.toString().startsWith("--")) {
        assertThat(help).contains(argument.toString());
      }
    }
    // 2 layers of keys and values: 2 heads of 32 elements, of 2 bytes.
    long kv = 32_768L * 2 * 2 * 2 * 32 * 2;
    long least = (Files.size(model) + kv + (2L << 30)) >> 20;
    assertThat(mebibytes(container, "requests")).isBetween(least, least + 1024);
    assertThat(mebibytes(container, "limits")).isEqualTo(mebibytes(container, "requests"));
  }

  @Test
  void patch_ofMoreAnswersAndContext_asksForMore() {
    Result few = CommandLineTest.run("", "inspect", model.toString(), "--kubernetes");
    Result many =
        CommandLineTest.run(
            "",
            "inspect",
            model.toString(),
            "--kubernetes",
            "--context",
            "8192",
            "--parallel",
            "512");
    assertThat(many.out()).contains("\"8192\"", "\"512\"");
    assertThat(mebibytes(container(many.out()), "limits"))
        .isGreaterThan(mebibytes(container(few.out()), "limits") + 500);
  }

  @Test
  void patch_ofNoAnswers_isAUsageError() {
    Result result =
        CommandLineTest.run("", "inspect", model.toString(), "--kubernetes", "--parallel", "0");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--parallel is 0", "1 to 4096");
  }
}
