package io.moineau.text.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The syntax tree of a template: the node kinds of Jinja2's {@code nodes.py}, by its names. */
sealed interface Node {
  /** The line of the source, from 1. */
  int line();

  /** A node that has a value. */
  sealed interface Expr extends Node {}

  /** A node that is executed. */
  sealed interface Stmt extends Node {}

  /** How a name is used. */
  enum Use {
    LOAD,
    STORE,
    PARAM
  }

  record Name(int line, String name, Use use) implements Expr {}

  record NamespaceRef(int line, String name, String attribute) implements Expr {}

  record Const(int line, Object value) implements Expr {}

  record TemplateData(int line, String data) implements Expr {}

  record TupleExpr(int line, List<Expr> items) implements Expr {}

  record ListExpr(int line, List<Expr> items) implements Expr {}

  record DictExpr(int line, List<Expr> keys, List<Expr> values) implements Expr {}

  record CondExpr(int line, Expr test, Expr then, @Nullable Expr otherwise) implements Expr {}

  /** Arguments of a call, filter or test. */
  record Arguments(
      List<Expr> positional,
      List<String> names,
      List<Expr> named,
      @Nullable Expr rest,
      @Nullable Expr restNamed) {
    static final Arguments NONE = new Arguments(List.of(), List.of(), List.of(), null, null);
  }

  record Filter(int line, @Nullable Expr value, String name, Arguments arguments) implements Expr {}

  record Test(int line, Expr value, String name, Arguments arguments) implements Expr {}

  record Call(int line, Expr callee, Arguments arguments) implements Expr {}

  record GetItem(int line, Expr object, Expr item) implements Expr {}

  record GetAttr(int line, Expr object, String attribute) implements Expr {}

  record SliceExpr(int line, @Nullable Expr start, @Nullable Expr stop, @Nullable Expr step)
      implements Expr {}

  record Concat(int line, List<Expr> parts) implements Expr {}

  record Compare(int line, Expr first, List<String> operators, List<Expr> others) implements Expr {}

  record Binary(int line, String operator, Expr left, Expr right) implements Expr {}

  record Unary(int line, String operator, Expr value) implements Expr {}

  record Output(int line, List<Expr> parts) implements Stmt {}

  record For(
      int line,
      Expr target,
      Expr iter,
      List<Stmt> body,
      List<Stmt> otherwise,
      @Nullable Expr test,
      boolean recursive)
      implements Stmt {}

  record If(int line, Expr test, List<Stmt> body, List<If> elifs, List<Stmt> otherwise)
      implements Stmt {}

  record Macro(int line, String name, List<Name> args, List<Expr> defaults, List<Stmt> body)
      implements Stmt {}

  /** A call with a block; {@code generation} marks the tag of that name, which calls its body. */
  record CallBlock(
      int line, @Nullable Call call, List<Name> args, List<Expr> defaults, List<Stmt> body)
      implements Stmt {}

  record FilterBlock(int line, List<Stmt> body, Filter filter) implements Stmt {}

  record With(int line, List<Expr> targets, List<Expr> values, List<Stmt> body) implements Stmt {}

  record Block(int line, String name, List<Stmt> body, boolean scoped, boolean required)
      implements Stmt {}

  record Assign(int line, Expr target, Expr value) implements Stmt {}

  record AssignBlock(int line, Expr target, @Nullable Filter filter, List<Stmt> body)
      implements Stmt {}

  record Autoescape(int line, Expr value, List<Stmt> body) implements Stmt {}

  record Break(int line) implements Stmt {}

  record Continue(int line) implements Stmt {}

  /** {@code extends}, {@code include}, {@code import} or {@code from}: there is nothing to load. */
  record Load(int line, String tag, Expr template, List<String> targets) implements Stmt {}

  /** The nodes below one, in the order in which Jinja visits them. */
  static List<Node> children(Node node) {
    List<Node> out = new ArrayList<>();
    switch (node) {
      case Name n -> {}
      case NamespaceRef n -> {}
      case Const n -> {}
      case TemplateData n -> {}
      case Break n -> {}
      case Continue n -> {}
      case TupleExpr n -> out.addAll(n.items());
      case ListExpr n -> out.addAll(n.items());
      case DictExpr n -> {
        for (int i = 0; i < n.keys().size(); i++) {
          out.add(n.keys().get(i));
          out.add(n.values().get(i));
        }
      }
      case CondExpr n -> addAll(out, n.test(), n.then(), n.otherwise());
      case Filter n -> {
        addAll(out, n.value());
        addArguments(out, n.arguments());
      }
      case Test n -> {
        out.add(n.value());
        addArguments(out, n.arguments());
      }
      case Call n -> {
        out.add(n.callee());
        addArguments(out, n.arguments());
      }
      case GetItem n -> addAll(out, n.object(), n.item());
      case GetAttr n -> out.add(n.object());
      case SliceExpr n -> addAll(out, n.start(), n.stop(), n.step());
      case Concat n -> out.addAll(n.parts());
      case Compare n -> {
        out.add(n.first());
        out.addAll(n.others());
      }
      case Binary n -> addAll(out, n.left(), n.right());
      case Unary n -> out.add(n.value());
      case Output n -> out.addAll(n.parts());
      case For n -> {
        addAll(out, n.target(), n.iter());
        out.addAll(n.body());
        out.addAll(n.otherwise());
        addAll(out, n.test());
      }
      case If n -> {
        out.add(n.test());
        out.addAll(n.body());
        out.addAll(n.elifs());
        out.addAll(n.otherwise());
      }
      case Macro n -> {
        out.addAll(n.args());
        out.addAll(n.defaults());
        out.addAll(n.body());
      }
      case CallBlock n -> {
        addAll(out, n.call());
        out.addAll(n.args());
        out.addAll(n.defaults());
        out.addAll(n.body());
      }
      case FilterBlock n -> {
        out.addAll(n.body());
        out.add(n.filter());
      }
      case With n -> {
        out.addAll(n.targets());
        out.addAll(n.values());
        out.addAll(n.body());
      }
      case Block n -> out.addAll(n.body());
      case Assign n -> addAll(out, n.target(), n.value());
      case AssignBlock n -> {
        addAll(out, n.target(), n.filter());
        out.addAll(n.body());
      }
      case Autoescape n -> {
        out.add(n.value());
        out.addAll(n.body());
      }
      case Load n -> out.add(n.template());
    }
    return out;
  }

  private static void addAll(List<Node> out, @Nullable Node... nodes) {
    for (Node node : nodes) {
      if (node != null) {
        out.add(node);
      }
    }
  }

  private static void addArguments(List<Node> out, Arguments arguments) {
    out.addAll(arguments.positional());
    out.addAll(arguments.named());
    addAll(out, arguments.rest(), arguments.restNamed());
  }
}
