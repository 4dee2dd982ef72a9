package io.moineau.text.jinja;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The methods of Python's dict, list, tuple, int, float and bytes that change nothing. */
final class CollectionMethods {
  private CollectionMethods() {}

  static Callable method(String name, Callable body) {
    return new Callable.Builtin(name, "builtin_function_or_method", body);
  }

  static @Nullable Object find(PyDict dict, String name) {
    return switch (name) {
      case "items", "keys", "values" ->
          method(
              name,
              (r, a) -> {
                a.positional(name, 0, 0);
                return new DictView(dict, name);
              });
      case "get" ->
          method(
              name,
              (r, a) -> {
                @Nullable Object[] p = a.positional(name, 1, 2);
                Object value = dict.get(r, java.util.Objects.requireNonNull(p[0]));
                return value != null ? value : p[1] != null ? p[1] : None.NONE;
              });
      case "copy" ->
          method(
              name,
              (r, a) -> {
                a.positional(name, 0, 0);
                PyDict copy = new PyDict();
                copy.putAll(dict);
                r.charge(dict.size());
                return copy;
              });
      case "fromkeys" -> method(name, CollectionMethods::fromKeys);
      default -> null;
    };
  }

  static Object fromKeys(Render r, Args a) {
    @Nullable Object[] p = a.positional("fromkeys", 1, 2);
    PyDict out = new PyDict();
    for (Object key : Types.list(r, java.util.Objects.requireNonNull(p[0]))) {
      out.put(r, key, p[1] == null ? None.NONE : p[1]);
    }
    return out;
  }

  static @Nullable Object find(List<Object> items, String name) {
    return switch (name) {
      case "count" ->
          method(
              name,
              (r, a) -> {
                Object wanted = java.util.Objects.requireNonNull(a.positional(name, 1, 1)[0]);
                long n = 0;
                for (Object item : items) {
                  n += item == wanted || Types.equal(r, item, wanted) ? 1 : 0;
                }
                return n;
              });
      case "index" ->
          method(
              name,
              (r, a) -> {
                @Nullable Object[] p = a.positional(name, 1, 3);
                Object wanted = java.util.Objects.requireNonNull(p[0]);
                int from = p[1] == null ? 0 : place(Numbers.clamp(p[1]), items.size());
                int to = p[2] == null ? items.size() : place(Numbers.clamp(p[2]), items.size());
                for (int i = from; i < to; i++) {
                  if (items.get(i) == wanted || Types.equal(r, items.get(i), wanted)) {
                    return (long) i;
                  }
                }
                throw PyError.value(Repr.brief(wanted) + " is not in list");
              });
      default -> null;
    };
  }

  static int place(int index, int length) {
    return Math.clamp(index < 0 ? (long) index + length : index, 0, length);
  }

  static Object decode(PyBytes bytes) {
    return method(
        "decode",
        (r, a) -> {
          String text = new String(bytes.bytes(), StandardCharsets.UTF_8);
          return bytes.untrusted() ? Str.untrusted(text) : Str.of(text);
        });
  }

  static @Nullable Object number(Object value, String name) {
    return switch (name) {
      case "real" -> value instanceof Boolean b ? (Object) (b ? 1L : 0L) : value;
      case "imag" -> value instanceof Double ? (Object) 0.0 : 0L;
      case "numerator" -> value instanceof Double ? null : Numbers.normal(Numbers.big(value));
      case "denominator" -> value instanceof Double ? null : 1L;
      case "conjugate" -> method(name, (r, a) -> value);
      case "bit_length" ->
          value instanceof Double
              ? null
              : method(name, (r, a) -> (long) Numbers.big(value).abs().bitLength());
      case "bit_count" ->
          value instanceof Double
              ? null
              : method(name, (r, a) -> (long) Numbers.big(value).abs().bitCount());
      case "is_integer" ->
          value instanceof Double d
              ? method(name, (r, a) -> d == Math.rint(d) && !Double.isInfinite(d))
              : null;
      case "as_integer_ratio" ->
          value instanceof Double
              ? method(name, (r, a) -> ratio((Double) value))
              : method(name, (r, a) -> PyTuple.of(Numbers.normal(Numbers.big(value)), 1L));
      default -> null;
    };
  }

  private static Object ratio(double d) {
    java.math.BigDecimal exact = new java.math.BigDecimal(d);
    BigInteger over = exact.unscaledValue();
    BigInteger under = BigInteger.TEN.pow(Math.max(0, exact.scale()));
    if (exact.scale() < 0) {
      over = exact.toBigInteger();
    }
    BigInteger common = over.gcd(under);
    return PyTuple.of(Numbers.normal(over.divide(common)), Numbers.normal(under.divide(common)));
  }
}
