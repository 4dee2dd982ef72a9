package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {
  @TempDir private Path root;

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void read_noContainer_takesMemAvailable() throws IOException {
    write("proc/meminfo", "MemTotal:  100 kB\nMemAvailable:    2048 kB\n");
    assertThat(MachineMemory.read(root))
        .isEqualTo(new MachineMemory(2048 * 1024, "MemAvailable of /proc/meminfo"));
  }

  @Test
  void read_cgroup2_takesTheTightestOfTheHierarchy() throws IOException {
    write("proc/meminfo", "MemAvailable: 8000000 kB\n");
    write("proc/self/cgroup", "0::/a/b\n");
    write("sys/fs/cgroup/a/memory.max", "1000000\n");
    write("sys/fs/cgroup/a/memory.current", "600000\n");
    write("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 100000\nactive_file 50000\n");
    write("sys/fs/cgroup/a/b/memory.max", "max\n");
    write("sys/fs/cgroup/a/b/memory.current", "600000\n");
    MachineMemory memory = MachineMemory.read(root);
    assertThat(memory).isNotNull();
    assertThat(memory.availableBytes()).isEqualTo(550_000);
    assertThat(memory.source()).contains("cgroup v2");
  }

  @Test
  void read_cgroup2InsideAContainer_readsTheRoot() throws IOException {
    write("proc/meminfo", "MemAvailable: 8000000 kB\n");
    write("proc/self/cgroup", "0::/\n");
    write("sys/fs/cgroup/memory.max", "3000000\n");
    write("sys/fs/cgroup/memory.current", "1000000\n");
    MachineMemory memory = MachineMemory.read(root);
    assertThat(memory).isNotNull();
    assertThat(memory.availableBytes()).isEqualTo(2_000_000);
  }

  @Test
  void read_cgroup1_heedsALimitAndNotItsAbsence() throws IOException {
    write("proc/meminfo", "MemAvailable: 8000000 kB\n");
    write("proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/1\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", "100\n");
    write("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "5000000\n");
    write("sys/fs/cgroup/memory/docker/1/memory.usage_in_bytes", "1500000\n");
    write("sys/fs/cgroup/memory/docker/1/memory.stat", "total_inactive_file 500000\n");
    MachineMemory memory = MachineMemory.read(root);
    assertThat(memory).isNotNull();
    assertThat(memory.availableBytes()).isEqualTo(4_000_000);
    assertThat(memory.source()).contains("cgroup v1");
  }

  @Test
  void read_nothingThere_isNull() {
    assertThat(MachineMemory.read(root)).isNull();
  }

  @Test
  void now_thisMachine_hasMemory() {
    assertThat(MachineMemory.now().availableBytes()).isPositive();
    assertThat(MachineMemory.now().source()).isNotEmpty();
  }
}
