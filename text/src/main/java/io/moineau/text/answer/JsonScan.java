package io.moineau.text.answer;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import org.jspecify.annotations.Nullable;

/** Finds where JSON values end in text that may still grow. */
final class JsonScan {
  /** The text ends inside the value. */
  static final int MORE = -1;

  /** This is no value. */
  static final int BAD = -2;

  private JsonScan() {}

  /** The offset behind the value that begins at {@code at}, or {@link #MORE} or {@link #BAD}. */
  static int value(Input in, int at) {
    if (at >= in.length()) {
      return MORE;
    }
    return switch (in.charAt(at)) {
      case '"' -> string(in, at);
      case '{', '[' -> nested(in, at);
      case ',', ':', '}', ']' -> BAD;
      default -> scalar(in, at);
    };
  }

  /** The offset behind the string that begins at {@code at}, or {@link #MORE}. */
  static int string(Input in, int at) {
    for (int i = at + 1; i < in.length(); i++) {
      char c = in.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        return i + 1;
      }
    }
    return MORE;
  }

  private static int nested(Input in, int at) {
    int depth = 0;
    for (int i = at; i < in.length(); i++) {
      switch (in.charAt(i)) {
        case '"' -> {
          int end = string(in, i);
          if (end < 0) {
            return end;
          }
          i = end - 1;
        }
        case '{', '[' -> depth++;
        case '}', ']' -> {
          if (--depth == 0) {
            return i + 1;
          }
        }
        default -> {}
      }
    }
    return MORE;
  }

  private static int scalar(Input in, int at) {
    for (int i = at; i < in.length(); i++) {
      char c = in.charAt(i);
      if (c == ',' || c == '}' || c == ']' || c == '<' || Character.isWhitespace(c)) {
        return i == at ? BAD : i;
      }
    }
    return in.ended() ? in.length() : MORE;
  }

  /** The text of a string with its quotes; null if it is none. */
  static @Nullable String text(String quoted) {
    try {
      return Json.parse(quoted) instanceof String s ? s : null;
    } catch (TextException e) {
      return null;
    }
  }
}
