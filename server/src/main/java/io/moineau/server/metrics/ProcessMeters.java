package io.moineau.server.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The process: heap, collections, threads, files and memory by the names that Micrometer gives them
 * everywhere, so that ready-made dashboards of JVMs show them.
 *
 * <p>Resident memory is told apart as Linux does: {@code file} is what is mapped of the model's
 * file and can be dropped, {@code anon} is what is the process's own.
 */
final class ProcessMeters implements AutoCloseable {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Map<String, String> KINDS =
      Map.of("RssAnon", "anon", "RssFile", "file", "RssShmem", "shmem");

  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Map<String, Double> resident = new ConcurrentHashMap<>(); // bytes by kind

  ProcessMeters(MeterRegistry registry) {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
    refresh();
    for (String kind : resident.keySet()) {
      Gauge.builder("moineau_resident_memory_bytes", resident, all -> all.getOrDefault(kind, 0.0))
          .description("Memory of the process that is in RAM: its own (anon) or mapped files")
          .tag("kind", kind)
          .register(registry);
    }
  }

  /** Takes the figures of this moment; there are none but on Linux. */
  void refresh() {
    if (!Files.isReadable(STATUS)) {
      return;
    }
    try {
      for (String line : Files.readAllLines(STATUS)) {
        String[] words = line.split("[:\\s]+");
        String kind = KINDS.get(words[0]);
        if (kind != null && words.length > 1) {
          resident.put(kind, Long.parseLong(words[1]) * 1024.0);
        }
      }
    } catch (IOException | NumberFormatException e) {
      resident.clear(); // a figure that cannot be read is not told as an old one
    }
  }

  @Override
  public void close() {
    collections.close();
  }
}
