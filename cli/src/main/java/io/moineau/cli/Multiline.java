package io.moineau.cli;

/** Messages of several lines: a backslash at a line's end, or {@code """} around them. */
final class Multiline {
  private static final String FENCE = "\"\"\"";

  private Multiline() {}

  /** Whether more lines must follow. */
  static boolean isOpen(String text) {
    String begun = text.stripLeading();
    if (begun.startsWith(FENCE)) {
      return begun.indexOf(FENCE, FENCE.length()) < 0;
    }
    return text.endsWith("\\") && !text.endsWith("\\\\");
  }

  /** The message without the signs that held its lines together. */
  static String message(String text) {
    String begun = text.strip();
    if (begun.startsWith(FENCE)) {
      int end = begun.indexOf(FENCE, FENCE.length());
      String inside =
          end < 0
              ? begun.substring(FENCE.length())
              : begun.substring(FENCE.length(), end) + begun.substring(end + FENCE.length());
      return inside.startsWith("\n") ? inside.substring(1) : inside;
    }
    StringBuilder message = new StringBuilder();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      boolean last = i == lines.length - 1;
      boolean continued = !last && lines[i].endsWith("\\") && !lines[i].endsWith("\\\\");
      message.append(
          continued || (last && i > 0 && lines[i].equals("\\"))
              ? lines[i].substring(0, lines[i].length() - 1)
              : lines[i]);
      if (!last) {
        message.append('\n');
      }
    }
    return message.toString();
  }
}
