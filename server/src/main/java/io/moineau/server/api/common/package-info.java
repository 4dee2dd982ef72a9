/** Endpoints that belong to no one's API, and what several APIs share. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.api.common;
