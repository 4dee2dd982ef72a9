package io.moineau.plan.expr;

import java.util.Optional;
import java.util.Set;

/** What may be named in an expression: asked for when it is read. */
public interface Names {
  /** The type of a variable; empty where there is none of this name. */
  Optional<Type> type(String variable);

  /** All variables. */
  Set<String> variables();

  /** All groups of countries. */
  Set<String> groups();
}
