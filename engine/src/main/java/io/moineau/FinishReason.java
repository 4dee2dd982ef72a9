package io.moineau;

/** Why an answer ended. */
public enum FinishReason {
  /** The model ended its turn, or a stop string or stop token came. */
  STOP("stop"),
  /** The tokens asked for were made, or the context is full. */
  LENGTH("length"),
  /** The model asks for tools to be called, and waits for what they give. */
  TOOL_CALLS("tool_calls"),
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
