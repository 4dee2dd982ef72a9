package io.moineau;

import io.moineau.engine.MachineMemory;
import io.moineau.format.GgufFile;
import io.moineau.kernels.PageLoader;
import java.util.List;

/** Does with the pages of a mapped file what {@link PageOptions} ask for. */
final class WeightPages {
  /** Below so many bytes the first prompt reads them as fast. */
  private static final long WORTH_READING = 256L << 20;

  private final long worthReading;
  private final PageLoader loader;
  private final PageOptions options;
  private final LoadListener progress;
  private final List<String> notes;

  /** {@code notes} gets a line of what was asked for and could not be done as asked. */
  WeightPages(PageLoader loader, PageOptions options, LoadListener progress, List<String> notes) {
    this(loader, options, progress, notes, WORTH_READING);
  }

  WeightPages(
      PageLoader loader,
      PageOptions options,
      LoadListener progress,
      List<String> notes,
      long worthReading) {
    this.worthReading = worthReading;
    this.loader = loader;
    this.options = options;
    this.progress = progress;
    this.notes = notes;
  }

  /** Advises the system, and reads what is to be read; does nothing by default. */
  void prepare(GgufFile file, MachineMemory memory) {
    List<PageLoader.Range> ranges = file.mappings().stream().map(PageLoader.Range::of).toList();
    String refused = options.huge() ? loader.adviseHuge(ranges) : "";
    if (options.populate()) {
      populate(ranges, file.fileBytes(), memory);
    }
    if (options.huge()) {
      long huge = refused.isEmpty() ? PageLoader.hugeBytes(ranges) : 0;
      notes.add(
          refused.isEmpty()
              ? huge < 0
                  ? "Huge pages were asked for; this system does not say whether it gave any."
                  : "Huge pages hold "
                      + (huge >> 20)
                      + " MiB of "
                      + (file.fileBytes() >> 20)
                      + " MiB of weights now."
              : "No huge pages: " + refused + ".");
    }
  }

  private void populate(List<PageLoader.Range> ranges, long bytes, MachineMemory memory) {
    if (bytes < worthReading) {
      return;
    }
    if (bytes > memory.availableBytes()) {
      notes.add(
          "Weights are read when they are needed: the files have "
              + (bytes >> 20)
              + " MiB, and "
              + (memory.availableBytes() >> 20)
              + " MiB of memory are available.");
      return;
    }
    // A system that cannot is no reason for a line at every start; `doctor` tells it.
    String ignored = loader.populate(ranges, progress::reading);
  }
}
