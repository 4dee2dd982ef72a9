package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PageLoaderTest {
  private static final long MIB = 1 << 20;

  @TempDir Path root;

  private final RecordingCalls calls = new RecordingCalls(new BitSet());
  private final List<Long> reported = new ArrayList<>();

  private PageLoader loader() {
    return new PageLoader(calls, () -> FakeMachine.twoSockets(root, 2, false).read(4));
  }

  private long advised(String onCpus) {
    return calls.calls.stream()
        .filter(call -> call.endsWith("22 on " + onCpus))
        .mapToLong(call -> Long.parseLong(call.split(" ")[2]))
        .sum();
  }

  @Test
  void populate_rangesOfTwoNodes_eachReadByThreadsHeldThere() {
    List<PageLoader.Range> ranges =
        List.of(
            new PageLoader.Range(1 << 20, 200 * MIB, 0),
            new PageLoader.Range(1L << 40, 70 * MIB + 5, 1));
    String problem = loader().populate(ranges, (done, total) -> reported.add(done));
    assertThat(problem).isEmpty();
    assertThat(reported.getLast()).isEqualTo(270 * MIB + 5);
    assertThat(advised("{0, 1}")).isEqualTo(200 * MIB);
    assertThat(advised("{2, 3}")).isEqualTo(70 * MIB + 5);
    assertThat(calls.calls)
        .contains("madvise " + (1L << 40) + " " + 64 * MIB + " 22 on {2, 3}")
        .contains("madvise " + ((1L << 40) + 64 * MIB) + " " + (6 * MIB + 5) + " 22 on {2, 3}");
  }

  @Test
  void populate_anyNode_threadsNotHeld() {
    loader().populate(List.of(new PageLoader.Range(4096, 10, -1)), (done, total) -> {});
    assertThat(calls.held).isEmpty();
    assertThat(calls.calls).containsExactly("madvise 4096 10 22 on {}");
  }

  @Test
  void populate_nothing_nothingCalled() {
    assertThat(loader().populate(List.of(), (done, total) -> {})).isEmpty();
    assertThat(calls.calls).isEmpty();
  }

  @Test
  void populate_refused_saysWhyAndStops() {
    calls.error = 22;
    String problem =
        loader()
            .populate(
                List.of(new PageLoader.Range(0, 100 * 64 * MIB, 0)),
                (done, total) -> reported.add(done));
    assertThat(problem).isEqualTo("MADV_POPULATE_READ needs Linux 5.14 (errno 22)");
    assertThat(calls.calls).hasSizeLessThanOrEqualTo(4); // one per thread
    assertThat(reported).allMatch(done -> done == 0);
    assertThat(loader().problem()).isEqualTo(problem);
  }

  @Test
  void populate_listenerThrows_threadsEndBeforeItReturns() {
    assertThatThrownBy(() ->
            loader()
                .populate(
                    List.of(new PageLoader.Range(0, 64 * MIB, -1)),
                    (done, total) -> {
                      throw new ArithmeticException();
                    }))
        .isInstanceOf(ArithmeticException.class);
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("moineau-pages-"));
  }

  @Test
  void populate_fileOnThisMachine_pagesAreInMemory() throws IOException {
    PageLoader loader = PageLoader.here();
    assumeTrue(loader.problem().isEmpty(), loader.problem());
    Path file = root.resolve("weights");
    Files.write(file, new byte[(int) (3 * MIB + 17)]);
    try (Arena arena = Arena.ofShared();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      List<PageLoader.Range> ranges = List.of(PageLoader.Range.of(mapped));
      assertThat(loader.populate(ranges, (done, total) -> reported.add(done))).isEmpty();
      assertThat(reported).contains(3 * MIB + 17);
      assertThat(mapped.isLoaded()).isTrue();
      assertThat(PageLoader.hugeBytes(ranges)).isGreaterThanOrEqualTo(-1);
    }
  }

  @Test
  void hugeBytes_twoMappings_onlyTheNamedCounts() {
    List<String> smaps =
        List.of(
            "7f0000000000-7f0000400000 r--s 00000000 fe:00 77   /models/a.gguf",
            "Rss:                4096 kB",
            "AnonHugePages:         0 kB",
            "FilePmdMapped:      2048 kB",
            "VmFlags: rd mr mw me ms hg",
            "7f0000400000-7f0000800000 rw-p 00000000 00:00 0",
            "AnonHugePages:      2048 kB",
            "FilePmdMapped:         0 kB");
    assertThat(
            PageLoader.hugeBytes(List.of(new PageLoader.Range(0x7f0000001000L, 4096, -1)), smaps))
        .isEqualTo(2 * MIB);
    assertThat(PageLoader.hugeBytes(List.of(new PageLoader.Range(4096, 4096, -1)), smaps)).isZero();
  }

  @Test
  void adviseHuge_refused_saysSo() {
    List<PageLoader.Range> ranges = List.of(new PageLoader.Range(0, 4096, -1));
    assertThat(loader().adviseHuge(ranges)).isEmpty();
    assertThat(calls.calls).containsExactly("madvise 0 4096 14 on {}");
    calls.error = 22;
    assertThat(loader().adviseHuge(ranges))
        .isEqualTo("the system refused MADV_HUGEPAGE (errno 22)");
  }

  @Test
  void copy_mappings_sameBytesElsewhere() throws IOException {
    byte[] bytes = new byte[3 * (int) MIB + 17];
    new java.util.Random(5).nextBytes(bytes);
    Path file = Files.write(root.resolve("weights"), bytes);
    PageLoader loader = PageLoader.here();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena mapped = Arena.ofShared();
        Arena copied = Arena.ofShared()) {
      MemorySegment whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes.length, mapped);
      MemorySegment start = channel.map(FileChannel.MapMode.READ_ONLY, 0, 100, mapped);
      List<MemorySegment> mappings = List.of(whole, start);
      List<MemorySegment> copies = loader.allocate(mappings, copied);
      loader.copy(mappings, copies, new NodePlan(List.of()), (done, total) -> reported.add(done));
      assertThat(copies).hasSize(2);
      assertThat(copies.getFirst().mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1);
      assertThat(copies.getLast().mismatch(start)).isEqualTo(-1);
      assertThat(whole.mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1); // still readable
      assertThat(reported.getLast()).isEqualTo(bytes.length + 100L);
    }
  }

  @Test
  void copy_systemWithoutTheCall_copiesToOrdinaryMemory() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment mapping = arena.allocate(1000);
      mapping.fill((byte) 7);
      PageLoader loader =
          new PageLoader(
              new SystemCalls.None(), () -> FakeMachine.twoSockets(root, 2, false).read(4));
      List<MemorySegment> copies = loader.allocate(List.of(mapping), arena);
      loader.copy(List.of(mapping), copies, new NodePlan(List.of()), (done, total) -> {});
      assertThat(copies.getFirst().mismatch(mapping)).isEqualTo(-1);
    }
  }

  @Test
  void copy_memoryRefused_namedError() {
    calls.error = 12;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment mapping = arena.allocate(1000);
      assertThatThrownBy(() -> loader().allocate(List.of(mapping), arena))
          .isInstanceOfSatisfying(
              KernelException.class,
              e -> {
                assertThat(e.code()).isEqualTo("kernel-no-memory");
                assertThat(e).hasMessageContainingAll("errno 12", "--repack");
              });
    }
  }

  @Test
  void copy_twoNodes_eachPartByThreadsOfItsHome() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment mapping = arena.allocate(4 * MIB, 1 << 16);
      for (long i = 0; i < mapping.byteSize(); i += 8) {
        mapping.set(java.lang.foreign.ValueLayout.JAVA_LONG, i, i * 31);
      }
      MemorySegment copy = arena.allocate(4 * MIB, 1 << 16);
      NodePlan plan = new NodePlan(List.of(0, 1), 4096);
      io.moineau.tensor.TensorView weight =
          new io.moineau.tensor.TensorView(
              "w",
              io.moineau.tensor.DType.F32,
              io.moineau.tensor.Shape.of(512, 1024),
              copy.asSlice(MIB, 2 * MIB));
      plan.add(weight, copy);
      loader().copy(List.of(mapping), List.of(copy), plan, (done, total) -> reported.add(done));
      assertThat(copy.mismatch(mapping)).isEqualTo(-1);
      assertThat(reported.getLast()).isEqualTo(4 * MIB);
      // half of the rows on either node: the pages that each leaves behind tell who copied
      long start = mapping.address();
      assertThat(calls.calls)
          .contains("madvise " + (start + MIB) + " " + MIB + " 4 on {0, 1}")
          .contains("madvise " + (start + 2 * MIB) + " " + MIB + " 4 on {2, 3}");
    }
  }
}
