package io.moineau.text.jinja;

import io.moineau.text.jinja.Code.Enter;
import io.moineau.text.jinja.Code.Eval;
import io.moineau.text.jinja.Code.Exec;
import io.moineau.text.jinja.Code.Frame;
import io.moineau.text.jinja.Code.Store;
import io.moineau.text.jinja.ExpressionCompiler.Scope;
import io.moineau.text.jinja.Symbols.Function;
import io.moineau.text.jinja.Symbols.Variable;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes closures of {@code for}. */
final class LoopCompiler {
  private final Compiler compiler;

  LoopCompiler(Compiler compiler) {
    this.compiler = compiler;
  }

  Exec loop(Node.For node, Scope scope) {
    checkLoopName(node);
    Symbols outer = scope.symbols();
    Function function = node.recursive() ? new Function(outer.function) : outer.function;
    Symbols symbols = new Symbols(outer, function);
    boolean usesLoop =
        node.recursive() || !Symbols.undeclared(node.body(), Set.of("loop")).isEmpty();
    Variable loopVariable = usesLoop ? symbols.parameter("loop") : null;
    symbols.visitParameters(node.target());
    symbols.visitAll(node.body());
    Scope inside = new Scope(symbols, false, false, true);
    Symbols elseSymbols = new Symbols(outer, function);
    elseSymbols.visitAll(node.otherwise());
    Scope elseScope = new Scope(elseSymbols, false, false, scope.inLoop() && !node.recursive());

    Rounds rounds =
        new Rounds(
            filter(node, outer, function),
            compiler.store(node.target(), inside),
            loopVariable == null ? -1 : loopVariable.slot(),
            compiler.body(node.body(), inside),
            compiler.enter(symbols, inside),
            node.otherwise().isEmpty() ? null : compiler.body(node.otherwise(), elseScope),
            compiler.enter(elseSymbols, elseScope));
    Eval iter = compiler.expression(node.iter(), scope);
    int line = node.line();
    if (!node.recursive()) {
      return (f, out) -> {
        f.render.line = line;
        return rounds.run(f, out, iter.eval(f), null, 0);
      };
    }
    return (f, out) -> {
      f.render.line = line;
      Loop.Recursion[] self = new Loop.Recursion[1];
      self[0] =
          (items, depth) -> {
            f.render.enter();
            StrBuilder text = new StrBuilder(f.render);
            Frame inner = new Frame(function, f, f.render);
            rounds.run(inner, text, items, self[0], depth);
            f.render.leave();
            return text.build().withMarkup(f.render.autoescape);
          };
      out.append((Str) self[0].run(iter.eval(f), 0));
      return Code.NORMAL;
    };
  }

  private static void checkLoopName(Node node) {
    if (node instanceof Node.Name n && n.use() == Node.Use.STORE && n.name().equals("loop")) {
      throw new SyntaxError("Can't assign to special loop variable in for-loop target", n.line());
    }
    for (Node child : Node.children(node)) {
      checkLoopName(child);
    }
  }

  /** The items that pass the test of a loop. */
  private interface Filter {
    Iterator<Object> apply(Frame frame, Iterator<Object> items);
  }

  private @Nullable Filter filter(Node.For node, Symbols outer, Function function) {
    if (node.test() == null) {
      return null;
    }
    Symbols symbols = new Symbols(outer, function);
    symbols.visitParameters(node.target());
    symbols.visit(node.test());
    Scope scope = new Scope(symbols, false, false, false);
    Store target = compiler.store(node.target(), scope);
    Eval test = compiler.expression(node.test(), scope);
    Enter enter = compiler.enter(symbols, scope);
    return (f, items) ->
        new Iterator<>() {
          private @Nullable Object next;
          private boolean entered;

          @Override
          public boolean hasNext() {
            if (!entered) {
              enter.enter(f);
              entered = true;
            }
            while (next == null && items.hasNext()) {
              f.render.step();
              Object item = items.next();
              target.store(f, item);
              if (Types.truth(test.eval(f))) {
                next = item;
              }
            }
            return next != null;
          }

          @Override
          public Object next() {
            if (!hasNext() || next == null) {
              throw new NoSuchElementException();
            }
            Object out = next;
            next = null;
            return out;
          }
        };
  }

  /** Runs the body once for each item. */
  private record Rounds(
      @Nullable Filter filter,
      Store target,
      int loopSlot,
      Exec body,
      Enter enter,
      @Nullable Exec otherwise,
      Enter enterElse) {
    int run(Frame f, StrBuilder out, Object items, Loop.@Nullable Recursion recursion, int depth) {
      Object source =
          filter == null
              ? items
              : new PyIterator("generator", filter.apply(f, Types.iterate(items)));
      Loop loop = new Loop(source, Types.lengthOrNone(source), recursion, depth);
      boolean none = true; // as in Jinja, a round that ends early does not count
      Object item;
      while ((item = loop.next()) != null) {
        f.render.step();
        target.store(f, item);
        if (loopSlot >= 0) {
          f.slots[loopSlot] = loop;
        }
        enter.enter(f);
        int end = body.run(f, out);
        if (end == Code.BREAK) {
          break;
        }
        none &= end != Code.NORMAL;
      }
      if (none && otherwise != null) {
        enterElse.enter(f);
        return otherwise.run(f, out);
      }
      return Code.NORMAL;
    }
  }
}
