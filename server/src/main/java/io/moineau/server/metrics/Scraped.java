package io.moineau.server.metrics;

/**
 * All figures of one moment.
 *
 * @param contentType the format, as in the header {@code Content-Type}
 * @param text in that format
 */
public record Scraped(String contentType, String text) {}
