package io.moineau.plan.expr;

import java.math.BigDecimal;
import java.util.List;

/** A part of an expression whose types are checked. Evaluation ends and throws nothing. */
sealed interface Node {
  /** Type of its value. */
  Type type();

  /** Its value. */
  Value evaluate(Scope scope);

  /** Its text with the values of variables put in. */
  String text(Scope scope);

  private static Truth truth(Node node, Scope scope) {
    return node.evaluate(scope) instanceof Truth truth ? truth : Truth.UNKNOWN;
  }

  /** A value that stands in the text. */
  record Literal(Value value) implements Node {
    @Override
    public Type type() {
      return value.type();
    }

    @Override
    public Value evaluate(Scope scope) {
      return value;
    }

    @Override
    public String text(Scope scope) {
      return value.text();
    }
  }

  /** A variable. */
  record Variable(String name, Type type) implements Node {
    @Override
    public Value evaluate(Scope scope) {
      Value value = scope.value(name);
      return value.type() == type ? value : new Value.Unknown(type);
    }

    @Override
    public String text(Scope scope) {
      Value value = evaluate(scope);
      boolean speaksForItself = value instanceof Value.Range || value instanceof Value.Text;
      return speaksForItself ? value.text() : name + "=" + value.text();
    }
  }

  /** {@code not}. */
  record Not(Node operand) implements Node {
    @Override
    public Type type() {
      return Type.TRUTH;
    }

    @Override
    public Value evaluate(Scope scope) {
      return truth(operand, scope).not();
    }

    @Override
    public String text(Scope scope) {
      return "not " + operand.text(scope);
    }
  }

  /** {@code and}, {@code or}. */
  record Junction(boolean and, List<Node> operands) implements Node {
    @Override
    public Type type() {
      return Type.TRUTH;
    }

    @Override
    public Value evaluate(Scope scope) {
      Truth result = Truth.of(and);
      for (Node operand : operands) {
        Truth one = truth(operand, scope);
        result = and ? result.and(one) : result.or(one);
      }
      return result;
    }

    @Override
    public String text(Scope scope) {
      return String.join(
          and ? " and " : " or ", operands.stream().map(o -> o.text(scope)).toList());
    }
  }

  /** In parentheses. */
  record Group(Node inner) implements Node {
    @Override
    public Type type() {
      return inner.type();
    }

    @Override
    public Value evaluate(Scope scope) {
      return inner.evaluate(scope);
    }

    @Override
    public String text(Scope scope) {
      return "(" + inner.text(scope) + ")";
    }
  }

  /** Comparisons in a chain: {@code 2400 <= tpp < 4800}. */
  record Comparison(List<Node> operands, List<String> signs) implements Node {
    @Override
    public Type type() {
      return Type.TRUTH;
    }

    @Override
    public Value evaluate(Scope scope) {
      Truth result = Truth.YES;
      for (int i = 0; i < signs.size(); i++) {
        Value left = operands.get(i).evaluate(scope);
        Value right = operands.get(i + 1).evaluate(scope);
        result = result.and(compare(left, signs.get(i), right));
      }
      return result;
    }

    private static Truth compare(Value left, String sign, Value right) {
      if (left instanceof Value.Range a && right instanceof Value.Range b) {
        return switch (sign) {
          case "<" -> less(a, b, false);
          case "<=" -> less(a, b, true);
          case ">" -> less(b, a, false);
          case ">=" -> less(b, a, true);
          case "==" -> equal(a, b);
          default -> equal(a, b).not();
        };
      }
      if (left instanceof Value.Text a && right instanceof Value.Text b) {
        return Truth.of(a.value().equals(b.value()) == sign.equals("=="));
      }
      if (left instanceof Truth a && right instanceof Truth b) {
        boolean isKnown = a != Truth.UNKNOWN && b != Truth.UNKNOWN;
        return isKnown ? Truth.of((a == b) == sign.equals("==")) : Truth.UNKNOWN;
      }
      return Truth.UNKNOWN;
    }

    private static Truth less(Value.Range a, Value.Range b, boolean orEqual) {
      int limit = orEqual ? 0 : -1;
      if (a.high().compareTo(b.low()) <= limit) {
        return Truth.YES;
      }
      return a.low().compareTo(b.high()) > limit ? Truth.NO : Truth.UNKNOWN;
    }

    private static Truth equal(Value.Range a, Value.Range b) {
      if (a.low().compareTo(b.high()) > 0 || b.low().compareTo(a.high()) > 0) {
        return Truth.NO;
      }
      boolean isPoint =
          a.low().compareTo(a.high()) == 0
              && b.low().compareTo(b.high()) == 0
              && a.low().compareTo(b.low()) == 0;
      return isPoint ? Truth.YES : Truth.UNKNOWN;
    }

    @Override
    public String text(Scope scope) {
      StringBuilder text = new StringBuilder(operands.getFirst().text(scope));
      for (int i = 0; i < signs.size(); i++) {
        text.append(' ').append(signs.get(i)).append(' ').append(operands.get(i + 1).text(scope));
      }
      return text.toString();
    }
  }

  /** {@code +}, {@code -}, {@code *} of numbers. */
  record Arithmetic(Node left, char sign, Node right) implements Node {
    @Override
    public Type type() {
      return Type.NUMBER;
    }

    @Override
    public Value evaluate(Scope scope) {
      if (!(left.evaluate(scope) instanceof Value.Range a)
          || !(right.evaluate(scope) instanceof Value.Range b)) {
        return new Value.Unknown(Type.NUMBER);
      }
      return switch (sign) {
        case '+' -> new Value.Range(a.low().add(b.low()), a.high().add(b.high()));
        case '-' -> new Value.Range(a.low().subtract(b.high()), a.high().subtract(b.low()));
        default -> product(a, b);
      };
    }

    private static Value product(Value.Range a, Value.Range b) {
      BigDecimal first = a.low().multiply(b.low());
      BigDecimal second = a.low().multiply(b.high());
      BigDecimal third = a.high().multiply(b.low());
      BigDecimal fourth = a.high().multiply(b.high());
      return new Value.Range(
          first.min(second).min(third).min(fourth), first.max(second).max(third).max(fourth));
    }

    @Override
    public String text(Scope scope) {
      return left.text(scope) + " " + sign + " " + right.text(scope);
    }
  }

  /** {@code to in ["CN", "MO"]}. */
  record OneOf(Node operand, List<String> texts) implements Node {
    @Override
    public Type type() {
      return Type.TRUTH;
    }

    @Override
    public Value evaluate(Scope scope) {
      return operand.evaluate(scope) instanceof Value.Text text
          ? Truth.of(texts.contains(text.value()))
          : Truth.UNKNOWN;
    }

    @Override
    public String text(Scope scope) {
      return operand.text(scope)
          + " in ["
          + String.join(", ", texts.stream().map(t -> '"' + t + '"').toList())
          + "]";
    }
  }

  /** {@code to in group("D:5")}. */
  record Member(Node operand, String group) implements Node {
    @Override
    public Type type() {
      return Type.TRUTH;
    }

    @Override
    public Value evaluate(Scope scope) {
      return operand.evaluate(scope) instanceof Value.Text text
          ? scope.member(text.value(), group)
          : Truth.UNKNOWN;
    }

    @Override
    public String text(Scope scope) {
      return operand.text(scope) + " in group(\"" + group + "\")";
    }
  }

  /** {@code listed("3A090.a")}. */
  record Listed(String paragraph) implements Node {
    @Override
    public Type type() {
      return Type.TRUTH;
    }

    @Override
    public Value evaluate(Scope scope) {
      return scope.listed(paragraph);
    }

    @Override
    public String text(Scope scope) {
      return "listed(\"" + paragraph + "\")=" + evaluate(scope).text();
    }
  }

  /** {@code known(tpp)}. */
  record Known(Node operand) implements Node {
    @Override
    public Type type() {
      return Type.TRUTH;
    }

    @Override
    public Value evaluate(Scope scope) {
      Value value = operand.evaluate(scope);
      return Truth.of(!(value instanceof Value.Unknown) && value != Truth.UNKNOWN);
    }

    @Override
    public String text(Scope scope) {
      return "known(" + operand.text(scope) + ")";
    }
  }
}
