package io.moineau.engine;

/** A request was refused because too many wait already. */
public final class EngineBusyException extends EngineException {
  private static final long serialVersionUID = 1L;

  private final int retryAfterSeconds;

  EngineBusyException(int running, int waiting, int maxWaiting, int retryAfterSeconds) {
    super(
        "engine-busy",
        "too many requests are waiting",
        running + " running, " + waiting + " waiting",
        "at most " + maxWaiting + " waiting",
        "try again in about " + retryAfterSeconds + " s");
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** In about how many seconds those who wait now will have begun; at least 1. */
  public int retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
