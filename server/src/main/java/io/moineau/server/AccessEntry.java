package io.moineau.server;

/**
 * A request that was answered; nothing of what it said.
 *
 * @param remote the client's address
 * @param method such as {@code POST}
 * @param path without the query
 * @param status as answered; 499 if the client went away
 * @param nanos from its headers until the answer was sent
 * @param requestId as told in the header {@code X-Request-Id}
 */
public record AccessEntry(
    String remote, String method, String path, int status, long nanos, String requestId) {}
