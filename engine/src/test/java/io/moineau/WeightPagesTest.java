package io.moineau;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.engine.MachineMemory;
import io.moineau.format.GgufFile;
import io.moineau.kernels.NodePlan;
import io.moineau.kernels.PageLoader;
import io.moineau.kernels.Topology;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
      WeightPages pages = new WeightPages(loader, options, listener, notes, worthReading);
      NodePlan plan = pages.plan(file, List.of(), "not pinned: a test");
      pages.prepare(file, new MachineMemory(available, "a test"), plan);
    }
  }

  @Test
  void plan_distribute_allWeightsAtHomeOnce() {
    PageOptions options = PageOptions.defaults().withNuma(NumaMode.DISTRIBUTE);
    try (GgufFile file = GgufFile.open(EmbeddedModel.file())) {
      WeightPages pages = new WeightPages(loader, options, listener, notes, 0);
      NodePlan plan = pages.plan(file, List.of(0, 1), "pinned");
      assertThat(notes).isEmpty();
      assertThat(plan.isTrivial()).isFalse();
      long bytes = plan.ranges().stream().mapToLong(PageLoader.Range::bytes).sum();
      assertThat(bytes).isBetween(file.tensorBytes() / 2, file.fileBytes() + 65_536);
      long first =
          plan.ranges().stream()
              .filter(range -> range.node() == 0)
              .mapToLong(PageLoader.Range::bytes)
              .sum();
      assertThat((double) first / bytes).isBetween(0.25, 0.75);
    }
  }

  @Test
  void prepare_distributeWithoutPinnedThreads_saysWhyNot() {
    prepare(PageOptions.defaults().withNuma(NumaMode.DISTRIBUTE), 0, Long.MAX_VALUE);
    assertThat(read).isEmpty();
    assertThat(notes)
        .containsExactly(
            "Weights are not shared out to nodes of memory: threads are not pinned: a test.");
  }

  @Test
  void prepare_plannedWeights_readAndToldWhereTheyLie() {
    assumeTrue(loader.problem().isEmpty(), loader.problem());
    int node = Topology.here().nodes().getFirst();
    PageOptions options = PageOptions.defaults().withNuma(NumaMode.DISTRIBUTE);
    try (GgufFile file = GgufFile.open(EmbeddedModel.file())) {
      WeightPages pages = new WeightPages(loader, options, listener, notes, 0);
      // The second node need not exist: its threads then run anywhere, and its pages lie elsewhere.
      NodePlan plan = pages.plan(file, List.of(node, node + 500), "pinned");
      pages.prepare(file, new MachineMemory(Long.MAX_VALUE, "a test"), plan);
    }
    assertThat(read).isNotEmpty();
    assumeTrue(!notes.isEmpty(), "this system does not tell where pages lie");
    assertThat(notes).singleElement().asString().contains("% of the weights lie on the node");
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

  @Test
  void repacked_model_sameWeightsElsewhereAndSaid() {
    try (GgufFile file = GgufFile.open(EmbeddedModel.file());
        Arena arena = Arena.ofShared()) {
      PageOptions options = PageOptions.defaults().withRepack(true);
      WeightPages pages = new WeightPages(loader, options, listener, notes);
      GgufFile copy = pages.place(file, arena);
      pages.copy(file, copy, new NodePlan(List.of()));
      assertThat(copy.tensors().keySet()).isEqualTo(file.tensors().keySet());
      file.tensors()
          .forEach((name, tensor) -> {
            MemorySegment other = copy.tensor(name).data();
            assertThat(other.address()).isNotEqualTo(tensor.data().address());
            assertThat(other.mismatch(tensor.data())).isEqualTo(-1);
          });
      assertThat(read.getLast()).isEqualTo(file.fileBytes());
    }
    assertThat(notes).singleElement().asString().contains("copied");
  }

  @Test
  void open_repacked_answersTheSame() {
    assertThat(answer(PageOptions.defaults().withRepack(true)))
        .isEqualTo(answer(PageOptions.defaults()));
  }

  private static float[] answer(PageOptions options) {
    try (Moineau moineau = Moineau.openDefault(ModelOptions.defaults().withPages(options))) {
      float[][] last = new float[1][];
      int[] tokens = moineau.tokenize("Once upon a time", true, false);
      moineau
          .evaluator()
          .evaluate(
              tokens,
              16,
              (position, logits) -> {
                last[0] = logits.clone();
                return true;
              });
      return last[0];
    }
  }
}
