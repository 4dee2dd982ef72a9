package io.moineau.store;

/**
 * A key and what it used today.
 *
 * @param key the key
 * @param today its usage since midnight in UTC
 */
public record KeyUse(ApiKey key, DayUsage today) {}
