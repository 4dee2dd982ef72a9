package io.moineau.text.jinja;

import io.moineau.text.jinja.Node.Arguments;
import io.moineau.text.jinja.Node.Expr;
import io.moineau.text.jinja.Node.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads expressions: Jinja2's grammar, with its precedence (which is not Python's for {@code ~}).
 */
class ExpressionParser {
  /** How deep brackets, blocks and conditions may nest; Python fails near this depth too. */
  static final int MAX_NESTING = 150;

  private static final Map<String, String> COMPARISONS =
      Map.of("eq", "==", "ne", "!=", "lt", "<", "lteq", "<=", "gt", ">", "gteq", ">=");

  final List<Token> tokens;
  int index;
  int nesting;

  ExpressionParser(List<Token> tokens) {
    this.tokens = tokens;
  }

  final Token current() {
    return tokens.get(index);
  }

  final Token look() {
    return tokens.get(Math.min(index + 1, tokens.size() - 1));
  }

  final Token next() {
    Token token = current();
    if (index < tokens.size() - 1) {
      index++;
    }
    return token;
  }

  final boolean skipIf(String type) {
    boolean found = current().is(type);
    if (found) {
      next();
    }
    return found;
  }

  final boolean skipName(String name) {
    boolean found = current().isName(name);
    if (found) {
      next();
    }
    return found;
  }

  final Token expect(String type) {
    if (!current().is(type)) {
      throw unexpected(Token.describeType(type));
    }
    return next();
  }

  final Token expectName(String name) {
    if (!current().isName(name)) {
      throw unexpected(name);
    }
    return next();
  }

  private SyntaxError unexpected(String expected) {
    String wanted = Repr.quote(expected);
    return current().is("eof")
        ? fail("unexpected end of template, expected " + wanted + ".")
        : fail("expected token " + wanted + ", got " + Repr.quote(current().describe()));
  }

  final SyntaxError fail(String message) {
    return new SyntaxError(message, current().line());
  }

  final void enter() {
    if (++nesting > MAX_NESTING) {
      throw fail("nested deeper than " + MAX_NESTING);
    }
  }

  final Expr expression() {
    return expression(true);
  }

  final Expr expression(boolean withCondition) {
    return withCondition ? condition() : or();
  }

  private Expr condition() {
    enter();
    int line = current().line();
    Expr first = or();
    while (skipName("if")) {
      Expr test = or();
      Expr otherwise = skipName("else") ? condition() : null;
      first = new Node.CondExpr(line, test, first, otherwise);
      line = current().line();
    }
    nesting--;
    return first;
  }

  private Expr or() {
    int line = current().line();
    Expr left = and();
    while (skipName("or")) {
      left = new Node.Binary(line, "or", left, and());
      line = current().line();
    }
    return left;
  }

  private Expr and() {
    int line = current().line();
    Expr left = not();
    while (skipName("and")) {
      left = new Node.Binary(line, "and", left, not());
      line = current().line();
    }
    return left;
  }

  private Expr not() {
    if (current().isName("not")) {
      enter();
      int line = next().line();
      Expr value = new Node.Unary(line, "not", not());
      nesting--;
      return value;
    }
    return compare();
  }

  private Expr compare() {
    int line = current().line();
    Expr first = sum();
    List<String> operators = new ArrayList<>();
    List<Expr> others = new ArrayList<>();
    while (true) {
      String operator = COMPARISONS.get(current().type());
      if (operator != null) {
        next();
      } else if (skipName("in")) {
        operator = "in";
      } else if (current().isName("not") && look().isName("in")) {
        next();
        next();
        operator = "not in";
      } else {
        break;
      }
      operators.add(operator);
      others.add(sum());
    }
    return operators.isEmpty() ? first : new Node.Compare(line, first, operators, others);
  }

  private Expr sum() {
    int line = current().line();
    Expr left = concat();
    while (current().is("add") || current().is("sub")) {
      String operator = next().text();
      left = new Node.Binary(line, operator, left, concat());
      line = current().line();
    }
    return left;
  }

  private Expr concat() {
    int line = current().line();
    Expr first = product();
    if (!current().is("tilde")) {
      return first;
    }
    List<Expr> parts = new ArrayList<>(List.of(first));
    while (skipIf("tilde")) {
      parts.add(product());
    }
    return new Node.Concat(line, parts);
  }

  private Expr product() {
    int line = current().line();
    Expr left = power();
    while (current().is("mul")
        || current().is("div")
        || current().is("floordiv")
        || current().is("mod")) {
      String operator = next().text();
      left = new Node.Binary(line, operator, left, power());
      line = current().line();
    }
    return left;
  }

  private Expr power() {
    int line = current().line();
    Expr left = unary(true);
    while (skipIf("pow")) { // left to right, unlike Python
      left = new Node.Binary(line, "**", left, unary(true));
      line = current().line();
    }
    return left;
  }

  private Expr unary(boolean withFilter) {
    enter();
    int line = current().line();
    Expr node;
    if (skipIf("sub")) {
      node = new Node.Unary(line, "-", unary(false));
    } else if (skipIf("add")) {
      node = new Node.Unary(line, "+", unary(false));
    } else {
      node = primary(false);
    }
    node = postfix(node);
    node = withFilter ? filters(node) : node;
    nesting--;
    return node;
  }

  final Expr primary(boolean withNamespace) {
    Token token = current();
    switch (token.type()) {
      case "name" -> {
        next();
        return switch (token.text()) {
          case "true", "True" -> new Node.Const(token.line(), true);
          case "false", "False" -> new Node.Const(token.line(), false);
          case "none", "None" -> new Node.Const(token.line(), None.NONE);
          default -> {
            if (withNamespace && skipIf("dot")) {
              String attribute = expect("name").text();
              yield new Node.NamespaceRef(token.line(), token.text(), attribute);
            }
            yield new Node.Name(token.line(), token.text(), Use.LOAD);
          }
        };
      }
      case "string" -> {
        StringBuilder text = new StringBuilder();
        while (current().is("string")) {
          text.append(next().text());
        }
        return new Node.Const(token.line(), Str.of(text.toString()));
      }
      case "integer", "float" -> {
        return new Node.Const(token.line(), next().value());
      }
      case "lparen" -> {
        next();
        Expr inner = tuple(true, false, false, true, null);
        expect("rparen");
        return inner;
      }
      case "lbracket" -> {
        return list();
      }
      case "lbrace" -> {
        return dict();
      }
      default -> throw fail("unexpected " + Repr.quote(token.describe()));
    }
  }

  /** A full tuple or single expression; {@code endName} ends it too. */
  final Expr tuple(boolean withCondition, @Nullable String endName) {
    return tuple(withCondition, false, false, false, endName);
  }

  final Expr tuple(
      boolean withCondition,
      boolean simplified,
      boolean withNamespace,
      boolean parenthesised,
      @Nullable String endName) {
    int line = current().line();
    List<Expr> items = new ArrayList<>();
    boolean isTuple = false;
    while (true) {
      if (!items.isEmpty()) {
        expect("comma");
      }
      Token token = current();
      if (token.is("variable_end")
          || token.is("block_end")
          || token.is("rparen")
          || endName != null && token.isName(endName)) {
        break;
      }
      items.add(simplified ? primary(withNamespace) : expression(withCondition));
      if (!current().is("comma")) {
        break;
      }
      isTuple = true;
      line = current().line();
    }
    if (!isTuple) {
      if (!items.isEmpty()) {
        return items.getFirst();
      }
      if (!parenthesised) {
        throw fail("Expected an expression, got " + Repr.quote(current().describe()));
      }
    }
    return new Node.TupleExpr(line, items);
  }

  private Expr list() {
    int line = expect("lbracket").line();
    List<Expr> items = new ArrayList<>();
    while (!current().is("rbracket")) {
      if (!items.isEmpty()) {
        expect("comma");
      }
      if (current().is("rbracket")) {
        break;
      }
      items.add(expression());
    }
    expect("rbracket");
    return new Node.ListExpr(line, items);
  }

  private Expr dict() {
    int line = expect("lbrace").line();
    List<Expr> keys = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!current().is("rbrace")) {
      if (!keys.isEmpty()) {
        expect("comma");
      }
      if (current().is("rbrace")) {
        break;
      }
      keys.add(expression());
      expect("colon");
      values.add(expression());
    }
    expect("rbrace");
    return new Node.DictExpr(line, keys, values);
  }

  private Expr postfix(Expr start) {
    Expr node = start;
    while (true) {
      if (current().is("dot") || current().is("lbracket")) {
        node = subscript(node);
      } else if (current().is("lparen")) {
        node = call(node);
      } else {
        return node;
      }
    }
  }

  private Expr filters(Expr start) {
    Expr node = start;
    while (true) {
      if (current().is("pipe")) {
        node = filter(node, false);
      } else if (current().isName("is")) {
        node = test(node);
      } else if (current().is("lparen")) {
        node = call(node);
      } else {
        return node;
      }
    }
  }

  private Expr subscript(Expr object) {
    Token token = next();
    if (token.is("dot")) {
      Token attribute = next();
      if (attribute.is("name")) {
        return new Node.GetAttr(token.line(), object, attribute.text());
      }
      if (!attribute.is("integer")) {
        throw new SyntaxError("expected name or number", attribute.line());
      }
      Expr item = new Node.Const(attribute.line(), attribute.value());
      return new Node.GetItem(token.line(), object, item);
    }
    List<Expr> items = new ArrayList<>();
    while (!current().is("rbracket")) {
      if (!items.isEmpty()) {
        expect("comma");
      }
      items.add(subscribed());
    }
    expect("rbracket");
    Expr item = items.size() == 1 ? items.getFirst() : new Node.TupleExpr(token.line(), items);
    return new Node.GetItem(token.line(), object, item);
  }

  private Expr subscribed() {
    int line = current().line();
    Expr start = null;
    if (!current().is("colon")) {
      start = expression();
      if (!current().is("colon")) {
        return start;
      }
    }
    next();
    Expr stop = sliceEnd() || current().is("colon") ? null : expression();
    Expr step = null;
    if (skipIf("colon")) {
      step = sliceEnd() ? null : expression();
    }
    return new Node.SliceExpr(line, start, stop, step);
  }

  private boolean sliceEnd() {
    return current().is("rbracket") || current().is("comma");
  }

  private Arguments arguments() {
    int line = expect("lparen").line();
    List<Expr> positional = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Expr> named = new ArrayList<>();
    Expr rest = null;
    Expr restNamed = null;
    boolean first = true;
    while (!current().is("rparen")) {
      if (!first) {
        expect("comma");
        if (current().is("rparen")) {
          break;
        }
      }
      first = false;
      boolean fits;
      if (skipIf("mul")) {
        fits = rest == null && restNamed == null;
        rest = expression();
      } else if (skipIf("pow")) {
        fits = restNamed == null;
        restNamed = expression();
      } else if (current().is("name") && look().is("assign")) {
        fits = restNamed == null;
        names.add(next().text());
        next();
        named.add(expression());
      } else {
        fits = rest == null && restNamed == null && names.isEmpty();
        positional.add(expression());
      }
      if (!fits) {
        throw new SyntaxError("invalid syntax for function call expression", line);
      }
    }
    expect("rparen");
    for (int i = 0; i < names.size(); i++) {
      if (names.subList(0, i).contains(names.get(i))) {
        throw new SyntaxError("keyword argument repeated: " + names.get(i), line);
      }
    }
    return new Arguments(positional, names, named, rest, restNamed);
  }

  private Node.Call call(Expr callee) {
    int line = current().line();
    return new Node.Call(line, callee, arguments());
  }

  /** One filter and those that follow; of a block the first has no bar and no value. */
  final Node.Filter filter(@Nullable Expr value, boolean inline) {
    Expr node = value;
    boolean first = inline;
    while (first || current().is("pipe")) {
      if (!first) {
        next();
      }
      first = false;
      int line = current().line();
      String name = dotted();
      Arguments arguments = current().is("lparen") ? arguments() : Arguments.NONE;
      node = new Node.Filter(line, node, name, arguments);
    }
    return (Node.Filter) java.util.Objects.requireNonNull(node);
  }

  private String dotted() {
    StringBuilder name = new StringBuilder(expect("name").text());
    while (skipIf("dot")) {
      name.append('.').append(expect("name").text());
    }
    return name.toString();
  }

  private Expr test(Expr value) {
    int line = next().line();
    boolean negated = skipName("not");
    String name = dotted();
    Arguments arguments = Arguments.NONE;
    Token token = current();
    if (token.is("lparen")) {
      arguments = arguments();
    } else if (beginsArgument(token)) {
      if (token.isName("is")) {
        throw fail("You cannot chain multiple tests with is");
      }
      Expr argument = postfix(primary(false));
      arguments = new Arguments(List.of(argument), List.of(), List.of(), null, null);
    }
    Expr node = new Node.Test(line, value, name, arguments);
    return negated ? new Node.Unary(line, "not", node) : node;
  }

  private static boolean beginsArgument(Token token) {
    return switch (token.type()) {
      case "name" -> !token.isName("else") && !token.isName("or") && !token.isName("and");
      case "string", "integer", "float", "lbracket", "lbrace" -> true;
      default -> false;
    };
  }
}
