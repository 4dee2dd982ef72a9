package io.moineau.cli;

/**
 * Text of a model, a file or a stranger, made harmless for a terminal.
 *
 * <p>Control characters (C0, DEL and C1) could move the cursor, change the title, answer queries or
 * hide text, and so could the controls of bidirectional text (CVE-2021-42574). Each is shown as a
 * visible sign instead: nothing vanishes, nothing acts.
 */
final class SafeText {
  private SafeText() {}

  /** The text with line ends and tabs kept, every other control made visible. */
  static String of(String text) {
    int first = firstUnsafe(text);
    if (first < 0) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text.length() + 8).append(text, 0, first);
    for (int i = first; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isUnsafe(c)) {
        safe.append(c);
      } else if (c == '\r') {
        if (i + 1 >= text.length() || text.charAt(i + 1) != '\n') {
          safe.append('␍');
        }
      } else if (c < ' ') {
        safe.append((char) ('␀' + c)); // the control pictures of Unicode
      } else if (c == 0x7f) {
        safe.append('␡');
      } else {
        safe.append("<U+").append(String.format("%04X", (int) c)).append('>');
      }
    }
    return safe.toString();
  }

  /** The same for an error message. */
  static String ofMessage(String text) {
    return of(text);
  }

  /** The same on one line. */
  static String ofLine(String text) {
    return of(text).replace('\n', '␊').replace('\t', ' ');
  }

  private static int firstUnsafe(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isUnsafe(text.charAt(i))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isUnsafe(char c) {
    return (c < ' ' && c != '\n' && c != '\t')
        || (c >= 0x7f && c <= 0x9f)
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069)
        || c == 0x2028
        || c == 0x2029;
  }
}
