package io.moineau.text.jinja;

/** The escapes in Python's string literals, as its {@code unicode-escape} codec reads them. */
final class Escapes {
  private Escapes() {}

  static String decode(String body, int line) {
    if (body.indexOf('\\') < 0) {
      return body;
    }
    StringBuilder out = new StringBuilder(body.length());
    int i = 0;
    while (i < body.length()) {
      char c = body.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char e = body.charAt(i);
      switch (e) {
        case 'x' -> i = hex(body, i + 1, 2, out, line);
        case 'u' -> i = hex(body, i + 1, 4, out, line);
        case 'U' -> i = hex(body, i + 1, 8, out, line);
        case 'N' -> i = named(body, i + 1, out, line);
        case '0', '1', '2', '3', '4', '5', '6', '7' -> i = octal(body, i, out);
        default -> {
          int point = body.codePointAt(i);
          i += Character.charCount(point);
          simple(point, out);
        }
      }
    }
    return out.toString();
  }

  private static void simple(int c, StringBuilder out) {
    switch (c) {
      case '\n' -> {}
      case '\\', '\'', '"' -> out.append((char) c);
      case 'a' -> out.append('\u0007');
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'n' -> out.append('\n');
      case 'r' -> out.append('\r');
      case 't' -> out.append('\t');
      case 'v' -> out.append('\u000b');
      default -> {
        out.append('\\');
        if (c < 128) {
          out.append((char) c);
        } else { // Jinja first writes these as escapes, and the backslash before hides that one
          String form = c < 0x100 ? "x%02x" : c < 0x10000 ? "u%04x" : "U%08x";
          out.append(String.format(form, c));
        }
      }
    }
  }

  private static int hex(String body, int from, int length, StringBuilder out, int line) {
    int value = 0;
    for (int i = from; i < from + length; i++) {
      int digit = i < body.length() ? Character.digit(body.charAt(i), 16) : -1;
      if (digit < 0 || body.charAt(i) > 127) {
        String escape = length == 2 ? "\\xXX" : length == 4 ? "\\uXXXX" : "\\UXXXXXXXX";
        throw new SyntaxError("truncated " + escape + " escape", line);
      }
      value = value << 4 | digit;
    }
    if (value < 0 || value > Character.MAX_CODE_POINT) {
      throw new SyntaxError("illegal Unicode character", line);
    }
    out.appendCodePoint(value);
    return from + length;
  }

  private static int octal(String body, int from, StringBuilder out) {
    int i = from;
    int value = 0;
    while (i < body.length() && i < from + 3 && body.charAt(i) >= '0' && body.charAt(i) <= '7') {
      value = value * 8 + body.charAt(i++) - '0';
    }
    out.append((char) value);
    return i;
  }

  private static int named(String body, int from, StringBuilder out, int line) {
    int end = body.indexOf('}', from);
    if (from >= body.length() || body.charAt(from) != '{' || end < 0) {
      throw new SyntaxError("malformed \\N character escape", line);
    }
    try {
      out.appendCodePoint(Character.codePointOf(body.substring(from + 1, end)));
    } catch (IllegalArgumentException e) {
      throw new SyntaxError("unknown Unicode character name", line);
    }
    return end + 1;
  }
}
