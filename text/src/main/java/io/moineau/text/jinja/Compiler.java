package io.moineau.text.jinja;

import io.moineau.text.jinja.Code.Enter;
import io.moineau.text.jinja.Code.Eval;
import io.moineau.text.jinja.Code.Exec;
import io.moineau.text.jinja.Code.Frame;
import io.moineau.text.jinja.Code.Store;
import io.moineau.text.jinja.Symbols.Function;
import io.moineau.text.jinja.Symbols.Load;
import io.moineau.text.jinja.Symbols.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes closures of statements; loops and macros are in {@link LoopCompiler} and here. */
final class Compiler extends ExpressionCompiler {
  private final Map<String, Code.Block> blocks = new HashMap<>();
  private final LoopCompiler loops = new LoopCompiler(this);

  /** A compiled template and its blocks. */
  record Program(Code.Block root, Map<String, Code.Block> blocks) {}

  static Program compile(List<Node.Stmt> template) {
    Compiler compiler = new Compiler();
    return new Program(compiler.root(template), compiler.blocks);
  }

  private Code.Block root(List<Node.Stmt> body) {
    Function function = new Function(null);
    Symbols symbols = new Symbols(null, function);
    Variable self =
        Symbols.undeclared(body, Set.of("self")).isEmpty() ? null : symbols.parameter("self");
    Variable parent =
        Symbols.undeclared(body, Set.of("super")).isEmpty() ? null : symbols.find("super");
    symbols.visitAll(body);
    Scope scope = new Scope(symbols, true, false, false);
    Exec code = body(body, scope);
    Enter enter = enter(symbols, scope);
    Exec run =
        (f, out) -> {
          if (self != null) {
            f.slots[self.slot()] = blockFunctions(f.render);
          }
          if (parent != null) {
            f.slots[parent.slot()] = Undefined.hint("there is no parent block.");
          }
          enter.enter(f);
          return code.run(f, out);
        };
    return new Code.Block(function, run);
  }

  private static PyDict blockFunctions(Render render) {
    PyDict out = new PyDict();
    render.blocks.forEach((name, block) ->
        out.put(
            Str.of(name),
            new Callable.Builtin(
                name,
                "BlockReference",
                (r, a) -> {
                  StrBuilder text = new StrBuilder(r);
                  r.enter();
                  block.run(r, text);
                  r.leave();
                  return text.build();
                })));
    return out;
  }

  /** What sets the variables of {@code symbols}; made after the code that uses them. */
  Enter enter(Symbols symbols, Scope scope) {
    List<Enter> steps = new ArrayList<>();
    for (Map.Entry<Variable, Load> e : symbols.loads.entrySet()) {
      int slot = e.getKey().slot();
      Load load = e.getValue();
      switch (load.origin()) {
        case PARAMETER -> {}
        case RESOLVE -> steps.add(f -> f.slots[slot] = f.render.resolve(load.name()));
        case ALIAS -> {
          Variable outer = Objects.requireNonNull(load.outer());
          int hops = hops(scope, outer);
          steps.add(f -> f.slots[slot] = up(f, hops).slots[outer.slot()]);
        }
        case UNDEFINED -> steps.add(f -> f.slots[slot] = null);
      }
    }
    Enter[] all = steps.toArray(new Enter[0]);
    return f -> {
      for (Enter one : all) {
        one.enter(f);
      }
    };
  }

  Exec body(List<? extends Node.Stmt> nodes, Scope scope) {
    List<Exec> out = new ArrayList<>();
    for (Node.Stmt node : nodes) {
      out.add(statement(node, scope));
    }
    return Code.sequence(out);
  }

  private Exec statement(Node.Stmt node, Scope scope) {
    return switch (node) {
      case Node.Output n -> output(n, scope);
      case Node.If n -> ifBlock(n, scope.softened());
      case Node.For n -> loops.loop(n, scope);
      case Node.Assign n -> assign(n, scope);
      case Node.AssignBlock n -> assignBlock(n, scope);
      case Node.Macro n -> macro(n, scope);
      case Node.CallBlock n -> callBlock(n, scope);
      case Node.FilterBlock n -> filterBlock(n, scope);
      case Node.With n -> with(n, scope);
      case Node.Block n -> block(n);
      case Node.Autoescape n -> autoescape(n, scope);
      case Node.Load n -> load(n, scope);
      case Node.Break n -> jump(n.line(), "break", Code.BREAK, scope);
      case Node.Continue n -> jump(n.line(), "continue", Code.CONTINUE, scope);
    };
  }

  private static Exec jump(int line, String word, int end, Scope scope) {
    if (!scope.inLoop()) {
      throw new SyntaxError("'" + word + "' outside loop", line);
    }
    return (f, out) -> end;
  }

  private Exec output(Node.Output node, Scope scope) {
    List<Exec> parts = new ArrayList<>();
    for (Node.Expr part : node.parts()) {
      if (part instanceof Node.TemplateData data) {
        String text = data.data();
        parts.add((f, out) -> {
          out.append(text);
          return Code.NORMAL;
        });
      } else {
        Eval value = expression(part, scope);
        int line = part.line();
        parts.add((f, out) -> {
          f.render.line = line;
          write(f, out, value.eval(f));
          return Code.NORMAL;
        });
      }
    }
    return Code.sequence(parts);
  }

  static void write(Frame f, StrBuilder out, Object value) {
    Str text = Repr.str(f.render, value);
    out.append(f.render.autoescape ? Html.escape(f.render, text) : text);
  }

  private Exec ifBlock(Node.If node, Scope scope) {
    List<Node.If> branches = new ArrayList<>(List.of(node));
    branches.addAll(node.elifs());
    int n = branches.size();
    Eval[] tests = new Eval[n];
    Exec[] bodies = new Exec[n];
    int[] lines = new int[n];
    for (int i = 0; i < n; i++) {
      tests[i] = expression(branches.get(i).test(), scope);
      bodies[i] = body(branches.get(i).body(), scope);
      lines[i] = branches.get(i).line();
    }
    Exec otherwise = body(node.otherwise(), scope);
    return (f, out) -> {
      for (int i = 0; i < n; i++) {
        f.render.line = lines[i];
        if (Types.truth(tests[i].eval(f))) {
          return bodies[i].run(f, out);
        }
      }
      return otherwise.run(f, out);
    };
  }

  Store store(Node.Expr target, Scope scope) {
    return switch (target) {
      case Node.Name n -> {
        Variable variable = scope.symbols().ref(n.name());
        int hops = hops(scope, variable);
        int slot = variable.slot();
        String name = n.name();
        yield scope.toplevel()
            ? (f, value) -> {
              up(f, hops).slots[slot] = value;
              f.render.variables.put(name, value);
            }
            : (f, value) -> up(f, hops).slots[slot] = value;
      }
      case Node.NamespaceRef n -> {
        Variable variable = scope.symbols().ref(n.name());
        int hops = hops(scope, variable);
        int slot = variable.slot();
        Str attribute = Str.of(n.attribute());
        yield (f, value) -> namespace(up(f, hops).slots[slot]).attributes().put(attribute, value);
      }
      case Node.TupleExpr t -> {
        Store[] items = new Store[t.items().size()];
        for (int i = 0; i < items.length; i++) {
          items[i] = store(t.items().get(i), scope);
        }
        yield (f, value) -> unpack(f, value, items);
      }
      default -> throw new SyntaxError("can't assign to that expression", target.line());
    };
  }

  static Namespace namespace(@Nullable Object value) {
    if (value instanceof Namespace n) {
      return n;
    }
    throw PyError.runtime("cannot assign attribute on non-namespace object");
  }

  private static void unpack(Frame f, Object value, Store[] targets) {
    if (!Types.isIterable(value)) {
      throw PyError.type("cannot unpack non-iterable " + Types.name(value) + " object");
    }
    Iterator<Object> items = Types.iterate(value);
    Object[] taken = new Object[targets.length];
    for (int i = 0; i < targets.length; i++) {
      if (!items.hasNext()) {
        throw PyError.value(
            "not enough values to unpack (expected " + targets.length + ", got " + i + ")");
      }
      taken[i] = items.next();
    }
    if (items.hasNext()) {
      throw PyError.value("too many values to unpack (expected " + targets.length + ")");
    }
    for (int i = 0; i < targets.length; i++) {
      targets[i].store(f, taken[i]);
    }
  }

  private Exec assign(Node.Assign node, Scope scope) {
    Eval value = expression(node.value(), scope);
    Store target = store(node.target(), scope);
    List<Variable> spaces = new ArrayList<>();
    namespaces(node.target(), scope, spaces);
    int line = node.line();
    return (f, out) -> {
      f.render.line = line;
      for (Variable space : spaces) {
        namespace(up(f, hops(scope, space)).slots[space.slot()]);
      }
      target.store(f, value.eval(f));
      return Code.NORMAL;
    };
  }

  private static void namespaces(Node node, Scope scope, List<Variable> out) {
    if (node instanceof Node.NamespaceRef n) {
      out.add(scope.symbols().ref(n.name()));
    }
    for (Node child : Node.children(node)) {
      namespaces(child, scope, out);
    }
  }

  private Exec assignBlock(Node.AssignBlock node, Scope scope) {
    Symbols symbols = new Symbols(scope.symbols(), scope.symbols().function);
    symbols.visitAll(node.body());
    Scope inner = scope.inner(symbols);
    Exec body = body(node.body(), inner);
    int buffer = symbols.function.slots++;
    Eval text = f -> Objects.requireNonNull(f.slots[buffer]);
    Eval value = node.filter() == null ? text : filter(node.filter(), inner, text);
    Enter enter = enter(symbols, inner);
    Store target = store(node.target(), scope);
    int line = node.line();
    return (f, out) -> {
      enter.enter(f);
      StrBuilder block = new StrBuilder(f.render);
      int end = body.run(f, block);
      if (end != Code.NORMAL) {
        return end;
      }
      f.render.line = line;
      f.slots[buffer] = block.build();
      Object result = value.eval(f);
      target.store(f, f.render.autoescape ? Repr.str(f.render, result).withMarkup(true) : result);
      return Code.NORMAL;
    };
  }

  private Exec filterBlock(Node.FilterBlock node, Scope scope) {
    Symbols symbols = new Symbols(scope.symbols(), scope.symbols().function);
    symbols.visitAll(node.body());
    symbols.visit(node.filter());
    Scope inner = scope.inner(symbols);
    Exec body = body(node.body(), inner);
    int buffer = symbols.function.slots++;
    Eval value = filter(node.filter(), inner, f -> Objects.requireNonNull(f.slots[buffer]));
    Enter enter = enter(symbols, inner);
    int line = node.line();
    return (f, out) -> {
      enter.enter(f);
      StrBuilder block = new StrBuilder(f.render);
      int end = body.run(f, block);
      if (end != Code.NORMAL) {
        return end;
      }
      f.render.line = line;
      f.slots[buffer] = block.build().withMarkup(f.render.autoescape);
      Object result = value.eval(f);
      if (!(result instanceof Str text)) {
        throw PyError.type("a filter block gives str, not " + Types.name(result));
      }
      out.append(text);
      return Code.NORMAL;
    };
  }

  private Exec with(Node.With node, Scope scope) {
    Symbols symbols = new Symbols(scope.symbols(), scope.symbols().function);
    symbols.visitAll(node.targets());
    symbols.visitAll(node.body());
    Scope inner = scope.inner(symbols);
    Exec body = body(node.body(), inner);
    int n = node.targets().size();
    Store[] targets = new Store[n];
    for (int i = 0; i < n; i++) {
      targets[i] = store(node.targets().get(i), inner);
    }
    Eval[] values = all(node.values(), scope);
    Enter enter = enter(symbols, inner);
    int line = node.line();
    return (f, out) -> {
      f.render.line = line;
      enter.enter(f);
      for (int i = 0; i < n; i++) {
        targets[i].store(f, values[i].eval(f));
      }
      return body.run(f, out);
    };
  }

  private Exec autoescape(Node.Autoescape node, Scope scope) {
    Symbols symbols = new Symbols(scope.symbols(), scope.symbols().function);
    symbols.visit(node.value());
    symbols.visitAll(node.body());
    Scope inner = scope.inner(symbols);
    Eval value = expression(node.value(), inner);
    Exec body = body(node.body(), inner);
    Enter enter = enter(symbols, inner);
    return (f, out) -> {
      enter.enter(f);
      boolean before = f.render.autoescape;
      f.render.autoescape = Types.truth(value.eval(f));
      int end = body.run(f, out);
      f.render.autoescape = before;
      return end;
    };
  }

  private Exec block(Node.Block node) {
    if (blocks.containsKey(node.name())) {
      throw new SyntaxError("block " + Repr.quote(node.name()) + " defined twice", node.line());
    }
    blocks.put(node.name(), new Code.Block(new Function(null), (f, out) -> Code.NORMAL));
    Code.Block code = root(node.body());
    blocks.put(node.name(), code);
    String name = node.name();
    boolean required = node.required();
    return (f, out) -> {
      if (required) {
        throw PyError.runtime("Required block " + Repr.quote(name) + " not found");
      }
      f.render.enter();
      code.run(f.render, out);
      f.render.leave();
      return Code.NORMAL;
    };
  }

  private Exec load(Node.Load node, Scope scope) {
    if (node.tag().equals("extends") && !scope.toplevel()) {
      throw new SyntaxError("cannot use extend from a non top-level scope", node.line());
    }
    Eval template = expression(node.template(), scope);
    String message =
        "the tag '" + node.tag() + "' loads another template, and a chat template stands alone";
    int line = node.line();
    return (f, out) -> {
      f.render.line = line;
      template.eval(f);
      throw PyError.type(message);
    };
  }

  /** The code of a macro or call block: makes its value when it is reached. */
  private interface MacroCode {
    MacroValue make(Frame frame);
  }

  private MacroCode macroCode(
      String name,
      int line,
      List<Node.Name> args,
      List<Node.Expr> defaults,
      List<Node.Stmt> body,
      Scope outer) {
    Function function = new Function(outer.symbols().function);
    Symbols symbols = new Symbols(outer.symbols(), function);
    symbols.visitAll(args);
    symbols.visitAll(defaults);
    symbols.visitAll(body);
    List<String> names = new ArrayList<>();
    List<Variable> parameters = new ArrayList<>();
    for (Node.Name arg : args) {
      names.add(arg.name());
      parameters.add(symbols.ref(arg.name()));
    }
    Set<String> used = Symbols.undeclared(body, Set.of("caller", "kwargs", "varargs"));
    int explicit = names.indexOf("caller");
    if (used.contains("caller") && explicit >= 0 && args.size() - explicit > defaults.size()) {
      throw new SyntaxError(
          "When defining macros or call blocks the special \"caller\" argument must be omitted"
              + " or be given a default.",
          line);
    }
    for (String special : List.of("caller", "kwargs", "varargs")) {
      if (used.contains(special) && !names.contains(special)) {
        parameters.add(symbols.parameter(special));
      }
    }
    Scope scope = new Scope(symbols, false, false, false);
    Eval[] values = all(defaults, scope);
    Exec code = body(body, scope);
    Enter enter = enter(symbols, scope);
    int[] slots = parameters.stream().mapToInt(Variable::slot).toArray();
    int first = names.size() - values.length; // the first parameter that has a default
    boolean kwargs = used.contains("kwargs") && !names.contains("kwargs");
    boolean varargs = used.contains("varargs") && !names.contains("varargs");
    return defined ->
        new MacroValue(
            name,
            names,
            used.contains("caller"),
            kwargs,
            varargs,
            (render, arguments) -> {
              render.enter();
              Frame f = new Frame(function, defined, render);
              for (int i = 0; i < slots.length; i++) {
                f.slots[slots[i]] = arguments[i];
              }
              enter.enter(f);
              for (int i = 0; i < names.size(); i++) {
                if (f.slots[slots[i]] == null) {
                  f.slots[slots[i]] =
                      i >= first
                          ? values[i - first].eval(f)
                          : Undefined.hint(
                              "parameter " + Repr.quote(names.get(i)) + " was not provided");
                }
              }
              StrBuilder out = new StrBuilder(render);
              code.run(f, out);
              render.leave();
              return out.build().withMarkup(render.autoescape);
            });
  }

  private Exec macro(Node.Macro node, Scope scope) {
    MacroCode code =
        macroCode(node.name(), node.line(), node.args(), node.defaults(), node.body(), scope);
    Store target = store(new Node.Name(node.line(), node.name(), Node.Use.STORE), scope);
    return (f, out) -> {
      target.store(f, code.make(f));
      return Code.NORMAL;
    };
  }

  private Exec callBlock(Node.CallBlock node, Scope scope) {
    MacroCode code = macroCode("", node.line(), node.args(), node.defaults(), node.body(), scope);
    int line = node.line();
    if (node.call() == null) {
      return (f, out) -> {
        int start = out.length();
        write(f, out, call(f, line, code.make(f), new Args()));
        f.render.generated(out, start);
        return Code.NORMAL;
      };
    }
    Eval callee = expression(node.call().callee(), scope);
    Arguments arguments = arguments(node.call().arguments(), scope);
    Str name = Str.of("caller");
    return (f, out) -> {
      Args args = arguments.eval(f);
      args.named.put(name, code.make(f));
      out.append(Repr.str(f.render, call(f, line, callee.eval(f), args)));
      return Code.NORMAL;
    };
  }
}
