/** Traces of requests by OpenTelemetry, where its variables ask for them; loaded only then. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.tracing;
