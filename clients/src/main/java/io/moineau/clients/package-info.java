/** A server for tests with the clients that people have. */
@org.jspecify.annotations.NullMarked
package io.moineau.clients;
