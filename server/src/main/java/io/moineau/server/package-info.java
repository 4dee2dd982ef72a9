/** The server: what it listens on, what it answers, and its manners under load. */
@org.jspecify.annotations.NullMarked
package io.moineau.server;
