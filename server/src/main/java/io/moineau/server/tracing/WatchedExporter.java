package io.moineau.server.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts the spans that could not be sent and says so in one line, once a minute at most. The
 * library would log a stack of forty lines instead, which is why its own log is switched off.
 */
final class WatchedExporter implements SpanExporter {
  private static final System.Logger LOG = System.getLogger("io.moineau.server");
  private static final long SILENCE_NANOS = Duration.ofMinutes(1).toNanos();

  private final SpanExporter exporter;
  private final AtomicLong lost;
  private final AtomicLong toldAt = new AtomicLong(System.nanoTime() - SILENCE_NANOS);

  /**
   * Around an exporter.
   *
   * @param lost counts spans
   */
  WatchedExporter(SpanExporter exporter, AtomicLong lost) {
    this.exporter = exporter;
    this.lost = lost;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(() -> {
      if (!result.isSuccess()) {
        failed(count, result.getFailureThrowable());
      }
    });
  }

  private void failed(int count, @Nullable Throwable failure) {
    long all = lost.addAndGet(count);
    long now = System.nanoTime();
    long last = toldAt.get();
    if (now - last >= SILENCE_NANOS && toldAt.compareAndSet(last, now)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "traces could not be sent: " + all + " spans are lost up to now" + reason(failure));
    }
  }

  /** The innermost cause, which is what the network said. */
  private static String reason(@Nullable Throwable failure) {
    if (failure == null) {
      return "; the collector refused them";
    }
    Throwable inner = failure;
    while (inner.getCause() != null) {
      inner = Objects.requireNonNull(inner.getCause());
    }
    return "; " + inner.getClass().getSimpleName();
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
