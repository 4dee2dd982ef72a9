package io.moineau.model;

/**
 * One layer of a decoder: norm, attention, residual, norm, feed-forward, residual.
 *
 * @param attnNorm {@code [hiddenSize]}
 * @param ffnNorm {@code [hiddenSize]}
 */
public record Layer(float[] attnNorm, Attention attention, float[] ffnNorm, FeedForward ffn) {}
