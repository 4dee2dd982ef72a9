package io.moineau.store;

import java.time.Instant;

/**
 * A conversation that the page keeps on the server.
 *
 * @param id chosen by the page: 1 to 64 characters of {@code A-Z a-z 0-9 - _}
 * @param title one line for the list
 * @param updated when it was last said to change
 * @param json the conversation as the page wrote it; the store does not look into it. Empty in
 *     lists.
 */
public record Conversation(String id, String title, Instant updated, String json) {}
