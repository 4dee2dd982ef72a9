package io.moineau.plan.expr;

import io.moineau.plan.PlanException;

/** A text that is no expression: thrown when it is read, never when it is evaluated. */
public final class ExpressionException extends PlanException {
  private static final long serialVersionUID = 1L;

  /**
   * An error at a place of the text.
   *
   * @param what what is wrong
   * @param source the text
   * @param at index of the character
   * @param allowed what would be right
   */
  ExpressionException(String what, String source, int at, String allowed) {
    super(
        "plan-bad-condition",
        what,
        "at character " + (at + 1) + " of: " + source.strip(),
        allowed,
        "see docs/plan.md for the language of conditions");
  }
}
