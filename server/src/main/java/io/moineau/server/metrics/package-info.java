/** What an operator sees of a server: figures in Prometheus' formats. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.metrics;
