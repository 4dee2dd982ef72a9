package io.moineau.kernels;

import org.jspecify.annotations.Nullable;

/**
 * What one attention layer looks like to its kernel. MLA with the absorbed product is the case of
 * one key-value head whose value is the first {@code valueDim} elements of its key.
 *
 * @param numHeads query heads
 * @param numKeyValueHeads key and value heads; divides {@code numHeads}
 * @param keyDim elements of a query or key per head
 * @param valueDim elements of a value per head
 * @param scale factor on the products of query and key
 * @param slidingWindow how many positions are seen, the token's own included; 0 for all
 * @param sinks a logit per head that takes part in the softmax and has no value (gpt-oss), or null
 */
public record AttentionShape(
    int numHeads,
    int numKeyValueHeads,
    int keyDim,
    int valueDim,
    float scale,
    int slidingWindow,
    float @Nullable [] sinks) {}
