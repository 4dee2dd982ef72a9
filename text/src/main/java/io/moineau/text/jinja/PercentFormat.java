package io.moineau.text.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Python's {@code text % values}. */
final class PercentFormat {
  private final Render render;
  private final Str format;
  private final Object values;
  private final StrBuilder out;
  private int next; // of a tuple, the value to take
  private int at;

  private PercentFormat(Render render, Str format, Object values) {
    this.render = render;
    this.format = format;
    this.values = values;
    this.out = new StrBuilder(render);
  }

  static Str format(Render render, Str format, Object values) {
    return new PercentFormat(render, format, values).run().withMarkup(format.markup);
  }

  private Str run() {
    String text = format.chars;
    while (at < text.length()) {
      int percent = text.indexOf('%', at);
      if (percent < 0) {
        break;
      }
      out.append(format, at, percent);
      at = percent + 1;
      conversion();
    }
    out.append(format, Math.min(at, text.length()), text.length());
    boolean left = values instanceof PyTuple t ? next < t.items().size() : next == 0;
    boolean mapping =
        values instanceof PyDict
            || values instanceof PyList
            || values instanceof PyRange
            || values instanceof Undefined;
    if (left && !mapping) {
      throw PyError.type("not all arguments converted during string formatting");
    }
    return out.build();
  }

  private char take() {
    if (at >= format.chars.length()) {
      throw PyError.value("incomplete format");
    }
    return format.chars.charAt(at++);
  }

  private void conversion() {
    Object keyed = null;
    char c = take();
    if (c == '(') {
      int depth = 1;
      int start = at;
      while (depth > 0) {
        char k = take();
        depth += k == '(' ? 1 : k == ')' ? -1 : 0;
      }
      if (values instanceof Undefined u) {
        throw u.error();
      }
      if (!(values instanceof PyDict dict)) {
        throw PyError.type("format requires a mapping");
      }
      Str key = format.sub(start, at - 1);
      keyed = dict.get(key);
      if (keyed == null) {
        throw PyError.lookup(Repr.quote(key.chars));
      }
      next = Math.max(next, 1);
      c = take();
    }
    boolean left = false;
    boolean zero = false;
    boolean alternate = false;
    String sign = "";
    while ("-+ #0".indexOf(c) >= 0) {
      left |= c == '-';
      zero |= c == '0';
      alternate |= c == '#';
      sign = c == '+' ? "+" : c == ' ' && sign.isEmpty() ? " " : sign;
      c = take();
    }
    int width = 0;
    if (c == '*') {
      width = star();
      left |= width < 0;
      width = Math.abs(width);
      c = take();
    } else {
      int start = at - 1;
      while (c >= '0' && c <= '9') {
        c = take();
      }
      width = FormatSpec.number(format.chars.substring(start, at - 1));
    }
    int precision = -1;
    if (c == '.') {
      c = take();
      if (c == '*') {
        precision = Math.max(0, star());
        c = take();
      } else {
        int start = at - 1;
        while (c >= '0' && c <= '9') {
          c = take();
        }
        precision = FormatSpec.number(format.chars.substring(start, at - 1));
      }
    }
    while (c == 'h' || c == 'l' || c == 'L') {
      c = take();
    }
    if (c == '%') {
      out.append('%');
      return;
    }
    convert(c, keyed, left, zero, alternate, sign, width, precision);
  }

  private int star() {
    Object value = value(null);
    if (!Numbers.isInt(value)) {
      throw PyError.type("* wants int");
    }
    return Numbers.clamp(value);
  }

  private Object value(@Nullable Object keyed) {
    if (keyed != null) {
      return keyed;
    }
    List<Object> items = values instanceof PyTuple t ? t.items() : List.of(values);
    if (next >= items.size()) {
      throw PyError.type("not enough arguments for format string");
    }
    return items.get(next++);
  }

  private void convert(
      char c,
      @Nullable Object keyed,
      boolean left,
      boolean zero,
      boolean alternate,
      String sign,
      int width,
      int precision) {
    switch (c) {
      case 's', 'r', 'a' -> {
        Object v = value(keyed);
        Str text = c == 's' ? Repr.str(render, v) : Repr.repr(render, v);
        text = c == 'a' ? ascii(text) : text;
        text = format.markup ? Html.escape(render, text) : text;
        if (precision >= 0 && precision < text.length()) {
          text = text.sub(0, text.unit(precision));
        }
        pad(text, width, left);
      }
      case 'c' -> {
        Object v = value(keyed);
        if (v instanceof Str s && s.length() == 1) {
          pad(s, width, left);
        } else if (Numbers.isInt(v) && Numbers.clamp(v) >= 0 && Numbers.clamp(v) <= 0x10ffff) {
          pad(Str.of(Character.toString(Numbers.clamp(v))), width, left);
        } else {
          throw PyError.type("%c requires int or char");
        }
      }
      case 'd', 'i', 'u', 'x', 'X', 'o' ->
          number(integer(c, value(keyed), alternate, precision), sign, zero && !left, left, width);
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        Object v = value(keyed);
        double d = v instanceof Str ? wrong(v) : Numbers.real(v);
        String body =
            Double.isNaN(d)
                ? "nan"
                : Double.isInfinite(d)
                    ? "inf"
                    : FormatSpec.digits(Math.abs(d), c, precision < 0 ? 6 : precision, alternate);
        body = Character.isUpperCase(c) ? body.toUpperCase(Locale.ROOT) : body;
        boolean negative = d < 0 || d == 0 && 1 / d < 0;
        number(negative ? "-" + body : body, sign, zero && !left, left, width);
      }
      default ->
          throw PyError.value(
              "unsupported format character '"
                  + c
                  + "' (0x"
                  + Integer.toHexString(c)
                  + ") at index "
                  + format.index(at - 1));
    }
  }

  private static double wrong(Object v) {
    throw PyError.type("must be real number, not " + Types.name(v));
  }

  private static Str ascii(Str s) {
    StringBuilder b = new StringBuilder();
    s.chars
        .codePoints()
        .forEach(c ->
            b.append(
                c < 128
                    ? Character.toString(c)
                    : String.format(
                        c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c)));
    return s.mapped(b.toString());
  }

  private static String integer(char c, Object v, boolean alternate, int precision) {
    BigInteger value;
    if (v instanceof Double d && (c == 'd' || c == 'i' || c == 'u')) {
      value = Numbers.big(Numbers.truncate(d));
    } else if (Numbers.isInt(v)) {
      value = Numbers.big(v);
    } else {
      throw PyError.type(
          "%"
              + c
              + " format: "
              + (c == 'd' || c == 'i' || c == 'u' ? "a real number" : "an integer")
              + " is required, not "
              + Types.name(v));
    }
    BigInteger size = value.abs();
    String text =
        switch (c) {
          case 'x' -> size.toString(16);
          case 'X' -> size.toString(16).toUpperCase(Locale.ROOT);
          case 'o' -> size.toString(8);
          default -> Repr.integer(size);
        };
    if (text.length() < precision) {
      text = "0".repeat(Math.min(precision - text.length(), 10_000)) + text;
    }
    String prefix = alternate && (c == 'x' || c == 'X' || c == 'o') ? "0" + c : "";
    return (value.signum() < 0 ? "-" : "") + prefix + text;
  }

  private void number(String text, String sign, boolean zero, boolean left, int width) {
    boolean negative = text.startsWith("-");
    String body = negative ? text.substring(1) : text;
    String head = negative ? "-" : sign;
    int room = width - head.length() - body.length();
    if (zero) {
      int prefix = body.length() > 1 && "xXo".indexOf(body.charAt(1)) >= 0 ? 2 : 0;
      out.append(head).append(body.substring(0, prefix)).repeat('0', room);
      out.append(body.substring(prefix));
    } else {
      pad(Str.of(head + body), width, left);
    }
  }

  private void pad(Str text, int width, boolean left) {
    int room = width - text.length();
    if (!left) {
      out.repeat(' ', room);
    }
    out.append(text);
    if (left) {
      out.repeat(' ', room);
    }
  }
}
