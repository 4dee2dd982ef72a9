/** Requests as typed values whose errors name the JSON path. */
@org.jspecify.annotations.NullMarked
package io.moineau.server.json;
