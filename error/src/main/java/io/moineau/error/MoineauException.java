package io.moineau.error;

import java.util.Objects;

/**
 * What every error that Moineau raises on purpose is: a stable code and four parts.
 *
 * <p>The parts answer what was wrong, where and with which value, what is allowed, and what to do.
 * Each module has its own subclass, so that a caller may catch by origin; the code names the fault
 * for programs and never changes.
 */
public class MoineauException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final String what;
  private final String where;
  private final String allowed;
  private final String action;

  /**
   * Makes an error of the four parts.
   *
   * @param code stable name in kebab-case, such as {@code gguf-bad-magic}
   * @param what what is wrong, as a clause without a full stop
   * @param where the thing and its value, such as {@code tensor blk.3.ffn_down.weight in a.gguf has
   *     type 42}; may be empty
   * @param allowed what would have been right; may be empty
   * @param action what the user can do; may be empty
   */
  public MoineauException(String code, String what, String where, String allowed, String action) {
    super(message(what, where, allowed, action));
    this.code = Objects.requireNonNull(code, "code");
    this.what = what;
    this.where = where;
    this.allowed = allowed;
    this.action = action;
  }

  private static String message(String what, String where, String allowed, String action) {
    StringBuilder text = new StringBuilder(what);
    if (!where.isEmpty()) {
      text.append(": ").append(where);
    }
    if (!allowed.isEmpty()) {
      text.append("; allowed: ").append(allowed);
    }
    if (!action.isEmpty()) {
      text.append("; ").append(action);
    }
    return text.toString();
  }

  /** The stable name of the fault. */
  public String code() {
    return code;
  }

  /** What is wrong. */
  public String what() {
    return what;
  }

  /** The thing at fault and its value; empty where there is none. */
  public String where() {
    return where;
  }

  /** What would have been right; empty where nothing can be listed. */
  public String allowed() {
    return allowed;
  }

  /** What the user can do; empty where there is nothing. */
  public String action() {
    return action;
  }
}
