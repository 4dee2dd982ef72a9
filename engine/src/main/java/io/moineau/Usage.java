package io.moineau;

/**
 * How many tokens a request took.
 *
 * @param promptTokens tokens of the prompt, cached ones included
 * @param cachedTokens those of the prompt whose keys and values were there already
 * @param completionTokens tokens generated, the one that ends the turn included
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens) {
  /** Prompt and completion together. */
  public int totalTokens() {
    return promptTokens + completionTokens;
  }
}
