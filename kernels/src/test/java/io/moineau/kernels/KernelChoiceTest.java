package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which provider is chosen, in this JVM and in others with other flags. */
class KernelChoiceTest {
  @TempDir Path folder;

  @Test
  void open_withModule_choosesVectorWithoutReasons() {
    List<String> warnings = new ArrayList<>();
    try (Kernels kernels =
        Kernels.open(new KernelOptions("auto", 1, Precision.DEFAULT), warnings::add)) {
      assertThat(kernels.providerName()).isEqualTo("vector");
      assertThat(kernels.whyNotBetter()).isEmpty();
      assertThat(warnings).isEmpty();
    }
  }

  @Test
  void open_unknownName_namedError() {
    assertThatThrownBy(() -> Kernels.open(new KernelOptions("gpu", 1, Precision.DEFAULT)))
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> {
              assertThat(e.code()).isEqualTo("kernel-unknown-provider");
              assertThat(e).hasMessageContainingAll("gpu", "scalar", "vector", "MOINEAU_KERNELS");
            });
  }

  @Test
  void open_withoutModule_fallsBackAndSaysWhich() throws Exception {
    String text = child(List.of(), "auto");
    assertThat(text)
        .contains("provider scalar")
        .contains("--add-modules jdk.incubator.vector")
        .contains("products right");
  }

  @Test
  void open_vectorNamedWithoutModule_namedError() throws Exception {
    assertThat(child(List.of(), "vector")).contains("kernel-provider-unavailable");
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void open_forcedWidth_productsRight(int bits) throws Exception {
    String text =
        child(
            List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Dmoineau.vector.bits=" + bits),
            "auto");
    assertThat(text).contains("provider vector", bits + " bit", "products right");
  }

  private String child(List<String> flags, String provider)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(flags);
    String path = System.getProperty("surefire.test.class.path");
    command.addAll(
        List.of(
            "-Xmx512m",
            "-cp",
            path == null ? System.getProperty("java.class.path") : path,
            Child.class.getName(),
            provider));
    Path output = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(100, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  /** What the other JVM runs: products of several types against their definition. */
  static final class Child {
    public static void main(String[] args) {
      try (Kernels kernels =
              Kernels.open(
                  new KernelOptions(args[0], 2, Precision.DEFAULT),
                  line -> System.out.println("warning " + line));
          Arena arena = Arena.ofShared()) {
        System.out.println("provider " + kernels.describe());
        for (DType type :
            List.of(
                DType.F32,
                DType.F16,
                DType.BF16,
                DType.Q8_0,
                DType.Q4_0,
                DType.Q4_1,
                DType.Q5_0,
                DType.Q5_1,
                DType.Q2_K,
                DType.Q4_K,
                DType.Q5_K,
                DType.Q6_K,
                DType.IQ4_NL,
                DType.MXFP4)) {
          RandomTensors random = new RandomTensors(arena, type.ordinal());
          TensorView weight = random.tensor(type, 2, 9, 512);
          for (int n : new int[] {1, 6}) {
            FloatMatrix x = random.matrix(n, 512);
            FloatMatrix out = random.zeros(n, 10);
            kernels.matmul(weight, x, n, out);
            ProductTest.check(weight, x, n, out, Precision.DEFAULT, type.toString());
          }
        }
        System.out.println("products right");
      } catch (KernelException e) {
        System.out.println(e.code() + " " + e.getMessage());
      }
    }
  }
}
