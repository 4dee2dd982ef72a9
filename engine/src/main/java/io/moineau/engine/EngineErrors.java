package io.moineau.engine;

import java.time.Duration;

/** The errors of an engine, in words. */
final class EngineErrors {
  private EngineErrors() {}

  static EngineException emptyPrompt() {
    return new EngineException(
        "prompt-empty",
        "a prompt has no tokens",
        "",
        "one token or more",
        "write something, or let the model begin with its begin-of-text token");
  }

  static EngineException tooLong(int promptTokens, int contextLength) {
    return new EngineException(
        "prompt-too-long",
        "the prompt does not fit into the context",
        "the prompt has " + promptTokens + " tokens, the context " + contextLength,
        "at most " + (contextLength - 1) + " tokens, so that one can be generated",
        "shorten the prompt, or open the model with a larger context length");
  }

  static EngineException unknownToken(int token, int position, int vocabularySize) {
    return new EngineException(
        "prompt-unknown-token",
        "a token does not exist",
        "token " + token + " at position " + position,
        "0 to " + (vocabularySize - 1),
        "tokenize the text with this model's tokenizer");
  }

  static EngineException waitedTooLong(int running, int waiting, Duration most) {
    return new EngineException(
        "queue-timeout",
        "a request waited too long for its turn",
        running + " running, " + waiting + " waiting",
        "at most " + most.toMillis() / 1000.0 + " s",
        "try again later");
  }

  static EngineException stepFailed(Throwable error) {
    return new EngineException(
        "step-failed",
        "a step could not be computed",
        error.toString(),
        "",
        "give the JVM more memory (-Xmx), or use a smaller context or batch");
  }

  static EngineException broken(Throwable error) {
    return new EngineException(
        "engine-broken",
        "the engine stopped because of a fault of its own",
        error.toString(),
        "",
        "open the model again, and report this with the stack trace");
  }

  static EngineException closed() {
    return new EngineException(
        "model-closed",
        "the model is closed",
        "",
        "use before close()",
        "open the model again, and close it when all requests are done");
  }
}
