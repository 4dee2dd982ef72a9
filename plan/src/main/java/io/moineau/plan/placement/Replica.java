package io.moineau.plan.placement;

import io.moineau.plan.capacity.Range;

/**
 * One copy of a model on some chips of one kind.
 *
 * @param weights their type
 * @param layout how the model is cut
 * @param chips how many it takes
 * @param requestsPerSecond that it serves
 * @param watts of all its chips; NaN where their power is not known
 * @param ttft seconds
 * @param tpot seconds
 * @param excess by how much of a limit it is slower than promised; 0 where it keeps the limits
 */
public record Replica(
    String weights,
    String layout,
    int chips,
    double requestsPerSecond,
    double watts,
    Range ttft,
    Range tpot,
    double excess) {}
