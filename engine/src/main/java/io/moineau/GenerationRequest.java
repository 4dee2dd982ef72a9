package io.moineau;

import io.moineau.text.TokenConstraint;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Tokens to be continued. Start from {@link #of} and change what matters.
 *
 * @param prompt tokens as they are
 * @param sampling how tokens are chosen
 * @param constraint which tokens may come; belongs to this request alone
 * @param share who asks: see {@link ChatRequest#share}
 * @param continues whether the text goes on where the prompt ends, rather than being a text of its
 *     own: a tokenizer that drops the space before a first word keeps it before a later one
 * @param showSpecial whether special tokens are written out in the text
 * @param experts whether {@link Answer#experts()} is wanted
 * @param allowance asked after each token, with how many were made: false ends the answer there, as
 *     its {@code maxTokens} would. It is called by the engine's thread and must return at once
 */
public record GenerationRequest(
    int[] prompt,
    Sampling sampling,
    Optional<TokenConstraint> constraint,
    String share,
    boolean continues,
    boolean showSpecial,
    boolean experts,
    IntPredicate allowance) {
  /** Copies the prompt. */
  public GenerationRequest {
    prompt = prompt.clone();
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(constraint, "constraint");
    Objects.requireNonNull(share, "share");
    Objects.requireNonNull(allowance, "allowance");
  }

  /** Continues a prompt. */
  public static GenerationRequest of(int[] prompt, Sampling sampling) {
    return new GenerationRequest(
        prompt, sampling, Optional.empty(), "", true, false, false, tokens -> true);
  }

  /** With a constraint. */
  public GenerationRequest withConstraint(TokenConstraint value) {
    return new GenerationRequest(
        prompt, sampling, Optional.of(value), share, continues, showSpecial, experts, allowance);
  }

  /** For another share. */
  public GenerationRequest withShare(String value) {
    return new GenerationRequest(
        prompt, sampling, constraint, value, continues, showSpecial, experts, allowance);
  }

  /** With special tokens written out or not. */
  public GenerationRequest withShowSpecial(boolean value) {
    return new GenerationRequest(
        prompt, sampling, constraint, share, continues, value, experts, allowance);
  }

  /** As a text of its own, or going on. */
  public GenerationRequest withContinues(boolean value) {
    return new GenerationRequest(
        prompt, sampling, constraint, share, value, showSpecial, experts, allowance);
  }

  /** With the experts that the answer uses, or without. */
  public GenerationRequest withExperts(boolean value) {
    return new GenerationRequest(
        prompt, sampling, constraint, share, continues, showSpecial, value, allowance);
  }

  /** With somebody who may end it. */
  public GenerationRequest withAllowance(IntPredicate value) {
    return new GenerationRequest(
        prompt, sampling, constraint, share, continues, showSpecial, experts, value);
  }
}
