package io.moineau.format;

/** Text from a file, made safe to print: short, and with no control characters. */
final class Quoted {
  private static final int LONGEST = 96;

  private Quoted() {}

  /** The text with control and format characters escaped, cut after {@value #LONGEST} units. */
  static String of(String text) {
    StringBuilder safe = new StringBuilder(Math.min(text.length(), LONGEST) + 8);
    for (int i = 0; i < text.length(); i++) {
      if (safe.length() >= LONGEST) {
        return safe.append("... (").append(text.length()).append(" characters)").toString();
      }
      char c = text.charAt(i);
      int kind = Character.getType(c);
      boolean printable =
          kind != Character.CONTROL
              && kind != Character.FORMAT
              && kind != Character.LINE_SEPARATOR
              && kind != Character.PARAGRAPH_SEPARATOR
              && kind != Character.SURROGATE
              && kind != Character.UNASSIGNED;
      if (printable) {
        safe.append(c);
      } else {
        safe.append(String.format("\\u%04x", (int) c));
      }
    }
    return safe.toString();
  }
}
