/** What carries the server's requests, measured: Helidon beside the JDK's own server. */
@org.jspecify.annotations.NullMarked
package io.moineau.bench.transport;
