/**
 * The seam between the server and what carries its requests: nothing beyond it is seen elsewhere.
 */
@org.jspecify.annotations.NullMarked
package io.moineau.server.http;
