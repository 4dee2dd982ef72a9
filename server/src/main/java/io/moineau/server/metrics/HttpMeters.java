package io.moineau.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.moineau.server.AccessEntry;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Requests as HTTP sees them. Labels have few values whatever clients send: the path is that of the
 * endpoint, and methods that are not HTTP's are one.
 */
final class HttpMeters {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");

  private final MeterRegistry registry;

  HttpMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void answered(AccessEntry entry) {
    String endpoint = entry.endpoint().isEmpty() ? "none" : entry.endpoint();
    String method = METHODS.contains(entry.method()) ? entry.method() : "other";
    Counter.builder("moineau_http_requests")
        .description("Requests answered, by endpoint and status; 499: the client went away")
        .tags("method", method, "endpoint", endpoint, "status", Integer.toString(entry.status()))
        .register(registry)
        .increment();
    Timer.builder("moineau_http_request_time")
        .description("From a request's headers until its answer was sent")
        .tags("endpoint", endpoint)
        .serviceLevelObjectives(Buckets.whole())
        .register(registry)
        .record(entry.nanos(), TimeUnit.NANOSECONDS);
  }
}
