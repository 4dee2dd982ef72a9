package io.moineau.text.answer;

import io.moineau.text.Json;
import org.jspecify.annotations.Nullable;

/** Lists and dictionaries as Python prints them, to JSON. */
final class PythonLiteral {
  private PythonLiteral() {}

  /** JSON of the same value; null if a string in it does not end. */
  static @Nullable String toJson(String text) {
    StringBuilder json = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\'' || c == '"') {
        at = string(text, at, json);
        if (at < 0) {
          return null;
        }
      } else if (Character.isLetter(c)) {
        int end = at;
        while (end < text.length() && Character.isLetter(text.charAt(end))) {
          end++;
        }
        String word = text.substring(at, end);
        json.append(
            switch (word) {
              case "True" -> "true";
              case "False" -> "false";
              case "None" -> "null";
              default -> word;
            });
        at = end;
      } else {
        json.append(c == '(' ? '[' : c == ')' ? ']' : c);
        at++;
      }
    }
    return json.toString();
  }

  /** Reads a string and writes JSON's; the offset behind it, or -1. */
  private static int string(String text, int from, StringBuilder json) {
    char quote = text.charAt(from);
    StringBuilder value = new StringBuilder();
    for (int i = from + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == quote) {
        json.append(Json.write(value.toString()));
        return i + 1;
      }
      if (c == '\\' && i + 1 < text.length()) {
        c = text.charAt(++i);
        switch (c) {
          case 'n' -> value.append('\n');
          case 't' -> value.append('\t');
          case 'r' -> value.append('\r');
          case '\\', '\'', '"' -> value.append(c);
          case 'x', 'u' -> {
            int digits = c == 'x' ? 2 : 4;
            int code = hex(text, i + 1, digits);
            if (code < 0) {
              return -1;
            }
            value.append((char) code);
            i += digits;
          }
          default -> value.append('\\').append(c);
        }
      } else {
        value.append(c);
      }
    }
    return -1;
  }

  private static int hex(String text, int from, int digits) {
    if (from + digits > text.length()) {
      return -1;
    }
    int code = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      code = code * 16 + digit;
    }
    return code;
  }
}
