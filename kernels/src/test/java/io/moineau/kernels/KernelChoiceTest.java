package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.kernels.x86.X86Kernels;
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
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which provider is chosen, in this JVM and in others with other flags. */
class KernelChoiceTest {
  @TempDir Path folder;

  @Test
  void open_withModule_choosesTheBestWithoutReasons() {
    String x86 = X86Kernels.problem("");
    List<String> warnings = new ArrayList<>();
    try (Kernels kernels =
        Kernels.open(new KernelOptions("auto", 1, Precision.DEFAULT), warnings::add)) {
      assertThat(kernels.providerName()).isEqualTo(x86.isEmpty() ? "x86" : "vector");
      String reason = x86.isEmpty() ? X86Kernels.shortfall("") : x86;
      assertThat(kernels.whyNotBetter()).isEqualTo(reason.isEmpty() ? List.of() : List.of(reason));
      assertThat(warnings).isEqualTo(kernels.whyNotBetter());
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
    String text = child(List.of(), "auto", "avx2,-fma");
    assertThat(text)
        .contains("provider scalar")
        .containsPattern("warning x86: .*(FMA|x86-64)")
        .contains("--add-modules jdk.incubator.vector")
        .contains("products right");
  }

  @ParameterizedTest
  @ValueSource(strings = {"avx2,-fma", "avx2,-f16c", "-avx2"})
  void open_processorWithoutASet_saysWhichAndTakesVector(String limit) {
    String missing = limit.substring(limit.indexOf('-') + 1).toUpperCase(Locale.ROOT);
    assertThatThrownBy(() -> Kernels.open(new KernelOptions("x86:" + limit, 1, Precision.DEFAULT)))
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> assertThat(e.code()).isEqualTo("kernel-provider-unavailable"));
    assertThat(KernelChoice.choose("auto:" + limit, 1).whyNotBetter())
        .singleElement()
        .asString()
        .containsPattern("^x86: .*(" + missing + "|no x86-64)");
  }

  @Test
  void open_unknownInstructionSet_namedError() {
    assumeTrue(X86Kernels.problem("").isEmpty(), "no kernels of machine code here");
    assertThatThrownBy(() -> Kernels.open(new KernelOptions("x86:avx9", 1, Precision.DEFAULT)))
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> {
              assertThat(e.code()).isEqualTo("kernel-unknown-cpu");
              assertThat(e).hasMessageContainingAll("avx9", "avx2", "avx512");
            });
  }

  @Test
  void open_nativeAccessDenied_takesScalarAndSaysWhichFlag() throws Exception {
    String text =
        child(
            List.of("--illegal-native-access=deny", "--add-modules", "jdk.incubator.vector"),
            "auto");
    assertThat(text)
        .contains("provider scalar", "vector: native access", "--enable-native-access=ALL-UNNAMED")
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
            "vector");
    assertThat(text).contains("provider vector", bits + " bit", "products right");
  }

  private String child(List<String> flags, String provider)
      throws IOException, InterruptedException {
    return child(flags, provider, "");
  }

  private String child(List<String> flags, String provider, String cpu)
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
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MOINEAU_CPU", cpu);
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
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
