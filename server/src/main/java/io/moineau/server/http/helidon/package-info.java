/** Helidon's web server as the transport; no other package uses it. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.http.helidon;
