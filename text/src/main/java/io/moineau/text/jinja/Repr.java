package io.moineau.text.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.List;

/** Python's {@code str} and {@code repr}. */
final class Repr {
  private Repr() {}

  /** {@code str(value)}. */
  static Str str(Render render, Object value) {
    return switch (value) {
      case Str s -> s;
      case Undefined u -> Str.EMPTY;
      case Long l -> Str.of(Long.toString(l));
      default -> {
        StrBuilder out = new StrBuilder(render);
        repr(out, value, 0);
        yield out.build();
      }
    };
  }

  static Str repr(Render render, Object value) {
    StrBuilder out = new StrBuilder(render);
    repr(out, value, 0);
    return out.build();
  }

  static void repr(StrBuilder out, Object value, int depth) {
    if (depth > Types.MAX_DEPTH) {
      throw PyError.limit("values nested deeper than " + Types.MAX_DEPTH);
    }
    switch (value) {
      case None n -> out.append("None");
      case Boolean b -> out.append(b ? "True" : "False");
      case Long l -> out.append(Long.toString(l));
      case BigInteger b -> out.append(integer(b));
      case Double d -> out.append(number(d));
      case Undefined u -> out.append("Undefined");
      case Str s -> {
        if (s.markup) {
          out.append("Markup(");
        }
        quote(out, s);
        if (s.markup) {
          out.append(')');
        }
      }
      case PyList l -> items(out.append('['), l.items, depth).append(']');
      case PyTuple t ->
          items(out.append('('), t.items(), depth).append(t.items().size() == 1 ? ",)" : ")");
      case PyDict d -> dict(out, d, depth);
      case DictView v ->
          items(out.append("dict_").append(v.kind()).append("(["), v.list(), depth).append("])");
      case PyRange r -> {
        out.append("range(" + r.start() + ", " + r.stop());
        out.append(r.step() == 1 ? ")" : ", " + r.step() + ")");
      }
      case PyBytes b -> bytes(out, b);
      case Namespace n -> {
        dict(out.append("<Namespace "), n.attributes(), depth + 1);
        out.append('>');
      }
      case Loop l -> out.append("<LoopContext " + l.index() + "/" + l.length() + ">");
      case MacroValue m ->
          out.append("<Macro " + (m.name().isEmpty() ? "anonymous" : quote(m.name())) + ">");
      case Callable.Builtin b -> out.append("<" + b.type() + " " + b.name() + ">");
      default -> out.append("<" + Types.name(value) + " object>");
    }
  }

  private static StrBuilder items(StrBuilder out, List<Object> items, int depth) {
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.append(", ");
      }
      repr(out, items.get(i), depth + 1);
    }
    return out;
  }

  private static void dict(StrBuilder out, PyDict dict, int depth) {
    out.append('{');
    boolean first = true;
    for (PyDict.Entry e : dict.entries()) {
      if (!first) {
        out.append(", ");
      }
      first = false;
      repr(out, e.key(), depth + 1);
      out.append(": ");
      repr(out, e.value(), depth + 1);
    }
    out.append('}');
  }

  private static void bytes(StrBuilder out, PyBytes value) {
    StringBuilder text = new StringBuilder();
    boolean single = true;
    boolean hasDouble = false;
    for (byte x : value.bytes()) {
      single &= x != '\'';
      hasDouble |= x == '"';
    }
    char quote = single || hasDouble ? '\'' : '"';
    text.append('b').append(quote);
    for (byte x : value.bytes()) {
      int c = x & 255;
      if (c == quote || c == '\\') {
        text.append('\\').append((char) c);
      } else if (c >= 32 && c < 127) {
        text.append((char) c);
      } else {
        String named = c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : "";
        text.append(named.isEmpty() ? String.format("\\x%02x", c) : named);
      }
    }
    out.append(text.append(quote).toString(), value.untrusted());
  }

  /** {@code repr} of a string that is part of a message. */
  static String quote(String text) {
    StringBuilder out = new StringBuilder();
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints().forEach(c -> out.append(escaped(c, quote)));
    return out.append(quote).toString();
  }

  private static void quote(StrBuilder out, Str s) {
    String text = s.chars;
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    int plain = 0;
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (c == quote || c == '\\' || !Chars.isPrintable(c)) {
        out.append(s, plain, i);
        out.append(escaped(c, quote), s.isUntrusted(i, next));
        plain = next;
      }
      i = next;
    }
    out.append(s, plain, text.length());
    out.append(quote);
  }

  private static String escaped(int c, char quote) {
    if (c == quote || c == '\\') {
      return "\\" + (char) c;
    }
    if (Chars.isPrintable(c)) {
      return Character.toString(c);
    }
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> String.format(c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    };
  }

  /** A value in a message, without its contents. */
  static String brief(Object value) {
    return switch (value) {
      case Str s -> quote(s.chars);
      case Long l -> l.toString();
      case Boolean b -> b ? "True" : "False";
      case Double d -> number(d);
      case None n -> "None";
      default -> "<" + Types.name(value) + ">";
    };
  }

  static String integer(BigInteger value) {
    String text = value.toString();
    if (text.length() > Numbers.MAX_DIGITS + (value.signum() < 0 ? 1 : 0)) {
      throw PyError.value(
          "Exceeds the limit (" + Numbers.MAX_DIGITS + " digits) for integer string conversion");
    }
    return text;
  }

  /** {@code repr} of a float: the fewest digits that give it back. */
  static String number(double d) {
    if (Double.isNaN(d)) {
      return "nan";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "inf" : "-inf";
    }
    if (d == 0) {
      return 1 / d < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = shortest(Math.abs(d));
    String digits = shortest.unscaledValue().toString();
    int exponent = digits.length() - shortest.scale() - 1; // of the first digit
    String sign = d < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "");
      return sign + digits.charAt(0) + fraction + "e" + power + Math.abs(exponent);
    }
    if (exponent < 0) {
      return sign + "0." + "0".repeat(-exponent - 1) + digits;
    }
    if (digits.length() <= exponent + 1) {
      return sign + digits + "0".repeat(exponent + 1 - digits.length()) + ".0";
    }
    return sign + digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
  }

  /** Java writes at least two digits; where one is enough Python writes that one. */
  static BigDecimal shortest(double d) {
    BigDecimal value = new BigDecimal(Double.toString(d)).stripTrailingZeros();
    if (value.precision() == 2) {
      BigDecimal one = value.round(new MathContext(1));
      if (one.doubleValue() == d) {
        return one.stripTrailingZeros();
      }
    }
    return value;
  }
}
