/** What an endpoint is made of. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.api;
