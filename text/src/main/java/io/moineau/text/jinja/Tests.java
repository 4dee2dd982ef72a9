package io.moineau.text.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Jinja's tests, the words after {@code is}. */
final class Tests {
  /** Whether a value passes. */
  interface Test {
    Object apply(Render render, Object value, Args args);
  }

  static final Map<String, Test> ALL = new HashMap<>();

  static {
    plain("defined", v -> !(v instanceof Undefined));
    plain("undefined", v -> v instanceof Undefined);
    plain("none", v -> v == None.NONE);
    plain("boolean", v -> v instanceof Boolean);
    plain("false", v -> Boolean.FALSE.equals(v));
    plain("true", v -> Boolean.TRUE.equals(v));
    plain("integer", v -> Numbers.isInt(v) && !(v instanceof Boolean));
    plain("float", v -> v instanceof Double);
    plain("number", Numbers::isNumber);
    plain("string", v -> v instanceof Str);
    plain("mapping", v -> v instanceof PyDict);
    plain("iterable", Types::isIterable);
    plain("callable", v -> v instanceof Callable || v instanceof Undefined);
    plain("escaped", v -> v instanceof Str s && s.markup);
    plain(
        "sequence",
        v ->
            v instanceof Str
                || v instanceof Undefined
                || v instanceof PyList
                || v instanceof PyTuple
                || v instanceof PyDict
                || v instanceof PyRange
                || v instanceof PyBytes);
    ALL.put("lower", (r, v, a) -> StrCase.isLower(Repr.str(r, v).chars));
    ALL.put("upper", (r, v, a) -> StrCase.isUpper(Repr.str(r, v).chars));
    ALL.put("odd", (r, v, a) -> remainder(r, v, 2L, 1L));
    ALL.put("even", (r, v, a) -> remainder(r, v, 2L, 0L));
    ALL.put("divisibleby", (r, v, a) -> remainder(r, v, one(a), 0L));
    ALL.put("filter", (r, v, a) -> Filters.ALL.containsKey(Types.hashKey(r, v).toString()));
    ALL.put("test", (r, v, a) -> Tests.ALL.containsKey(Types.hashKey(r, v).toString()));
    ALL.put("sameas", (r, v, a) -> same(v, one(a)));
    ALL.put("in", (r, v, a) -> Types.contains(r, one(a), v));
    operator("==", "==", "eq", "equalto");
    operator("!=", "!=", "ne");
    operator(">", ">", "gt", "greaterthan");
    operator(">=", ">=", "ge");
    operator("<", "<", "lt", "lessthan");
    operator("<=", "<=", "le");
  }

  private Tests() {}

  private static void plain(String name, Predicate<Object> test) {
    ALL.put(
        name,
        (r, v, a) -> {
          if (a.size() > 0 || !a.named.isEmpty()) {
            throw PyError.type("test " + name + " takes no argument");
          }
          return test.test(v);
        });
  }

  private static void operator(String operator, String... names) {
    for (String name : names) {
      ALL.put(name, (r, v, a) -> Types.compare(r, operator, v, one(a)));
    }
  }

  private static Object one(Args args) {
    return args.bind("test", 1, "other")[0] instanceof Object o ? o : None.NONE;
  }

  private static boolean remainder(Render r, Object value, Object by, Object wanted) {
    return Types.equal(r, Arithmetic.binary(r, "%", value, by), wanted);
  }

  /** Python's {@code is}: small integers and short strings are one object there too. */
  private static boolean same(Object a, Object b) {
    return a == b
        || a instanceof Boolean && a.equals(b)
        || a instanceof Long && a.equals(b)
        || a instanceof Str s && s.equals(b);
  }
}
