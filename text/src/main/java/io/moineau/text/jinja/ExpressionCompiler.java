package io.moineau.text.jinja;

import io.moineau.text.jinja.Code.Eval;
import io.moineau.text.jinja.Code.Frame;
import io.moineau.text.jinja.Symbols.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes closures of expressions. */
class ExpressionCompiler {
  /**
   * Where an expression stands.
   *
   * @param toplevel whether names that are set are the template's own
   * @param soft whether it is in a condition: unknown filters fail only when they are used
   * @param inLoop whether {@code break} has a loop to leave
   */
  record Scope(Symbols symbols, boolean toplevel, boolean soft, boolean inLoop) {
    Scope inner(Symbols inside) {
      return new Scope(inside, false, false, inLoop);
    }

    Scope softened() {
      return new Scope(symbols, toplevel, true, inLoop);
    }
  }

  final Eval expression(Node.Expr node, Scope scope) {
    return switch (node) {
      case Node.Const n -> {
        Object value = n.value();
        yield f -> value;
      }
      case Node.TemplateData n -> {
        Str value = Str.of(n.data());
        yield f -> value;
      }
      case Node.Name n -> name(n, scope);
      case Node.NamespaceRef n -> throw new SyntaxError("unexpected attribute", n.line());
      case Node.TupleExpr n -> {
        Eval[] items = all(n.items(), scope);
        yield f -> new PyTuple(evaluate(items, f));
      }
      case Node.ListExpr n -> {
        Eval[] items = all(n.items(), scope);
        yield f -> new PyList(evaluate(items, f));
      }
      case Node.DictExpr n -> dict(n, scope);
      case Node.CondExpr n -> condition(n, scope.softened());
      case Node.Filter n -> filter(n, scope, null);
      case Node.Test n -> test(n, scope);
      case Node.Call n -> call(n, scope);
      case Node.GetItem n -> item(n, scope);
      case Node.GetAttr n -> {
        Eval object = expression(n.object(), scope);
        String attribute = n.attribute();
        yield f -> Attributes.attribute(f.render, object.eval(f), attribute);
      }
      case Node.SliceExpr n ->
          f -> {
            throw PyError.type("unhashable type: 'slice'");
          };
      case Node.Concat n -> {
        Eval[] parts = all(n.parts(), scope);
        yield f -> {
          StrBuilder out = new StrBuilder(f.render);
          for (Eval part : parts) {
            out.append(Repr.str(f.render, part.eval(f)));
          }
          return out.build();
        };
      }
      case Node.Compare n -> compare(n, scope);
      case Node.Binary n -> binary(n, scope);
      case Node.Unary n -> {
        Eval value = expression(n.value(), scope);
        String operator = n.operator();
        yield operator.equals("not")
            ? f -> !Types.truth(value.eval(f))
            : f -> Arithmetic.unary(operator, value.eval(f));
      }
    };
  }

  final Eval[] all(List<Node.Expr> nodes, Scope scope) {
    Eval[] out = new Eval[nodes.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = expression(nodes.get(i), scope);
    }
    return out;
  }

  private static List<Object> evaluate(Eval[] items, Frame f) {
    f.render.charge(items.length);
    List<Object> out = new ArrayList<>(items.length);
    for (Eval item : items) {
      out.add(item.eval(f));
    }
    return out;
  }

  static Frame up(Frame frame, int hops) {
    Frame f = frame;
    for (int i = 0; i < hops; i++) {
      f = java.util.Objects.requireNonNull(f.parent);
    }
    return f;
  }

  static int hops(Scope scope, Variable variable) {
    return scope.symbols().function.depth - variable.function().depth;
  }

  private static Eval name(Node.Name node, Scope scope) {
    Variable variable = scope.symbols().ref(node.name());
    int hops = hops(scope, variable);
    int slot = variable.slot();
    Undefined undefined = Undefined.named(node.name());
    return f -> {
      Object value = up(f, hops).slots[slot];
      return value == null ? undefined : value;
    };
  }

  private Eval dict(Node.DictExpr node, Scope scope) {
    Eval[] keys = all(node.keys(), scope);
    Eval[] values = all(node.values(), scope);
    return f -> {
      PyDict out = new PyDict();
      f.render.charge(keys.length);
      for (int i = 0; i < keys.length; i++) {
        Object key = keys[i].eval(f);
        out.put(f.render, key, values[i].eval(f));
      }
      return out;
    };
  }

  private Eval condition(Node.CondExpr node, Scope scope) {
    Eval test = expression(node.test(), scope);
    Eval then = expression(node.then(), scope);
    if (node.otherwise() != null) {
      Eval otherwise = expression(node.otherwise(), scope);
      return f -> Types.truth(test.eval(f)) ? then.eval(f) : otherwise.eval(f);
    }
    Undefined none =
        Undefined.hint(
            "the inline if-expression on line "
                + node.line()
                + " evaluated to false and no else section was defined.");
    return f -> Types.truth(test.eval(f)) ? then.eval(f) : none;
  }

  private Eval item(Node.GetItem node, Scope scope) {
    Eval object = expression(node.object(), scope);
    if (node.item() instanceof Node.SliceExpr s) {
      Eval start = s.start() == null ? null : expression(s.start(), scope);
      Eval stop = s.stop() == null ? null : expression(s.stop(), scope);
      Eval step = s.step() == null ? null : expression(s.step(), scope);
      Eval slice =
          f ->
              Attributes.slice(
                  f.render,
                  object.eval(f),
                  start == null ? null : start.eval(f),
                  stop == null ? null : stop.eval(f),
                  step == null ? null : step.eval(f));
      return isConstant(node) ? f -> constantSlice(f, node, object, slice) : slice;
    }
    Eval item = expression(node.item(), scope);
    return f -> Attributes.item(f.render, object.eval(f), item.eval(f));
  }

  /** Jinja folds constants, and in folding a slice of what has none is undefined, no error. */
  private static Object constantSlice(Frame f, Node.GetItem node, Eval object, Eval slice) {
    object.eval(f); // its own errors stay errors
    try {
      return slice.eval(f);
    } catch (PyError e) {
      if (e.kind() == PyError.Kind.TYPE) {
        return Undefined.hint("line " + node.line() + " slices what has no slices");
      }
      throw e;
    }
  }

  private static boolean isConstant(Node node) {
    if (node instanceof Node.Name || node instanceof Node.Call) {
      return false;
    }
    for (Node child : Node.children(node)) {
      if (!isConstant(child)) {
        return false;
      }
    }
    return true;
  }

  private Eval compare(Node.Compare node, Scope scope) {
    Eval first = expression(node.first(), scope);
    Eval[] others = all(node.others(), scope);
    String[] operators = node.operators().toArray(new String[0]);
    return f -> {
      Object left = first.eval(f);
      for (int i = 0; i < others.length; i++) {
        Object right = others[i].eval(f);
        if (!Types.compare(f.render, operators[i], left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    };
  }

  private Eval binary(Node.Binary node, Scope scope) {
    Eval left = expression(node.left(), scope);
    Eval right = expression(node.right(), scope);
    String operator = node.operator();
    return switch (operator) {
      case "and" ->
          f -> {
            Object value = left.eval(f);
            return Types.truth(value) ? right.eval(f) : value;
          };
      case "or" ->
          f -> {
            Object value = left.eval(f);
            return Types.truth(value) ? value : right.eval(f);
          };
      default -> f -> Arithmetic.binary(f.render, operator, left.eval(f), right.eval(f));
    };
  }

  /** The arguments of a call, evaluated. */
  interface Arguments {
    Args eval(Frame frame);
  }

  final Arguments arguments(Node.Arguments node, Scope scope) {
    Eval[] positional = all(node.positional(), scope);
    Eval[] named = all(node.named(), scope);
    Str[] names = node.names().stream().map(Str::of).toArray(Str[]::new);
    Eval rest = node.rest() == null ? null : expression(node.rest(), scope);
    Eval restNamed = node.restNamed() == null ? null : expression(node.restNamed(), scope);
    return f -> {
      Args args = new Args();
      for (Eval one : positional) {
        args.positional.add(one.eval(f));
      }
      for (int i = 0; i < named.length; i++) {
        args.named.put(names[i], named[i].eval(f));
      }
      if (rest != null) {
        args.positional.addAll(Types.list(f.render, rest.eval(f)));
      }
      if (restNamed != null) {
        spread(args, restNamed.eval(f));
      }
      return args;
    };
  }

  private static void spread(Args args, Object value) {
    if (!(value instanceof PyDict dict)) {
      throw PyError.type("argument after ** must be a mapping, not " + Types.name(value));
    }
    for (PyDict.Entry e : dict.entries()) {
      if (!(e.key() instanceof Str key)) {
        throw PyError.type("keywords must be strings");
      }
      if (args.named.put(key, e.value()) != null) {
        throw PyError.type("got multiple values for keyword argument " + Repr.quote(key.chars));
      }
    }
  }

  /** A filter; {@code block} gives the value of one without, in a filter block. */
  final Eval filter(Node.Filter node, Scope scope, @Nullable Eval block) {
    Eval value =
        node.value() == null
            ? java.util.Objects.requireNonNull(block)
            : node.value() instanceof Node.Filter inner
                ? filter(inner, scope, block)
                : expression(node.value(), scope);
    Arguments arguments = arguments(node.arguments(), scope);
    Filters.Filter filter = Filters.ALL.get(node.name());
    int line = node.line();
    if (filter == null) {
      return unknown("filter", node.name(), line, scope);
    }
    if (node.arguments() == Node.Arguments.NONE) {
      return f -> filter.apply(f.render, value.eval(f), new Args());
    }
    return f -> {
      Object input = value.eval(f);
      Args args = arguments.eval(f);
      f.render.line = line;
      return filter.apply(f.render, input, args);
    };
  }

  private Eval test(Node.Test node, Scope scope) {
    Eval value = expression(node.value(), scope);
    Arguments arguments = arguments(node.arguments(), scope);
    Tests.Test test = Tests.ALL.get(node.name());
    if (test == null) {
      return unknown("test", node.name(), node.line(), scope);
    }
    return f -> {
      Object input = value.eval(f);
      return test.apply(f.render, input, arguments.eval(f));
    };
  }

  private static Eval unknown(String kind, String name, int line, Scope scope) {
    if (!scope.soft()) {
      throw new SyntaxError("No " + kind + " named " + Repr.quote(name) + ".", line);
    }
    return f -> {
      throw PyError.runtime("No " + kind + " named " + Repr.quote(name) + " found.");
    };
  }

  private Eval call(Node.Call node, Scope scope) {
    Eval callee = expression(node.callee(), scope);
    Arguments arguments = arguments(node.arguments(), scope);
    int line = node.line();
    return f -> call(f, line, callee.eval(f), arguments.eval(f));
  }

  static Object call(Frame f, int line, Object callee, Args args) {
    f.render.step();
    f.render.line = line;
    if (callee instanceof Callable function) {
      Object out = function.call(f.render, args);
      f.render.line = line;
      return out;
    }
    if (callee instanceof Undefined u) {
      throw u.error();
    }
    throw PyError.type(Repr.quote(Types.name(callee)) + " object is not callable");
  }

  /** For maps of names to values that blocks may see. */
  static void export(Map<String, Object> to, String name, Object value) {
    to.put(name, value);
  }
}
