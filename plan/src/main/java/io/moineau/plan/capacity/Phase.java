package io.moineau.plan.capacity;

import java.util.List;

/**
 * One phase alone: chips that only compute prompts, or only generate.
 *
 * @param parallel how the model is cut
 * @param stepSeconds of one step of a stage
 * @param tokensPerSecond of all chips, without a range
 * @param bound what a step waits for
 * @param operators of a step, on one chip
 */
public record Phase(
    Parallel parallel,
    double stepSeconds,
    double tokensPerSecond,
    Bound bound,
    List<OperatorTime> operators) {}
