package io.moineau;

/**
 * A token and the natural logarithm of its probability.
 *
 * @param token its number
 * @param text its text; bytes that are no whole character appear as U+FFFD
 * @param logprob natural logarithm of its probability under the model, before any sampler
 */
public record TokenLogprob(int token, String text, double logprob) {}
