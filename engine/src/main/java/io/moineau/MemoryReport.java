package io.moineau;

import io.moineau.tensor.DType;

/**
 * The memory of a model in bytes, added up before it is loaded.
 *
 * @param weightsBytes size of the file or files, which are mapped
 * @param kvBytes keys and values of {@code kvTokens} tokens
 * @param scratchBytes activations, logits and tables
 * @param availableBytes what the machine or its container can give now
 * @param source where that figure comes from, such as {@code cgroup v2 memory.max}
 * @param contextLength most tokens of one sequence
 * @param kvTokens tokens of all sequences together: one context or more
 * @param kvType element type of keys and values
 */
public record MemoryReport(
    long weightsBytes,
    long kvBytes,
    long scratchBytes,
    long availableBytes,
    String source,
    int contextLength,
    long kvTokens,
    DType kvType) {
  /** All of it. */
  public long totalBytes() {
    return weightsBytes + kvBytes + scratchBytes;
  }

  /** Whether it fits. */
  public boolean fits() {
    return totalBytes() <= availableBytes;
  }
}
