/** Certificates and keys from PEM files, read again when they change. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.tls;
