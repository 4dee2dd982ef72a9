package io.moineau.text.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Python's numbers: {@code Long} or, beyond 64 bits, {@code BigInteger}; {@code Double}; bool. */
final class Numbers {
  /** The most digits of an integer that is read or printed, as in Python. */
  static final int MAX_DIGITS = 4300;

  /** The most bits of an integer. */
  static final int MAX_BITS = 1 << 17;

  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  private Numbers() {}

  static Object normal(BigInteger value) {
    if (value.compareTo(LEAST) >= 0 && value.compareTo(MOST) <= 0) {
      return value.longValue();
    }
    if (value.bitLength() > MAX_BITS) {
      throw PyError.limit("an integer of more than " + MAX_BITS + " bits");
    }
    return value;
  }

  static boolean isInt(Object value) {
    return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
  }

  static boolean isNumber(Object value) {
    return value instanceof Double || isInt(value);
  }

  static BigInteger big(Object value) {
    return switch (value) {
      case BigInteger b -> b;
      case Long l -> BigInteger.valueOf(l);
      case Boolean b -> b ? BigInteger.ONE : BigInteger.ZERO;
      default -> throw integerWanted(value);
    };
  }

  static PyError integerWanted(Object value) {
    return PyError.type(
        Repr.quote(Types.name(value)) + " object cannot be interpreted as an integer");
  }

  /** An index or count; beyond 32 bits the nearest value that fits. */
  static int clamp(Object value) {
    return switch (value) {
      case Long l -> (int) Math.clamp(l, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case Boolean b -> b ? 1 : 0;
      case BigInteger b -> b.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
      case Undefined u -> throw u.error();
      default -> throw integerWanted(value);
    };
  }

  static double real(Object value) {
    return switch (value) {
      case Double d -> d;
      case Long l -> l;
      case Boolean b -> b ? 1 : 0;
      case BigInteger b -> {
        double d = b.doubleValue();
        if (Double.isInfinite(d)) {
          throw new PyError(PyError.Kind.OVERFLOW, "int too large to convert to float");
        }
        yield d;
      }
      case Undefined u -> throw u.error();
      default -> throw PyError.type("must be real number, not " + Types.name(value));
    };
  }

  static int compare(Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    if (a instanceof Double || b instanceof Double) {
      double x = a instanceof Double d ? d : Double.NaN;
      double y = b instanceof Double d ? d : Double.NaN;
      if (a instanceof Double && b instanceof Double) {
        return x < y ? -1 : x > y ? 1 : 0;
      }
      double known = a instanceof Double ? x : y;
      if (Double.isNaN(known) || Double.isInfinite(known)) {
        int sign = known > 0 ? 1 : -1;
        return a instanceof Double ? sign : -sign;
      }
      return exact(a).compareTo(exact(b));
    }
    return big(a).compareTo(big(b));
  }

  private static BigDecimal exact(Object value) {
    return value instanceof Double d ? new BigDecimal(d) : new BigDecimal(big(value));
  }

  static boolean isNan(Object value) {
    return value instanceof Double d && d.isNaN();
  }

  /** {@code int(d)}. */
  static Object truncate(double d) {
    if (Double.isNaN(d)) {
      throw PyError.value("cannot convert float NaN to integer");
    }
    if (Double.isInfinite(d)) {
      throw new PyError(PyError.Kind.OVERFLOW, "cannot convert float infinity to integer");
    }
    return normal(new BigDecimal(d).toBigInteger());
  }

  /** {@code round(value, digits)} of a float: exact, half to even. */
  static double round(double d, int digits) {
    if (Double.isNaN(d) || Double.isInfinite(d) || digits > 330) {
      return d;
    }
    if (digits < -330) {
      return d * 0;
    }
    double out = new BigDecimal(d).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
    return out == 0 ? Math.copySign(0.0, d) : out;
  }

  /** {@code round(value, digits)} of an integer. */
  static Object round(BigInteger value, int digits) {
    if (digits >= 0) {
      return normal(value);
    }
    if (-digits > MAX_DIGITS) {
      return 0L;
    }
    return normal(new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toBigInteger());
  }
}
