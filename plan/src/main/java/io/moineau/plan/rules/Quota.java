package io.moineau.plan.rules;

import io.moineau.plan.expr.Expression;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A share of domestic chips that a rule asks of a site. What the rule leaves open (what is counted,
 * what is domestic, whether exactly that part suffices) is left to the readings of an audit.
 *
 * @param part of the whole, above 0 and up to 1; 1 is a site without foreign chips
 * @param pools that it may speak of: computing, storage, together
 * @param when it asks for that, beyond the rule's own condition; empty for always
 * @param otherwise what the rule asks for where that condition is false; may be empty
 * @param wider who else some say that it holds for; may be empty
 */
public record Quota(
    BigDecimal part,
    List<String> pools,
    Optional<Expression> when,
    String otherwise,
    String wider) {
  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("part", part);
    json.put("pools", pools);
    json.put("when", when.map(Expression::source).orElse(null));
    json.put("otherwise", otherwise);
    json.put("wider", wider);
    return json;
  }
}
