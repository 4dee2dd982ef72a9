package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  private static final Checkpoint FIRST = new Checkpoint(7, 1, 2, 3, 11, 13);

  @TempDir private Path folder;

  private static float[][] arrays(float value) {
    float[][] arrays = new float[3][40_000];
    for (float[] array : arrays) {
      java.util.Arrays.fill(array, value);
    }
    return arrays;
  }

  @Test
  void write_diskThatIsFull_leavesTheCheckpointBefore() throws IOException {
    Path full = Path.of("/dev/full"); // takes nothing, as a disk without room
    assumeTrue(Files.exists(full), "no device that is always full here");
    Path file = folder.resolve("checkpoint.bin");
    FIRST.write(file, arrays(1));
    Path passing = folder.resolve(".checkpoint.bin.part"); // where the next one is written first
    Files.createSymbolicLink(passing, full);
    assertThatThrownBy(() -> new Checkpoint(8, 1, 3, 0, 11, 13).write(file, arrays(2)))
        .isInstanceOf(AdaptException.class)
        .hasMessageContaining("the one before is as it was")
        .hasMessageContaining("--resume");
    assertThat(passing).doesNotExist();
    float[][] read = arrays(0);
    assertThat(Checkpoint.read(file, read)).isEqualTo(FIRST);
    assertThat(read).isEqualTo(arrays(1));
    // With room again, the same run goes on.
    new Checkpoint(8, 1, 3, 0, 11, 13).write(file, arrays(2));
    assertThat(Checkpoint.read(file, read).step()).isEqualTo(8);
  }
}
