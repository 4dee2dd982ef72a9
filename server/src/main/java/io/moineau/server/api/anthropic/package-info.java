/** Anthropic's API, a file for each endpoint. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.api.anthropic;
