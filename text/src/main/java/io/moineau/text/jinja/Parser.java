package io.moineau.text.jinja;

import io.moineau.text.jinja.Node.Expr;
import io.moineau.text.jinja.Node.Stmt;
import io.moineau.text.jinja.Node.Use;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the statements of a template: Jinja2's {@code parser.py} with the tags of transformers. */
final class Parser extends ExpressionParser {
  private final Deque<String> tags = new ArrayDeque<>();
  private final Deque<List<String>> ends = new ArrayDeque<>();

  Parser(List<Token> tokens) {
    super(tokens);
  }

  static List<Stmt> parse(String source) {
    Parser parser = new Parser(new Lexer(source).tokenize());
    return parser.body(List.of());
  }

  /** Everything up to one of {@code endNames}, which stays the current token. */
  private List<Stmt> body(List<String> endNames) {
    enter();
    if (!endNames.isEmpty()) {
      ends.push(endNames);
    }
    List<Stmt> out = new ArrayList<>();
    List<Expr> data = new ArrayList<>();
    while (!current().is("eof")) {
      Token token = next();
      switch (token.type()) {
        case "data" -> data.add(new Node.TemplateData(token.line(), token.text()));
        case "variable_begin" -> {
          data.add(tuple(true, null));
          expect("variable_end");
        }
        default -> {
          flush(data, out);
          if (current().is("name") && endNames.contains(current().text())) {
            ends.pop();
            nesting--;
            return out;
          }
          out.add(statement());
          expect("block_end");
        }
      }
    }
    flush(data, out);
    if (!endNames.isEmpty()) {
      throw unknownTag(null);
    }
    nesting--;
    return out;
  }

  private static void flush(List<Expr> data, List<Stmt> out) {
    if (!data.isEmpty()) {
      out.add(new Node.Output(data.getFirst().line(), List.copyOf(data)));
      data.clear();
    }
  }

  private SyntaxError unknownTag(@Nullable String name) {
    StringBuilder message =
        new StringBuilder(
            name == null
                ? "Unexpected end of template."
                : "Encountered unknown tag " + Repr.quote(name) + ".");
    Set<String> expected = new HashSet<>();
    ends.forEach(expected::addAll);
    if (!ends.isEmpty()) {
      List<String> quoted = new ArrayList<>();
      for (String end : ends.getFirst()) {
        quoted.add(Repr.quote(end));
      }
      String looking = String.join(" or ", quoted);
      message.append(
          name != null && expected.contains(name)
              ? " You probably made a nesting mistake. Jinja is expecting this tag,"
                  + " but currently looking for "
                  + looking
                  + "."
              : " Jinja was looking for the following tags: " + looking + ".");
    }
    if (!tags.isEmpty()) {
      message
          .append(" The innermost block that needs to be closed is ")
          .append(Repr.quote(tags.getFirst()))
          .append('.');
    }
    return fail(message.toString());
  }

  private Stmt statement() {
    Token token = current();
    if (!token.is("name")) {
      throw fail("tag name expected");
    }
    tags.push(token.text());
    Stmt out = statement(token);
    tags.pop();
    return out;
  }

  private Stmt statement(Token token) {
    next();
    int line = token.line();
    return switch (token.text()) {
      case "for" -> forLoop(line);
      case "if" -> ifBlock(line);
      case "set" -> set(line);
      case "macro" -> macro(line);
      case "call" -> callBlock(line);
      case "filter" -> {
        Node.Filter filter = filter(null, true);
        yield new Node.FilterBlock(line, statements("endfilter"), filter);
      }
      case "with" -> with(line);
      case "print" -> print(line);
      case "block" -> block(line);
      case "autoescape" -> {
        Expr value = expression();
        yield new Node.Autoescape(line, value, statements("endautoescape"));
      }
      case "extends" -> new Node.Load(line, "extends", expression(), List.of());
      case "include" -> include(line);
      case "import" -> importAs(line);
      case "from" -> fromImport(line);
      case "break" -> new Node.Break(line);
      case "continue" -> new Node.Continue(line);
      case "generation" ->
          new Node.CallBlock(line, null, List.of(), List.of(), statements("endgeneration"));
      default -> {
        tags.pop();
        index--;
        throw unknownTag(token.text());
      }
    };
  }

  /** The body of a tag after its head, up to and with {@code end}. */
  private List<Stmt> statements(String end) {
    List<Stmt> out = statements(List.of(end));
    next();
    return out;
  }

  private List<Stmt> statements(List<String> endNames) {
    skipIf("colon");
    expect("block_end");
    return body(endNames);
  }

  private Stmt forLoop(int line) {
    Expr target = target(true, false, "in");
    expectName("in");
    Expr iter = tuple(false, "recursive");
    Expr test = skipName("if") ? expression() : null;
    boolean recursive = skipName("recursive");
    List<Stmt> body = statements(List.of("endfor", "else"));
    List<Stmt> otherwise = next().text().equals("endfor") ? List.of() : statements("endfor");
    return new Node.For(line, target, iter, body, otherwise, test, recursive);
  }

  private Stmt ifBlock(int line) {
    List<String> endNames = List.of("elif", "else", "endif");
    Expr test = tuple(false, null);
    List<Stmt> body = statements(endNames);
    List<Node.If> elifs = new ArrayList<>();
    List<Stmt> otherwise = List.of();
    while (true) {
      Token token = next();
      if (token.isName("elif")) {
        int elifLine = current().line();
        Expr elifTest = tuple(false, null);
        elifs.add(new Node.If(elifLine, elifTest, statements(endNames), List.of(), List.of()));
        continue;
      }
      if (token.isName("else")) {
        otherwise = statements("endif");
      }
      return new Node.If(line, test, body, elifs, otherwise);
    }
  }

  private Stmt set(int line) {
    Expr target = target(true, true, null);
    if (skipIf("assign")) {
      return new Node.Assign(line, target, tuple(true, null));
    }
    Node.Filter filter = current().is("pipe") ? filter(null, false) : null;
    return new Node.AssignBlock(line, target, filter, statements("endset"));
  }

  private Stmt macro(int line) {
    String name = nameTarget().name();
    List<Node.Name> args = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    signature(args, defaults);
    return new Node.Macro(line, name, args, defaults, statements("endmacro"));
  }

  private Stmt callBlock(int line) {
    List<Node.Name> args = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    if (current().is("lparen")) {
      signature(args, defaults);
    }
    if (!(expression() instanceof Node.Call call)) {
      throw new SyntaxError("expected call", line);
    }
    return new Node.CallBlock(line, call, args, defaults, statements("endcall"));
  }

  private void signature(List<Node.Name> args, List<Expr> defaults) {
    expect("lparen");
    Set<String> seen = new HashSet<>();
    while (!current().is("rparen")) {
      if (!args.isEmpty()) {
        expect("comma");
      }
      Node.Name arg = nameTarget();
      if (!seen.add(arg.name())) {
        throw fail("duplicate argument " + Repr.quote(arg.name()) + " in function definition");
      }
      if (skipIf("assign")) {
        defaults.add(expression());
      } else if (!defaults.isEmpty()) {
        throw fail("non-default argument follows default argument");
      }
      args.add(new Node.Name(arg.line(), arg.name(), Use.PARAM));
    }
    expect("rparen");
  }

  private Stmt with(int line) {
    List<Expr> targets = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!current().is("block_end")) {
      if (!targets.isEmpty()) {
        expect("comma");
      }
      targets.add(use(target(true, false, null), Use.PARAM));
      expect("assign");
      values.add(expression());
    }
    return new Node.With(line, targets, values, statements("endwith"));
  }

  private Stmt print(int line) {
    List<Expr> parts = new ArrayList<>();
    while (!current().is("block_end")) {
      if (!parts.isEmpty()) {
        expect("comma");
      }
      parts.add(expression());
    }
    return new Node.Output(line, parts);
  }

  private Stmt block(int line) {
    String name = expect("name").text();
    boolean scoped = skipName("scoped");
    boolean required = skipName("required");
    if (current().is("sub")) {
      throw fail(
          "Block names in Jinja have to be valid Python identifiers and may not"
              + " contain hyphens, use an underscore instead.");
    }
    List<Stmt> body = statements("endblock");
    skipName(name);
    return new Node.Block(line, name, body, scoped, required);
  }

  private Stmt include(int line) {
    Expr template = expression();
    if (current().isName("ignore") && look().isName("missing")) {
      next();
      next();
    }
    skipContext();
    return new Node.Load(line, "include", template, List.of());
  }

  private Stmt importAs(int line) {
    Expr template = expression();
    expectName("as");
    String target = nameTarget().name();
    skipContext();
    return new Node.Load(line, "import", template, List.of(target));
  }

  private Stmt fromImport(int line) {
    Expr template = expression();
    expectName("import");
    List<String> targets = new ArrayList<>();
    do {
      if (skipContext()) {
        break;
      }
      String name = nameTarget().name();
      targets.add(skipName("as") ? nameTarget().name() : name);
    } while (!skipContext() && skipIf("comma"));
    return new Node.Load(line, "from", template, targets);
  }

  private boolean skipContext() {
    boolean found =
        (current().isName("with") || current().isName("without")) && look().isName("context");
    if (found) {
      next();
      next();
    }
    return found;
  }

  private Node.Name nameTarget() {
    Token token = expect("name");
    if (Set.of("true", "false", "none", "True", "False", "None").contains(token.text())) {
      throw new SyntaxError("can't assign to 'name'", token.line());
    }
    return new Node.Name(token.line(), token.text(), Use.STORE);
  }

  private Expr target(boolean withTuple, boolean withNamespace, @Nullable String endName) {
    Expr parsed =
        withTuple ? tuple(true, true, withNamespace, false, endName) : primary(withNamespace);
    return use(parsed, Use.STORE);
  }

  private static Expr use(Expr target, Use use) {
    return switch (target) {
      case Node.Name n -> new Node.Name(n.line(), n.name(), use);
      case Node.NamespaceRef n -> n;
      case Node.TupleExpr t -> {
        List<Expr> items = new ArrayList<>();
        for (Expr item : t.items()) {
          items.add(use(item, use));
        }
        yield new Node.TupleExpr(t.line(), items);
      }
      default -> throw new SyntaxError("can't assign to that expression", target.line());
    };
  }
}
