package io.moineau.text.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Python's operators. */
final class Arithmetic {
  private Arithmetic() {}

  static Object binary(Render render, String operator, Object a, Object b) {
    if (a instanceof Undefined u) {
      throw u.error();
    }
    if (b instanceof Undefined u && !(operator.equals("%") && a instanceof Str)) {
      throw u.error();
    }
    return switch (operator) {
      case "+" -> add(render, a, b);
      case "-" -> subtract(a, b);
      case "*" -> multiply(render, a, b);
      case "/" -> divide(a, b);
      case "//" -> floorDivide(a, b);
      case "%" -> a instanceof Str s ? PercentFormat.format(render, s, b) : modulo(a, b);
      default -> power(a, b);
    };
  }

  static Object add(Render render, Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      long sum = x + y;
      return ((x ^ sum) & (y ^ sum)) < 0
          ? BigInteger.valueOf(x).add(BigInteger.valueOf(y))
          : (Object) sum;
    }
    if (a instanceof Str x) {
      if (b instanceof Str y) {
        return concat(render, x, y);
      }
      throw PyError.type("can only concatenate str (not \"" + Types.name(b) + "\") to str");
    }
    if (a instanceof PyList x) {
      if (b instanceof PyList y) {
        return new PyList(joined(render, x.items, y.items));
      }
      throw PyError.type("can only concatenate list (not \"" + Types.name(b) + "\") to list");
    }
    if (a instanceof PyTuple x) {
      if (b instanceof PyTuple y) {
        return new PyTuple(joined(render, x.items(), y.items()));
      }
      throw PyError.type("can only concatenate tuple (not \"" + Types.name(b) + "\") to tuple");
    }
    if (!Numbers.isNumber(a) || !Numbers.isNumber(b)) {
      throw unsupported("+", a, b);
    }
    return a instanceof Double || b instanceof Double
        ? (Object) (Numbers.real(a) + Numbers.real(b))
        : Numbers.normal(Numbers.big(a).add(Numbers.big(b)));
  }

  static Str concat(Render render, Str a, Str b) {
    if (b.isEmpty() && !b.markup) {
      return a;
    }
    if (a.markup || b.markup) {
      Str left = a.markup ? a : Html.escape(render, a);
      Str right = b.markup ? b : Html.escape(render, b);
      return new StrBuilder(render).append(left).append(right).build().withMarkup(true);
    }
    return a.isEmpty() ? b : new StrBuilder(render).append(a).append(b).build();
  }

  private static List<Object> joined(Render render, List<Object> a, List<Object> b) {
    render.charge(a.size() + b.size());
    List<Object> out = new ArrayList<>(a.size() + b.size());
    out.addAll(a);
    out.addAll(b);
    return out;
  }

  private static Object subtract(Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      long difference = x - y;
      return ((x ^ y) & (x ^ difference)) < 0
          ? BigInteger.valueOf(x).subtract(BigInteger.valueOf(y))
          : (Object) difference;
    }
    numbers("-", a, b);
    return a instanceof Double || b instanceof Double
        ? (Object) (Numbers.real(a) - Numbers.real(b))
        : Numbers.normal(Numbers.big(a).subtract(Numbers.big(b)));
  }

  private static Object multiply(Render render, Object a, Object b) {
    if (isSequence(a) && Numbers.isInt(b)) {
      return repeat(render, a, Numbers.clamp(b));
    }
    if (isSequence(b) && Numbers.isInt(a)) {
      return repeat(render, b, Numbers.clamp(a));
    }
    if (isSequence(a) || isSequence(b)) {
      Object other = isSequence(a) ? b : a;
      throw PyError.type(
          "can't multiply sequence by non-int of type " + Repr.quote(Types.name(other)));
    }
    numbers("*", a, b);
    if (a instanceof Double || b instanceof Double) {
      return Numbers.real(a) * Numbers.real(b);
    }
    BigInteger x = Numbers.big(a);
    BigInteger y = Numbers.big(b);
    if (x.bitLength() + y.bitLength() > Numbers.MAX_BITS + 64) {
      throw PyError.limit("an integer of more than " + Numbers.MAX_BITS + " bits");
    }
    return Numbers.normal(x.multiply(y));
  }

  private static boolean isSequence(Object value) {
    return value instanceof Str || value instanceof PyList || value instanceof PyTuple;
  }

  private static Object repeat(Render render, Object value, int times) {
    int n = Math.max(0, times);
    if (value instanceof Str s) {
      if ((long) n * s.chars.length() > Render.MAX_STRING) {
        throw PyError.limit("a text longer than " + Render.MAX_STRING + " characters");
      }
      StrBuilder out = new StrBuilder(render);
      for (int i = 0; i < n && !s.isEmpty(); i++) {
        out.append(s);
      }
      return out.build().withMarkup(s.markup);
    }
    List<Object> items = value instanceof PyList l ? l.items : ((PyTuple) value).items();
    long size = (long) n * items.size();
    if (size > Render.MAX_STRING / 4) {
      throw PyError.limit("a list of more than " + Render.MAX_STRING / 4 + " elements");
    }
    render.charge(size);
    List<Object> out = new ArrayList<>((int) size);
    for (int i = 0; i < n && !items.isEmpty(); i++) {
      out.addAll(items);
    }
    return value instanceof PyList ? new PyList(out) : new PyTuple(out);
  }

  private static Object divide(Object a, Object b) {
    numbers("/", a, b);
    if (a instanceof BigInteger || b instanceof BigInteger) {
      if (!(a instanceof Double) && !(b instanceof Double)) {
        if (Numbers.big(b).signum() == 0) {
          throw zeroDivision("division by zero");
        }
        return new java.math.BigDecimal(Numbers.big(a))
            .divide(new java.math.BigDecimal(Numbers.big(b)), new java.math.MathContext(800))
            .doubleValue();
      }
    }
    double y = Numbers.real(b);
    if (y == 0) {
      throw zeroDivision(
          a instanceof Double || b instanceof Double
              ? "float division by zero"
              : "division by zero");
    }
    return Numbers.real(a) / y;
  }

  private static Object floorDivide(Object a, Object b) {
    numbers("//", a, b);
    if (a instanceof Double || b instanceof Double) {
      return floatDivMod(Numbers.real(a), Numbers.real(b), "float floor division by zero")[0];
    }
    return Numbers.normal(floorDivMod(a, b)[0]);
  }

  private static Object modulo(Object a, Object b) {
    numbers("%", a, b);
    if (a instanceof Double || b instanceof Double) {
      return floatDivMod(Numbers.real(a), Numbers.real(b), "float modulo")[1];
    }
    return Numbers.normal(floorDivMod(a, b)[1]);
  }

  private static BigInteger[] floorDivMod(Object a, Object b) {
    BigInteger y = Numbers.big(b);
    if (y.signum() == 0) {
      throw zeroDivision("integer division or modulo by zero");
    }
    BigInteger[] out = Numbers.big(a).divideAndRemainder(y);
    if (out[1].signum() != 0 && out[1].signum() != y.signum()) {
      out[0] = out[0].subtract(BigInteger.ONE);
      out[1] = out[1].add(y);
    }
    return out;
  }

  /** Quotient and remainder as CPython's float_divmod has them. */
  private static double[] floatDivMod(double x, double y, String zero) {
    if (y == 0) {
      throw zeroDivision(zero);
    }
    double mod = x % y;
    double div = (x - mod) / y;
    if (mod != 0) {
      if (y < 0 != mod < 0) {
        mod += y;
        div -= 1;
      }
    } else {
      mod = Math.copySign(0.0, y);
    }
    double floor;
    if (div != 0) {
      floor = Math.floor(div);
      if (div - floor > 0.5) {
        floor += 1;
      }
    } else {
      floor = Math.copySign(0.0, x / y);
    }
    return new double[] {floor, mod};
  }

  private static Object power(Object a, Object b) {
    numbers("** or pow()", a, b);
    if (a instanceof Double || b instanceof Double || Numbers.big(b).signum() < 0) {
      double x = Numbers.real(a);
      double y = Numbers.real(b);
      if (x == 0 && y < 0) {
        throw zeroDivision("0.0 cannot be raised to a negative power");
      }
      if (x < 0 && y != Math.rint(y) && !Double.isInfinite(y)) {
        throw PyError.type("a complex number, which templates cannot hold");
      }
      double out = x == 1 || y == 0 ? 1 : Math.pow(x, y);
      if (Double.isInfinite(out) && !Double.isInfinite(x) && !Double.isInfinite(y)) {
        throw new PyError(PyError.Kind.OVERFLOW, "(34, 'Numerical result out of range')");
      }
      return out;
    }
    BigInteger base = Numbers.big(a);
    BigInteger exponent = Numbers.big(b);
    if (base.bitLength() <= 1 && base.signum() >= 0) {
      return exponent.signum() == 0 ? 1L : base.longValue();
    }
    if (base.equals(BigInteger.ONE.negate())) {
      return exponent.testBit(0) ? -1L : 1L;
    }
    if (exponent.bitLength() > 31
        || exponent.longValue() * (base.bitLength() - 1) > Numbers.MAX_BITS) {
      throw PyError.limit("an integer of more than " + Numbers.MAX_BITS + " bits");
    }
    return Numbers.normal(base.pow(exponent.intValue()));
  }

  static Object unary(String operator, Object value) {
    return switch (value) {
      case Undefined u -> throw u.error();
      case Double d -> operator.equals("-") ? -d : d;
      case Long l when l != Long.MIN_VALUE -> operator.equals("-") ? -l : l;
      case Long l -> operator.equals("-") ? BigInteger.valueOf(l).negate() : (Object) l;
      case Boolean b -> operator.equals("-") ? (b ? -1L : 0L) : (b ? 1L : 0L);
      case BigInteger b -> operator.equals("-") ? Numbers.normal(b.negate()) : b;
      default ->
          throw PyError.type(
              "bad operand type for unary " + operator + ": " + Repr.quote(Types.name(value)));
    };
  }

  private static void numbers(String operator, Object a, Object b) {
    if (!Numbers.isNumber(a) || !Numbers.isNumber(b)) {
      throw unsupported(operator, a, b);
    }
  }

  private static PyError unsupported(String operator, Object a, Object b) {
    return PyError.type(
        "unsupported operand type(s) for "
            + operator
            + ": "
            + Repr.quote(Types.name(a))
            + " and "
            + Repr.quote(Types.name(b)));
  }

  private static PyError zeroDivision(String message) {
    return new PyError(PyError.Kind.ZERO_DIVISION, message);
  }
}
