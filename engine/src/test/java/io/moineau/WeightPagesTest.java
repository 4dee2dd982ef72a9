package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.engine.MachineMemory;
import io.moineau.format.GgufFile;
import io.moineau.kernels.PageLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightPagesTest {
  private final PageLoader loader = PageLoader.here();
  private final List<String> notes = new ArrayList<>();
  private final List<Long> read = new ArrayList<>();

  private final LoadListener listener =
      new LoadListener() {
        @Override
        public void progress(String stage, double fraction) {}

        @Override
        public void reading(long done, long total) {
          read.add(done);
        }
      };

  private void prepare(PageOptions options, long worthReading, long available) {
    try (GgufFile file = GgufFile.open(EmbeddedModel.file())) {
      new WeightPages(loader, options, listener, notes, worthReading)
          .prepare(file, new MachineMemory(available, "a test"));
    }
  }

  @Test
  void prepare_populate_allBytesRead() {
    assumeTrue(loader.problem().isEmpty(), loader.problem());
    prepare(PageOptions.defaults().withPopulate(true), 0, Long.MAX_VALUE);
    try (GgufFile file = GgufFile.open(EmbeddedModel.file())) {
      assertThat(read.getLast()).isEqualTo(file.fileBytes());
    }
    assertThat(notes).isEmpty();
  }

  @Test
  void prepare_filesLargerThanMemory_notReadAndSaid() {
    prepare(PageOptions.defaults().withPopulate(true), 0, 1000);
    assertThat(read).isEmpty();
    assertThat(notes).singleElement().asString().contains("read when they are needed");
  }

  @Test
  void prepare_smallFile_leftAlone() {
    prepare(PageOptions.defaults().withPopulate(true), Long.MAX_VALUE, Long.MAX_VALUE);
    assertThat(read).isEmpty();
    assertThat(notes).isEmpty();
  }

  @Test
  void prepare_hugePages_saysWhatCameOfIt() {
    prepare(PageOptions.defaults().withHuge(true), 0, Long.MAX_VALUE);
    assertThat(notes).singleElement().asString().containsIgnoringCase("huge pages");
    assertThat(read).isEmpty();
  }

  @Test
  void prepare_defaults_nothingDone() {
    prepare(PageOptions.defaults(), 0, Long.MAX_VALUE);
    assertThat(notes).isEmpty();
    assertThat(read).isEmpty();
  }
}
