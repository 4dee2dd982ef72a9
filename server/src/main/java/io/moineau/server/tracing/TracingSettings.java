package io.moineau.server.tracing;

import java.util.Map;

/**
 * Whether the variables of OpenTelemetry's specification ask for traces. Apart from what makes
 * them, so that nothing of OpenTelemetry is loaded where nobody asks.
 */
public final class TracingSettings {
  private TracingSettings() {}

  /**
   * Whether there is somewhere to send traces to.
   *
   * @param environment the variables of the process
   */
  public static boolean areSet(Map<String, String> environment) {
    if (environment.getOrDefault("OTEL_SDK_DISABLED", "").strip().equalsIgnoreCase("true")) {
      return false;
    }
    String exporter = environment.getOrDefault("OTEL_TRACES_EXPORTER", "").strip();
    if (!exporter.isEmpty()) {
      return !exporter.equalsIgnoreCase("none");
    }
    return isThere(environment, "OTEL_EXPORTER_OTLP_ENDPOINT")
        || isThere(environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  }

  private static boolean isThere(Map<String, String> environment, String name) {
    return !environment.getOrDefault(name, "").isBlank();
  }
}
