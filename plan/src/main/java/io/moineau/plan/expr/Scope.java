package io.moineau.plan.expr;

/** Values that an expression is evaluated with. */
public interface Scope {
  /** The value of a variable, of the type that {@link Names} says. */
  Value value(String variable);

  /** Whether a country is in a group; the country is two letters. */
  Truth member(String country, String group);

  /** Whether the item is in a paragraph of a control list, or in one below it. */
  Truth listed(String paragraph);
}
