package io.moineau.plan.chart;

/** Writes SVG and HTML: elements with escaped values, numbers as short as they can be. */
final class Svg {
  private static final int REPLACEMENT = 0xfffd;

  private final StringBuilder text = new StringBuilder(4096);

  /**
   * Begins an element.
   *
   * @param attributes names and values in turn; a number is written to one tenth
   */
  Svg open(String element, Object... attributes) {
    return begin(element, attributes).raw(">\n");
  }

  /** Ends an element that was begun. */
  Svg close(String element) {
    return raw("</" + element + ">\n");
  }

  /** An element with nothing in it. */
  Svg empty(String element, Object... attributes) {
    return begin(element, attributes).raw("/>\n");
  }

  /** An element with a text in it. */
  Svg text(String element, String content, Object... attributes) {
    return begin(element, attributes).raw(">" + escaped(content) + "</" + element + ">\n");
  }

  /** An element whose text is shown where a pointer rests on it. */
  Svg titled(String element, String title, Object... attributes) {
    return begin(element, attributes)
        .raw("><title>" + escaped(title) + "</title></" + element + ">\n");
  }

  private Svg begin(String element, Object... attributes) {
    text.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      Object value = attributes[i + 1];
      String written = value instanceof Double number ? number(number) : escaped(value.toString());
      if (!written.isEmpty()) {
        text.append(' ').append(attributes[i]).append("=\"").append(written).append('"');
      }
    }
    return this;
  }

  /** Markup that is made here, not given from outside. */
  Svg raw(String markup) {
    text.append(markup);
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  /** A coordinate to one tenth of a pixel. */
  static String number(double value) {
    long tenths = Math.round(value * 10);
    String sign = tenths < 0 ? "-" : "";
    long size = Math.abs(tenths);
    return sign + size / 10 + (size % 10 == 0 ? "" : "." + size % 10);
  }

  /**
   * Text that can stand between tags and in attributes. What XML cannot hold, and the signs that
   * turn the direction of writing, are replaced: a name must not make its neighbours read
   * otherwise.
   */
  static String escaped(String given) {
    StringBuilder safe = new StringBuilder(given.length() + 16);
    given
        .codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> safe.append("&amp;");
            case '<' -> safe.append("&lt;");
            case '>' -> safe.append("&gt;");
            case '"' -> safe.append("&quot;");
            case '\'' -> safe.append("&#39;");
            case '\n' -> safe.append('\n');
            default -> safe.appendCodePoint(readable(c));
          }
        });
    return safe.toString();
  }

  private static int readable(int c) {
    if (c < ' ' || c >= 0x7f && c < 0xa0) {
      return ' ';
    }
    boolean turns = c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069;
    boolean none = c >= 0xd800 && c <= 0xdfff || (c & 0xfffe) == 0xfffe;
    return turns || none ? REPLACEMENT : c;
  }
}
