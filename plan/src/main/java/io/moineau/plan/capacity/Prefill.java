package io.moineau.plan.capacity;

/**
 * How chips compute the prompts of a workload.
 *
 * @param parallel how the model is cut
 * @param step one step of a stage with as many tokens as a step takes
 * @param tokens of a group in it
 * @param chunks steps that a prompt takes
 * @param latency seconds for a prompt, waiting for half of a step before it
 * @param tokensPerSecond of all chips; tokens that a cache has are not counted
 * @param requestsPerSecond of all chips
 * @param memory of a chip that does nothing else
 */
record Prefill(
    Parallel parallel,
    Step step,
    double tokens,
    double chunks,
    double latency,
    double tokensPerSecond,
    double requestsPerSecond,
    Memory memory) {
  private static final double WAIT = 0.5;

  /** With as many tokens in a step as serving programs use, or as the chip has room for. */
  static Prefill of(Question question, Shard shard, Factors factors) {
    double room = factors.activationShare * question.device().memoryBytes();
    double most = Math.floor(room / shard.activations(1, 0, factors));
    return of(question, shard, factors, Math.max(1, Math.min(factors.prefillTokens, most)));
  }

  static Prefill of(Question question, Shard shard, Factors factors, double tokens) {
    Parallel parallel = shard.parallel;
    Workload workload = question.workload();
    double prompt = workload.computedTokens();
    double context = workload.promptContext();
    Step step = Step.prefill(shard, factors, tokens, context, Math.max(1, tokens / prompt));
    double rate = parallel.data() * tokens / step.seconds();
    double first = step.seconds();
    if (prompt < tokens) {
      first = Step.prefill(shard, factors, prompt, context, 1).seconds();
    }
    double chunks = Math.max(1, prompt / tokens);
    double latency = (chunks + parallel.pipeline() - 1 + WAIT) * first;
    double available = question.device().memoryBytes();
    double sequences = Math.max(1, tokens / prompt) * parallel.pipeline();
    Memory memory =
        new Memory(
            shard.weights(),
            shard.kvBytes(sequences * workload.inputTokens()),
            shard.activations(tokens, Math.max(1, tokens / prompt), factors),
            factors.reserve * available,
            available);
    return new Prefill(parallel, step, tokens, chunks, latency, rate, rate / prompt, memory);
  }
}
