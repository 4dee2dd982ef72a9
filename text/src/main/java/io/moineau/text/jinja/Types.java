package io.moineau.text.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** What Python asks of every value: its type, truth, length, items, equality, order and hash. */
final class Types {
  /** How deep values may nest when they are compared or printed. */
  static final int MAX_DEPTH = 600;

  private Types() {}

  static String name(Object value) {
    return switch (value) {
      case None n -> "NoneType";
      case Boolean b -> "bool";
      case Long l -> "int";
      case BigInteger b -> "int";
      case Double d -> "float";
      case Str s -> s.markup ? "Markup" : "str";
      case PyList l -> "list";
      case PyTuple t -> t.group() ? "_GroupTuple" : "tuple";
      case PyDict d -> "dict";
      case DictView v -> "dict_" + v.kind();
      case PyRange r -> "range";
      case PyIterator i -> i.typeName();
      case PyBytes b -> "bytes";
      case Undefined u -> "Undefined";
      case Namespace n -> "Namespace";
      case Loop l -> "LoopContext";
      case MacroValue m -> "Macro";
      case Globals.Cycler c -> "Cycler";
      case Globals.Joiner j -> "Joiner";
      case Callable.Builtin b -> b.type();
      default -> value.getClass().getSimpleName();
    };
  }

  /** With its module, where that is not Python's own. */
  static String qualifiedName(Object value) {
    return switch (value) {
      case Namespace n -> "jinja2.utils.Namespace";
      case Loop l -> "jinja2.runtime.LoopContext";
      case MacroValue m -> "jinja2.runtime.Macro";
      case Globals.Cycler c -> "jinja2.utils.Cycler";
      case Globals.Joiner j -> "jinja2.utils.Joiner";
      case Str s when s.markup -> "markupsafe.Markup";
      default -> name(value);
    };
  }

  static boolean truth(Object value) {
    return switch (value) {
      case Boolean b -> b;
      case Str s -> !s.isEmpty();
      case None n -> false;
      case Undefined u -> false;
      case Long l -> l != 0;
      case Double d -> d != 0;
      case PyList l -> !l.items.isEmpty();
      case PyDict d -> d.size() > 0;
      case PyTuple t -> !t.items().isEmpty();
      case DictView v -> v.dict().size() > 0;
      case PyRange r -> r.length() > 0;
      case PyBytes b -> b.bytes().length > 0;
      case Loop l -> l.length() > 0;
      default -> true;
    };
  }

  /** Python's {@code len}, or -1 if it has none. */
  static int lengthOrNone(Object value) {
    return switch (value) {
      case Str s -> s.length();
      case PyList l -> l.items.size();
      case PyTuple t -> t.items().size();
      case PyDict d -> d.size();
      case DictView v -> v.dict().size();
      case PyRange r -> r.length();
      case PyBytes b -> b.bytes().length;
      case Undefined u -> 0;
      case Loop l -> l.length();
      default -> -1;
    };
  }

  static int length(Object value) {
    int length = lengthOrNone(value);
    if (length < 0) {
      throw PyError.type("object of type " + Repr.quote(name(value)) + " has no len()");
    }
    return length;
  }

  static boolean isIterable(Object value) {
    return value instanceof Iterable<?>
        || value instanceof Str
        || value instanceof Undefined
        || value instanceof PyBytes
        || value instanceof Loop;
  }

  @SuppressWarnings("unchecked")
  static Iterator<Object> iterate(Object value) {
    return switch (value) {
      case Iterable<?> i -> (Iterator<Object>) i.iterator();
      case Str s -> characters(s);
      case Undefined u -> Collections.emptyIterator();
      case Loop l -> l.rounds();
      case PyBytes b -> {
        List<Object> out = new ArrayList<>();
        for (byte x : b.bytes()) {
          out.add((long) (x & 255));
        }
        yield out.iterator();
      }
      default -> throw PyError.type(Repr.quote(name(value)) + " object is not iterable");
    };
  }

  private static Iterator<Object> characters(Str s) {
    return new Iterator<>() {
      private int at;

      @Override
      public boolean hasNext() {
        return at < s.chars.length();
      }

      @Override
      public Object next() {
        int end = at + Character.charCount(s.chars.codePointAt(at));
        Str one = s.sub(at, end).withMarkup(false);
        at = end;
        return one;
      }
    };
  }

  /** Python's {@code list(value)}; the list belongs to the caller. */
  static List<Object> list(Render render, Object value) {
    Iterator<Object> items = iterate(value);
    List<Object> out = new ArrayList<>(Math.max(4, Math.min(lengthOrNone(value), 1 << 16)));
    while (items.hasNext()) {
      render.charge(8);
      out.add(items.next());
    }
    return out;
  }

  static boolean equal(Render render, Object a, Object b) {
    return equal(render, a, b, 0);
  }

  private static boolean equal(Render render, Object a, Object b, int depth) {
    if (a == b) {
      return !Numbers.isNan(a);
    }
    if (a instanceof Str x) {
      return b instanceof Str y && x.chars.equals(y.chars);
    }
    if (Numbers.isNumber(a)) {
      return Numbers.isNumber(b)
          && !Numbers.isNan(a)
          && !Numbers.isNan(b)
          && Numbers.compare(a, b) == 0;
    }
    if (depth > MAX_DEPTH) {
      throw PyError.limit("values nested deeper than " + MAX_DEPTH);
    }
    return switch (a) {
      case Undefined u -> b instanceof Undefined;
      case PyList x -> b instanceof PyList y && equalItems(render, x.items, y.items, depth);
      case PyTuple x -> b instanceof PyTuple y && equalItems(render, x.items(), y.items(), depth);
      case PyDict x -> b instanceof PyDict y && equalDicts(render, x, y, depth);
      case PyRange x ->
          b instanceof PyRange y && equalItems(render, list(render, x), list(render, y), depth);
      case PyBytes x -> b instanceof PyBytes y && java.util.Arrays.equals(x.bytes(), y.bytes());
      case DictView x when !x.kind().equals("values") ->
          b instanceof DictView y
              && y.kind().equals(x.kind())
              && x.dict().size() == y.dict().size()
              && containsAll(render, x.list(), y.list(), depth);
      default -> false;
    };
  }

  private static boolean equalItems(Render render, List<Object> a, List<Object> b, int depth) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      render.charge(64);
      Object x = a.get(i);
      Object y = b.get(i);
      if (x != y && !equal(render, x, y, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  private static boolean equalDicts(Render render, PyDict a, PyDict b, int depth) {
    if (a.size() != b.size()) {
      return false;
    }
    for (PyDict.Entry e : a.entries()) {
      render.charge(64);
      Object other = b.get(render, e.key());
      if (other == null || other != e.value() && !equal(render, e.value(), other, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  private static boolean containsAll(Render render, List<Object> a, List<Object> b, int depth) {
    for (Object x : a) {
      boolean found = false;
      for (Object y : b) {
        render.charge(64);
        found = found || x == y || equal(render, x, y, depth + 1);
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }

  /** Python's {@code a < b} and the like, by {@code operator}. */
  static boolean compare(Render render, String operator, Object a, Object b) {
    return switch (operator) {
      case "==" -> equal(render, a, b);
      case "!=" -> !equal(render, a, b);
      case "in" -> contains(render, b, a);
      case "not in" -> !contains(render, b, a);
      default -> {
        if (Numbers.isNan(a) && Numbers.isNumber(b) || Numbers.isNan(b) && Numbers.isNumber(a)) {
          yield false;
        }
        int order = order(render, operator, a, b, 0);
        yield switch (operator) {
          case "<" -> order < 0;
          case "<=" -> order <= 0;
          case ">" -> order > 0;
          default -> order >= 0;
        };
      }
    };
  }

  static int order(Render render, String operator, Object a, Object b, int depth) {
    if (a instanceof Str x && b instanceof Str y) {
      return x.compareTo(y);
    }
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      return Numbers.compare(a, b);
    }
    if (a instanceof Undefined u) {
      throw u.error();
    }
    if (b instanceof Undefined u) {
      throw u.error();
    }
    if (depth > MAX_DEPTH) {
      throw PyError.limit("values nested deeper than " + MAX_DEPTH);
    }
    if (a instanceof PyList x && b instanceof PyList y) {
      return orderItems(render, operator, x.items, y.items, depth);
    }
    if (a instanceof PyTuple x && b instanceof PyTuple y) {
      return orderItems(render, operator, x.items(), y.items(), depth);
    }
    throw PyError.type(
        Repr.quote(operator)
            + " not supported between instances of "
            + Repr.quote(name(a))
            + " and "
            + Repr.quote(name(b)));
  }

  private static int orderItems(
      Render render, String operator, List<Object> a, List<Object> b, int depth) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      render.charge(64);
      Object x = a.get(i);
      Object y = b.get(i);
      if (x != y && !equal(render, x, y, depth + 1)) {
        return order(render, operator, x, y, depth + 1);
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  /** Python's {@code item in container}. */
  static boolean contains(Render render, Object container, Object item) {
    switch (container) {
      case Str s -> {
        if (!(item instanceof Str part)) {
          if (item instanceof Undefined || !(item instanceof Str)) {
            throw PyError.type("'in <string>' requires string as left operand, not " + name(item));
          }
          return false;
        }
        render.chargeSearch(s.chars, part.chars);
        return s.chars.contains(part.chars);
      }
      case PyDict d -> {
        return d.get(render, item) != null;
      }
      case DictView v when v.kind().equals("keys") -> {
        return v.dict().get(render, item) != null;
      }
      default -> {}
    }
    if (!isIterable(container)) {
      throw PyError.type("argument of type " + Repr.quote(name(container)) + " is not iterable");
    }
    Iterator<Object> items = iterate(container);
    while (items.hasNext()) {
      Object other = items.next();
      render.charge(64);
      if (other == item || equal(render, other, item)) {
        return true;
      }
    }
    return false;
  }

  /** A Java object that is equal for equal Python values, to be a key of a map. */
  static Object hashKey(Render render, Object value) {
    return hashKey(render, value, 0);
  }

  private static Object hashKey(Render render, Object value, int depth) {
    return switch (value) {
      case Str s -> s;
      case Long l -> l;
      case Boolean b -> b ? 1L : 0L;
      case Double d when d == Math.rint(d) && Math.abs(d) < 1e300 ->
          Numbers.normal(new java.math.BigDecimal(d).toBigInteger());
      case PyTuple t -> {
        if (depth > 50) {
          throw PyError.limit("keys nested deeper than 50");
        }
        List<Object> out = new ArrayList<>();
        for (Object item : t.items()) {
          render.charge(64);
          out.add(hashKey(render, item, depth + 1));
        }
        yield out;
      }
      case Undefined u -> Undefined.class;
      case PyList l -> throw unhashable(value);
      case PyDict d -> throw unhashable(value);
      case DictView v -> throw unhashable(value);
      default -> value;
    };
  }

  private static PyError unhashable(Object value) {
    return PyError.type("unhashable type: " + Repr.quote(name(value)));
  }
}
