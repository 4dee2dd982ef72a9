/** Serves a model to many users over HTTP. */
module io.moineau.server {
  requires transitive io.moineau.engine;
  requires transitive io.moineau.store;
  requires transitive io.moineau.plan;
  requires io.moineau.text;
  requires io.moineau.error;
  requires io.helidon.webserver;
  requires io.helidon.http;
  requires io.helidon.common.buffers;
  requires io.helidon.common.concurrency.limits;
  requires io.helidon.common.socket;
  requires io.helidon.common.task;
  requires com.fasterxml.jackson.core;
  requires java.logging;
  requires micrometer.core;
  requires micrometer.registry.prometheus;
  requires io.prometheus.metrics.core;
  requires io.opentelemetry.api;
  requires io.opentelemetry.context;
  requires io.opentelemetry.sdk;
  requires io.opentelemetry.sdk.autoconfigure;
  requires io.opentelemetry.sdk.autoconfigure.spi;
  requires io.opentelemetry.sdk.common;
  requires io.opentelemetry.sdk.trace;
  requires static org.jspecify;

  exports io.moineau.server;
  exports io.moineau.server.access;
  exports io.moineau.server.http;
  exports io.moineau.server.plan;
  exports io.moineau.server.tls;
  exports io.moineau.server.metrics;
  exports io.moineau.server.tracing;
  exports io.moineau.server.http.helidon to
      io.moineau.bench;
}
