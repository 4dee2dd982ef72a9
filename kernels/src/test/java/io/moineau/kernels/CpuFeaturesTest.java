package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuFeaturesTest {
  @TempDir Path folder;

  @Test
  void read_twoSocketsWithTwoThreadsPerCore_countsCoresAndNodes() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      text.append("processor\t: ").append(i).append("\nmodel name\t: Some CPU @ 2 GHz\n");
      text.append("physical id\t: ").append(i % 2).append("\ncore id\t: ").append(i / 4);
      text.append("\nflags\t\t: fpu avx2 fma f16c avx512f avx512_vnni amx_int8\n\n");
    }
    Path cpuinfo = Files.writeString(folder.resolve("cpuinfo"), text);
    for (int i = 0; i < 2; i++) {
      Files.createDirectories(folder.resolve("node/node" + i));
    }
    Path cache = Files.createDirectories(folder.resolve("cpu/cpu0/cache/index0"));
    Files.writeString(cache.resolve("type"), "Unified\n");
    Files.writeString(cache.resolve("level"), "2\n");
    Files.writeString(cache.resolve("size"), "1024K\n");
    CpuFeatures features = CpuFeatures.read(cpuinfo, folder);
    assertThat(features.name()).isEqualTo("Some CPU @ 2 GHz");
    assertThat(features.logicalCores()).isEqualTo(8);
    assertThat(features.physicalCores()).isEqualTo(4);
    assertThat(features.usableCores()).isBetween(1, 4);
    assertThat(features.instructionSets())
        .containsExactly("AVX2", "FMA", "F16C", "AVX-512 F", "AVX-512 VNNI", "AMX INT8");
    assertThat(features.has("AVX2")).isTrue();
    assertThat(features.has("NEON")).isFalse();
    assertThat(features.caches()).containsExactly("L2 1024K");
    assertThat(features.numaNodes()).isEqualTo(2);
  }

  @Test
  void read_nothingThere_countsOfTheJvm() {
    CpuFeatures features = CpuFeatures.read(folder.resolve("no"), folder.resolve("none"));
    int processors = Runtime.getRuntime().availableProcessors();
    assertThat(features.logicalCores()).isEqualTo(processors);
    assertThat(features.usableCores()).isEqualTo(processors);
    assertThat(features.numaNodes()).isEqualTo(1);
    assertThat(features.caches()).isEmpty();
    assertThat(features.name()).isNotBlank();
  }
}
