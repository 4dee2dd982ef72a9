package io.moineau.plan.expr;

/**
 * A condition of a rule: small, typed and total. It is checked when it is read; evaluated, it
 * always ends, never throws, and is yes, no or unknown. Numbers are exact decimals or ranges of
 * them; a comparison that a range does not decide is unknown.
 */
public final class Expression {
  private static final int MAX_LENGTH = 4000;

  private final String source;
  private final Node root;

  private Expression(String source, Node root) {
    this.source = source;
    this.root = root;
  }

  /**
   * Reads a condition.
   *
   * @throws ExpressionException if it is none
   */
  public static Expression parse(String source, Names names) {
    if (source.length() > MAX_LENGTH) {
      throw new ExpressionException(
          "too long: " + source.length() + " characters",
          source.substring(0, 40),
          0,
          "at most " + MAX_LENGTH);
    }
    return new Expression(source.strip(), new Parser(source, names).parse(Type.TRUTH));
  }

  /** Whether it holds. */
  public Truth evaluate(Scope scope) {
    return root.evaluate(scope) instanceof Truth truth ? truth : Truth.UNKNOWN;
  }

  /** Its text. */
  public String source() {
    return source;
  }

  /** Its text with the values of variables put in. */
  public String text(Scope scope) {
    return root.text(scope);
  }

  @Override
  public String toString() {
    return source;
  }
}
