package io.moineau.bench.peers;

import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * How much of the processors others took while something was measured: what /proc/stat counts as
 * busy or stolen, less what the measured process used.
 */
public final class CpuMeter {
  /** Above this a repetition does not count. */
  static final double MOST_OTHERS = 0.06;

  private final DoubleSupplier ownSeconds;
  private final long startNanos = System.nanoTime();
  private final double startBusy = busySeconds();
  private final double startOwn;

  private CpuMeter(DoubleSupplier ownSeconds) {
    this.ownSeconds = ownSeconds;
    this.startOwn = ownSeconds.getAsDouble();
  }

  /** Watches from now on, while a process that stays is measured. */
  static CpuMeter ofProcess(long pid) {
    return new CpuMeter(() -> ProcessFigures.of(pid).cpuSeconds());
  }

  /** Watches from now on, while a child is measured that ends meanwhile. */
  public static CpuMeter ofChildren() {
    return new CpuMeter(ProcessFigures::endedChildrenSeconds);
  }

  /** Share of all processors' time since the start; 0 where the system does not tell. */
  public double others() {
    double busy = busySeconds() - startBusy;
    double own = ownSeconds.getAsDouble() - startOwn;
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return Math.max(0, busy - own) / seconds / Runtime.getRuntime().availableProcessors();
  }

  private static double busySeconds() {
    List<String> lines = ProcessFigures.lines(Path.of("/proc/stat"));
    return lines.isEmpty() ? 0 : busySeconds(lines.getFirst());
  }

  /** Of a line {@code cpu user nice system idle iowait irq softirq steal ...}. */
  static double busySeconds(String line) {
    String[] fields = line.split(" +");
    double ticks = 0;
    for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
      ticks += i < fields.length ? Double.parseDouble(fields[i]) : 0;
    }
    return ticks / ProcessFigures.TICKS;
  }
}
