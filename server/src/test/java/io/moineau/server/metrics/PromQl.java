package io.moineau.server.metrics;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of the part of PromQL that dashboards and rules here use: selectors, functions,
 * aggregations and operators with their matching, each with the kind of value that it takes. What
 * it does not know, it refuses; {@code clients/npm} holds the same expressions against Prometheus'
 * own grammar.
 */
public final class PromQl {
  /** A selector: a name and the labels that are asked for. */
  public record Selector(String metric, Set<String> labels) {}

  private enum Kind {
    SCALAR,
    INSTANT,
    RANGE
  }

  /** Functions here, by the kinds that they take; each gives an instant vector. */
  private static final Map<String, List<Kind>> FUNCTIONS =
      Map.of(
          "rate", List.of(Kind.RANGE),
          "increase", List.of(Kind.RANGE),
          "histogram_quantile", List.of(Kind.SCALAR, Kind.INSTANT));

  private static final Set<String> AGGREGATIONS = Set.of("sum", "min", "max", "avg", "count");
  private static final Set<String> COMPARISONS = Set.of("==", "!=", ">", "<", ">=", "<=");
  private static final List<Set<String>> PRECEDENCE =
      List.of(
          Set.of("or"), Set.of("and", "unless"), COMPARISONS, Set.of("+", "-"), Set.of("*", "/"));
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|([0-9]+(?:\\.[0-9]+)?(?:ms|[smhdwy])?)|\"((?:[^\"\\\\]|\\\\.)*)\""
              + "|(==|!=|>=|<=|=~|!~|[-+*/<>=(){}\\[\\],]))");

  private final String text;
  private final List<String> tokens = new ArrayList<>(); // strings keep their first quote
  private final List<Selector> selectors = new ArrayList<>();
  private final Set<String> grouped = new HashSet<>();
  private int at;

  private PromQl(String text) {
    this.text = text;
    String rest = text.strip();
    Matcher matcher = TOKEN.matcher(rest);
    int end = 0;
    while (end < rest.length()) {
      if (!matcher.find(end) || matcher.start() != end) {
        throw wrong("cannot be read from: " + rest.substring(end));
      }
      tokens.add(matcher.group(3) != null ? '"' + matcher.group(3) : matcher.group().strip());
      end = matcher.end();
    }
  }

  /** Reads an expression that gives an instant vector. */
  public static PromQl parse(String text) {
    PromQl query = new PromQl(text);
    if (query.binary(0) != Kind.INSTANT) {
      throw query.wrong("is no instant vector");
    }
    if (query.at != query.tokens.size()) {
      throw query.wrong("goes on after its end with " + query.peek());
    }
    return query;
  }

  /** Every selector in it. */
  public List<Selector> selectors() {
    return selectors;
  }

  /** Labels that it groups or matches by. */
  public Set<String> grouped() {
    return grouped;
  }

  private AssertionError wrong(String what) {
    return new AssertionError(text + " " + what);
  }

  private String peek() {
    return at < tokens.size() ? tokens.get(at) : "";
  }

  private boolean take(String token) {
    if (peek().equals(token)) {
      at++;
      return true;
    }
    return false;
  }

  private void need(String token) {
    if (!take(token)) {
      throw wrong("needs " + token + " instead of " + peek());
    }
  }

  private Kind binary(int level) {
    if (level == PRECEDENCE.size()) {
      return primary();
    }
    Kind left = binary(level + 1);
    while (PRECEDENCE.get(level).contains(peek())) {
      String operator = tokens.get(at++);
      if (take("on") || take("ignoring")) {
        labels();
        if (take("group_left") || take("group_right")) {
          labels();
        }
      }
      Kind right = binary(level + 1);
      if (left == Kind.RANGE || right == Kind.RANGE) {
        throw wrong("joins ranges by " + operator);
      }
      boolean sets = level < 2;
      if (sets && (left == Kind.SCALAR || right == Kind.SCALAR)) {
        throw wrong("joins numbers by " + operator);
      }
      left = left == Kind.SCALAR && right == Kind.SCALAR ? Kind.SCALAR : Kind.INSTANT;
    }
    return left;
  }

  private Kind primary() {
    String token = peek();
    if (take("(")) {
      Kind inner = binary(0);
      need(")");
      return inner;
    }
    if (token.matches("[0-9.]+")) {
      at++;
      return Kind.SCALAR;
    }
    if (!token.matches("[a-zA-Z_:][a-zA-Z0-9_:]*")) {
      throw wrong("has no value at " + token);
    }
    at++;
    if (AGGREGATIONS.contains(token)) {
      return aggregation();
    }
    if (peek().equals("(")) {
      return call(token);
    }
    return selector(token);
  }

  private Kind aggregation() {
    if (take("by") || take("without")) {
      labels();
    }
    need("(");
    if (binary(0) != Kind.INSTANT) {
      throw wrong("adds up what is no instant vector");
    }
    need(")");
    return Kind.INSTANT;
  }

  private Kind call(String function) {
    List<Kind> wanted = FUNCTIONS.get(function);
    if (wanted == null) {
      throw wrong("calls an unknown function: " + function);
    }
    need("(");
    for (int i = 0; i < wanted.size(); i++) {
      if (i > 0) {
        need(",");
      }
      if (binary(0) != wanted.get(i)) {
        throw wrong(function + " takes " + wanted);
      }
    }
    need(")");
    return Kind.INSTANT;
  }

  private Kind selector(String metric) {
    Set<String> labels = new HashSet<>();
    if (take("{")) {
      while (!take("}")) {
        labels.add(name());
        if (!(take("=") || take("!=") || take("=~") || take("!~"))) {
          throw wrong("compares a label by " + peek());
        }
        if (!peek().startsWith("\"")) {
          throw wrong("compares a label with " + peek());
        }
        at++;
        if (!peek().equals("}")) {
          need(",");
        }
      }
    }
    selectors.add(new Selector(metric, labels));
    if (!take("[")) {
      return Kind.INSTANT;
    }
    if (!peek().matches("[0-9]+(ms|[smhdwy])")) {
      throw wrong("has a range of " + peek());
    }
    at++;
    need("]");
    return Kind.RANGE;
  }

  private void labels() {
    need("(");
    while (!take(")")) {
      grouped.add(name());
      if (!peek().equals(")")) {
        need(",");
      }
    }
  }

  private String name() {
    String name = peek();
    if (!name.matches("[a-zA-Z_][a-zA-Z0-9_]*")) {
      throw wrong("has no label at " + name);
    }
    at++;
    return name;
  }
}
