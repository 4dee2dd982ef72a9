package io.moineau.plan.expr;

import io.moineau.plan.expr.Lexer.Kind;
import io.moineau.plan.expr.Lexer.Token;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads an expression and checks its types. The grammar, loosest first:
 *
 * <pre>
 * or         = and { "or" and }
 * and        = not { "and" not }
 * not        = "not" not | comparison
 * comparison = sum { ("<" | "<=" | ">" | ">=" | "==" | "!=") sum } | sum ["not"] "in" set
 * set        = "[" text { "," text } "]" | "group" "(" text ")"
 * sum        = product { ("+" | "-") product }
 * product    = value { "*" value }
 * value      = number | text | "true" | "false" | variable | "(" or ")"
 *            | "listed" "(" text ")" | "known" "(" variable ")"
 * </pre>
 */
final class Parser {
  private static final int MAX_DEPTH = 64;
  private static final Set<String> COMPARISONS = Set.of("<", "<=", ">", ">=", "==", "!=");

  private final String source;
  private final Names names;
  private final List<Token> tokens;
  private int next;
  private int depth;

  Parser(String source, Names names) {
    this.source = source;
    this.names = names;
    this.tokens = Lexer.tokens(source);
  }

  Node parse(Type type) {
    int at = peek().at();
    Node node = or();
    if (peek().kind() != Kind.END) {
      throw error("text after the expression", peek().at(), "an operator, or the end");
    }
    return need(node, type, at);
  }

  private Node or() {
    if (++depth > MAX_DEPTH) {
      throw error("too deeply nested", peek().at(), "at most " + MAX_DEPTH + " levels");
    }
    Node node = junction(false);
    depth--;
    return node;
  }

  private Node junction(boolean and) {
    int at = peek().at();
    List<Node> operands = new ArrayList<>();
    operands.add(and ? not() : junction(true));
    while (take(and ? "and" : "or")) {
      need(operands.getLast(), Type.TRUTH, at);
      at = peek().at();
      operands.add(need(and ? not() : junction(true), Type.TRUTH, at));
    }
    return operands.size() == 1 ? operands.getFirst() : new Node.Junction(and, operands);
  }

  private Node not() {
    if (!take("not")) {
      return comparison();
    }
    if (++depth > MAX_DEPTH) {
      throw error("too deeply nested", peek().at(), "at most " + MAX_DEPTH + " levels");
    }
    int at = peek().at();
    Node operand = need(not(), Type.TRUTH, at);
    depth--;
    return new Node.Not(operand);
  }

  private Node comparison() {
    int at = peek().at();
    Node first = sum();
    boolean negated = peek().is("not");
    if (negated) {
      next++;
    }
    if (take("in")) {
      Node set = set(need(first, Type.TEXT, at));
      return negated ? new Node.Not(set) : set;
    }
    if (negated) {
      throw error("'not' here must go before 'in'", peek().at(), "x not in [...]");
    }
    List<Node> operands = new ArrayList<>(List.of(first));
    List<String> signs = new ArrayList<>();
    while (peek().kind() == Kind.SIGN && COMPARISONS.contains(peek().text())) {
      Token sign = tokens.get(next++);
      boolean isOrder = !sign.text().equals("==") && !sign.text().equals("!=");
      if (isOrder) {
        need(operands.getLast(), Type.NUMBER, at);
      }
      at = peek().at();
      operands.add(need(sum(), operands.getLast().type(), at));
      signs.add(sign.text());
    }
    return signs.isEmpty() ? first : new Node.Comparison(operands, signs);
  }

  private Node set(Node operand) {
    if (take("group")) {
      expect("(");
      Token group = text();
      if (!names.groups().contains(group.text())) {
        throw error("no such group of countries", group.at(), String.join(", ", names.groups()));
      }
      expect(")");
      return new Node.Member(operand, group.text());
    }
    expect("[");
    List<String> texts = new ArrayList<>();
    do {
      texts.add(text().text());
    } while (take(","));
    expect("]");
    return new Node.OneOf(operand, List.copyOf(texts));
  }

  private Node sum() {
    int at = peek().at();
    Node left = product();
    while (peek().is("+") || peek().is("-")) {
      char sign = tokens.get(next++).text().charAt(0);
      need(left, Type.NUMBER, at);
      int second = peek().at();
      left = new Node.Arithmetic(left, sign, need(product(), Type.NUMBER, second));
    }
    return left;
  }

  private Node product() {
    int at = peek().at();
    Node left = value();
    while (take("*")) {
      need(left, Type.NUMBER, at);
      int second = peek().at();
      left = new Node.Arithmetic(left, '*', need(value(), Type.NUMBER, second));
    }
    return left;
  }

  private Node value() {
    Token token = tokens.get(next);
    if (token.kind() == Kind.NUMBER) {
      next++;
      return new Node.Literal(Value.number(new BigDecimal(token.text())));
    }
    if (token.kind() == Kind.TEXT) {
      next++;
      return new Node.Literal(new Value.Text(token.text()));
    }
    if (take("(")) {
      Node inner = or();
      expect(")");
      return new Node.Group(inner);
    }
    if (token.kind() == Kind.NAME) {
      next++;
      return switch (token.text()) {
        case "true" -> new Node.Literal(Truth.YES);
        case "false" -> new Node.Literal(Truth.NO);
        case "listed" -> {
          expect("(");
          Node listed = new Node.Listed(text().text());
          expect(")");
          yield listed;
        }
        case "known" -> {
          expect("(");
          Node known = new Node.Known(variable(tokens.get(next++)));
          expect(")");
          yield known;
        }
        default -> variable(token);
      };
    }
    throw error("a value is missing before " + token.text(), token.at(), "a number, text or name");
  }

  private Node variable(Token token) {
    Type type = token.kind() == Kind.NAME ? names.type(token.text()).orElse(null) : null;
    if (type == null) {
      throw error(
          "no such name: " + token.text(), token.at(), String.join(", ", names.variables()));
    }
    return new Node.Variable(token.text(), type);
  }

  private Token text() {
    if (peek().kind() != Kind.TEXT) {
      throw error("a text is missing before " + peek().text(), peek().at(), "a text in quotes");
    }
    return tokens.get(next++);
  }

  private Token peek() {
    return tokens.get(next);
  }

  private boolean take(String sign) {
    boolean is = peek().is(sign);
    next += is ? 1 : 0;
    return is;
  }

  private void expect(String sign) {
    if (!take(sign)) {
      throw error("'" + sign + "' is missing before " + peek().text(), peek().at(), sign);
    }
  }

  private Node need(Node node, Type type, int at) {
    if (node.type() != type) {
      throw error("this is " + node.type().words(), at, type.words());
    }
    return node;
  }

  private ExpressionException error(String what, int at, String allowed) {
    return new ExpressionException(what, source, at, allowed);
  }
}
