package io.moineau.text.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * Python's format specification: {@code [[fill]align][sign][#][0][width][,][.precision][type]}.
 *
 * @param align one of {@code < > = ^}, or 0 for the type's own
 * @param precision -1 if none
 * @param type 0 if none
 */
record FormatSpec(
    String fill,
    char align,
    char sign,
    boolean alternate,
    int width,
    char grouping,
    int precision,
    char type) {
  static FormatSpec parse(String spec) {
    int i = 0;
    String fill = " ";
    char align = 0;
    int first = spec.isEmpty() ? 0 : Character.charCount(spec.codePointAt(0));
    if (spec.length() > first && "<>=^".indexOf(spec.charAt(first)) >= 0) {
      fill = spec.substring(0, first);
      align = spec.charAt(first);
      i = first + 1;
    } else if (!spec.isEmpty() && "<>=^".indexOf(spec.charAt(0)) >= 0) {
      align = spec.charAt(i++);
    }
    char sign = at(spec, i);
    if (sign == '+' || sign == '-' || sign == ' ') {
      i++;
    } else {
      sign = '-';
    }
    if (at(spec, i) == 'z') {
      i++;
    }
    boolean alternate = at(spec, i) == '#';
    i += alternate ? 1 : 0;
    if (at(spec, i) == '0') {
      i++;
      if (align == 0) {
        align = '=';
        fill = "0";
      }
    }
    int end = digits(spec, i);
    int width = number(spec.substring(i, end));
    i = end;
    char grouping = at(spec, i);
    if (grouping == ',' || grouping == '_') {
      i++;
    } else {
      grouping = 0;
    }
    int precision = -1;
    if (at(spec, i) == '.') {
      end = digits(spec, i + 1);
      if (end == i + 1) {
        throw PyError.value("Format specifier missing precision");
      }
      precision = number(spec.substring(i + 1, end));
      i = end;
    }
    char type = at(spec, i);
    if (i + 1 < spec.length()) {
      throw PyError.value("Invalid format specifier");
    }
    return new FormatSpec(fill, align, sign, alternate, width, grouping, precision, type);
  }

  private static char at(String s, int i) {
    return i < s.length() ? s.charAt(i) : 0;
  }

  private static int digits(String s, int from) {
    int i = from;
    while (at(s, i) >= '0' && at(s, i) <= '9') {
      i++;
    }
    return i;
  }

  static int number(String digits) {
    if (digits.length() > 8) {
      throw PyError.value("Too many decimal digits in format string");
    }
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }

  static Str format(Render render, Object value, String spec) {
    if (spec.isEmpty()) {
      return Repr.str(render, value);
    }
    FormatSpec f = parse(spec);
    return switch (value) {
      case Str s -> f.string(render, s);
      case Double d -> f.pad(render, f.real(d), '>');
      case Boolean b -> f.integer(render, b ? BigInteger.ONE : BigInteger.ZERO);
      case Long l -> f.integer(render, BigInteger.valueOf(l));
      case BigInteger b -> f.integer(render, b);
      default ->
          throw PyError.type(
              "unsupported format string passed to " + Types.name(value) + ".__format__");
    };
  }

  private Str string(Render render, Str s) {
    if (type != 0 && type != 's') {
      throw PyError.value("Unknown format code '" + type + "' for object of type 'str'");
    }
    if (align == '=' && !fill.equals("0")) {
      throw PyError.value("'=' alignment not allowed in string format specifier");
    }
    Str cut = precision >= 0 && precision < s.length() ? s.sub(0, s.unit(precision)) : s;
    int room = Math.max(0, width - cut.length());
    int left = align == '>' ? room : align == '^' ? room / 2 : 0;
    StrBuilder out = new StrBuilder(render);
    for (int i = 0; i < left; i++) {
      out.append(fill);
    }
    out.append(cut);
    for (int i = left; i < room; i++) {
      out.append(fill);
    }
    return out.build();
  }

  private Str integer(Render render, BigInteger value) {
    String text;
    String prefix = "";
    BigInteger size = value.abs();
    switch (type) {
      case 0, 'd', 'n' -> text = group(Repr.integer(size), 3);
      case 'b' -> {
        text = group(size.toString(2), 4);
        prefix = alternate ? "0b" : "";
      }
      case 'o' -> {
        text = group(size.toString(8), 4);
        prefix = alternate ? "0o" : "";
      }
      case 'x', 'X' -> {
        text = group(size.toString(16), 4);
        prefix = alternate ? "0x" : "";
      }
      case 'c' -> {
        if (size.bitLength() > 21 || size.intValue() > Character.MAX_CODE_POINT) {
          throw new PyError(PyError.Kind.OVERFLOW, "%c arg not in range(0x110000)");
        }
        return pad(render, Character.toString(value.intValue()), '<');
      }
      case 'e', 'E', 'f', 'F', 'g', 'G', '%' -> {
        return pad(render, real(Numbers.real(Numbers.normal(value))), '>');
      }
      default -> throw PyError.value("Unknown format code '" + type + "' for object of type 'int'");
    }
    if (precision >= 0) {
      throw PyError.value("Precision not allowed in integer format specifier");
    }
    String signed = sign(value.signum() < 0) + prefix + text;
    return pad(render, type == 'X' ? signed.toUpperCase(Locale.ROOT) : signed, '>');
  }

  private String sign(boolean negative) {
    return negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
  }

  private String group(String digits, int size) {
    if (grouping == 0) {
      return digits;
    }
    StringBuilder out = new StringBuilder(digits);
    for (int i = digits.length() - size; i > 0; i -= size) {
      out.insert(i, grouping);
    }
    return out.toString();
  }

  private String real(double d) {
    boolean negative = d < 0 || d == 0 && 1 / d < 0;
    String body;
    if (Double.isNaN(d) || Double.isInfinite(d)) {
      body = Double.isNaN(d) ? "nan" : "inf";
      body += type == '%' ? "%" : "";
    } else if (type == 0 && precision < 0) {
      body = Repr.number(Math.abs(d));
    } else {
      char kind = type == 0 ? 'g' : type;
      body = digits(Math.abs(d), kind, precision < 0 ? 6 : precision, alternate);
      if (type == 0 && body.indexOf('.') < 0 && body.indexOf('e') < 0) {
        body += ".0";
      }
    }
    if (grouping != 0) {
      int whole = 0;
      while (whole < body.length() && Character.isDigit(body.charAt(whole))) {
        whole++;
      }
      body = group(body.substring(0, whole), 3) + body.substring(whole);
    }
    body = Character.isUpperCase(type) ? body.toUpperCase(Locale.ROOT) : body;
    return sign(negative) + body;
  }

  /** The digits of a number that is not negative, as C's printf has them for {@code kind}. */
  static String digits(double d, char kind, int precision, boolean alternate) {
    if (Double.isNaN(d) || Double.isInfinite(d)) {
      return Double.isNaN(d) ? "nan" : "inf";
    }
    BigDecimal exact = new BigDecimal(d);
    switch (Character.toLowerCase(kind)) {
      case 'f' -> {
        return exact.setScale(precision, RoundingMode.HALF_EVEN).toPlainString()
            + (alternate && precision == 0 ? "." : "");
      }
      case '%' -> {
        return new BigDecimal(d * 100).setScale(precision, RoundingMode.HALF_EVEN).toPlainString()
            + "%";
      }
      case 'e' -> {
        return exponential(exact, precision, alternate);
      }
      case 'g' -> {
        return general(exact, precision, alternate);
      }
      default ->
          throw PyError.value("Unknown format code '" + kind + "' for object of type 'float'");
    }
  }

  private static String exponential(BigDecimal exact, int precision, boolean alternate) {
    BigDecimal rounded = exact.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
    String digits = rounded.unscaledValue().toString();
    int exponent = rounded.signum() == 0 ? 0 : digits.length() - rounded.scale() - 1;
    digits =
        digits.length() < precision + 1
            ? digits + "0".repeat(precision + 1 - digits.length())
            : digits.substring(0, precision + 1);
    String point = precision > 0 || alternate ? "." : "";
    return digits.charAt(0)
        + point
        + digits.substring(1)
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  private static String general(BigDecimal exact, int wanted, boolean alternate) {
    int precision = Math.max(1, wanted);
    BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
    int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    String body;
    String tail = "";
    if (exponent < -4 || exponent >= precision) {
      body = exponential(exact, precision - 1, alternate);
      int e = body.indexOf('e');
      tail = body.substring(e);
      body = body.substring(0, e);
    } else {
      body =
          rounded
              .setScale(Math.max(0, precision - 1 - exponent), RoundingMode.HALF_EVEN)
              .toPlainString();
    }
    if (!alternate && body.indexOf('.') >= 0) {
      body = body.replaceAll("0+$", "").replaceAll("\\.$", "");
    }
    return body + tail;
  }

  private Str pad(Render render, String text, char natural) {
    int room = Math.max(0, width - text.codePointCount(0, text.length()));
    char how = align == 0 ? natural : align;
    StrBuilder out = new StrBuilder(render);
    int left = how == '>' ? room : how == '^' ? room / 2 : 0;
    int head = 0;
    if (how == '=') {
      while (head < text.length() && "+- ".indexOf(text.charAt(head)) >= 0) {
        head++;
      }
      if (alternate
          && text.startsWith("0", head)
          && head + 1 < text.length()
          && Character.isLetter(text.charAt(head + 1))) {
        head += 2;
      }
      out.append(text.substring(0, head));
      String body = text.substring(head);
      if (grouping != 0 && fill.equals("0")) {
        return out.append(grouped(body, width - head)).build();
      }
      left = room;
    }
    for (int i = 0; i < left; i++) {
      out.append(fill);
    }
    out.append(text.substring(head));
    for (int i = left; i < room; i++) {
      out.append(fill);
    }
    return out.build();
  }

  /** Zeros in front of grouped digits are grouped too. */
  private String grouped(String body, int wanted) {
    int whole = 0;
    while (whole < body.length()
        && (Character.digit(body.charAt(whole), 16) >= 0 || body.charAt(whole) == grouping)) {
      whole++;
    }
    String digits = body.substring(0, whole).replace(String.valueOf(grouping), "");
    String tail = body.substring(whole);
    int size = type == 'b' || type == 'o' || type == 'x' || type == 'X' ? 4 : 3;
    String out = group(digits, size);
    while (out.length() + tail.length() < wanted) {
      digits = "0" + digits;
      out = group(digits, size);
    }
    return out + tail;
  }
}
