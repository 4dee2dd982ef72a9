package io.moineau;

/** Why an answer ended. */
public enum FinishReason {
  /** The model ended its turn, or a stop string or stop token came. */
  STOP("stop"),
  /** The tokens asked for were made, or the context is full. */
  LENGTH("length"),
  /** The caller cancelled. */
  CANCELLED("cancelled");

  private final String word;

  FinishReason(String word) {
    this.word = word;
  }

  /** The word that OpenAI's API uses where it has one. */
  public String word() {
    return word;
  }
}
