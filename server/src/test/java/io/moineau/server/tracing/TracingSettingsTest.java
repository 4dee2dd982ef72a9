package io.moineau.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.server.ServerException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TracingSettingsTest {
  @Test
  void areSet_asTheSpecificationSays() {
    assertThat(TracingSettings.areSet(Map.of())).isFalse();
    assertThat(TracingSettings.areSet(Map.of("OTEL_SERVICE_NAME", "x"))).isFalse();
    assertThat(TracingSettings.areSet(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", " "))).isFalse();
    Map<String, String> endpoint = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
    assertThat(TracingSettings.areSet(endpoint)).isTrue();
    assertThat(
            TracingSettings.areSet(
                Map.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces")))
        .isTrue();
    assertThat(
            TracingSettings.areSet(
                Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "x", "OTEL_SDK_DISABLED", "TRUE")))
        .isFalse();
    assertThat(
            TracingSettings.areSet(
                Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "x", "OTEL_TRACES_EXPORTER", "none")))
        .isFalse();
    assertThat(TracingSettings.areSet(Map.of("OTEL_TRACES_EXPORTER", "otlp"))).isTrue();
  }

  @Test
  void settings_thatCannotBeFollowed_areNamed() {
    for (Map<String, String> wrong :
        new Map[] {
          Map.of("otel.exporter.otlp.protocol", "grpc"),
          Map.of("otel.traces.exporter", "carrier-pigeon"),
          Map.of("otel.exporter.otlp.endpoint", "no address at all")
        }) {
      assertThatThrownBy(() -> OpenTelemetryTracer.of(wrong, "http"))
          .as(wrong.toString())
          .isInstanceOfSatisfying(
              ServerException.class, e -> assertThat(e.code()).isEqualTo("tracing-settings"));
    }
  }
}
