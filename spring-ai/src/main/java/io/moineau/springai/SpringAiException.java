package io.moineau.springai;

import io.moineau.error.MoineauException;

/** A request of Spring AI's that no model here can answer. */
public final class SpringAiException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** An error of the four parts. */
  public SpringAiException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }

  static SpringAiException content(String where, String allowed) {
    return new SpringAiException(
        "content-unsupported",
        "a message holds something that is not supported",
        where,
        allowed,
        "leave it out");
  }

  static SpringAiException otherModel(String asked, String open) {
    return new SpringAiException(
        "model-not-open",
        "the options ask for another model than the one that is open",
        asked,
        open,
        "ask for that one, or for none");
  }

  static SpringAiException option(String where, String allowed) {
    return new SpringAiException(
        "option-unsupported", "an option is not supported", where, allowed, "leave it out");
  }
}
