package io.moineau.plan.chart;

/**
 * How wide a text is, without a font: the widths of DejaVu Sans, which is wider than the fonts that
 * systems have for their interfaces, so that what fits here fits there.
 */
final class TextWidth {
  private static final String NARROW = "iljI.,:;'|! ftr()[]{}/-";
  private static final String WIDE = "mwMW@%";

  private TextWidth() {}

  /** The width in pixels at a size of font. */
  static double of(String text, double size) {
    return size * text.codePoints().mapToDouble(TextWidth::em).sum();
  }

  private static double em(int c) {
    if (c < 0x80) {
      if (NARROW.indexOf(c) >= 0) {
        return 0.42;
      }
      if (WIDE.indexOf(c) >= 0) {
        return 1;
      }
      return c >= 'A' && c <= 'Z' ? 0.75 : 0.65;
    }
    if (c >= 0x300 && c < 0x370) {
      return 0; // marks above the letter before
    }
    return c < 0x1100 ? 0.75 : 1;
  }

  /** As much of a text as has room, with an ellipsis where there is more. */
  static String shortened(String text, double size, double room) {
    if (of(text, size) <= room) {
      return text;
    }
    double left = room - size; // the ellipsis
    StringBuilder kept = new StringBuilder();
    for (int c : text.codePoints().toArray()) {
      left -= size * em(c);
      if (left < 0) {
        break;
      }
      kept.appendCodePoint(c);
    }
    return kept.toString().stripTrailing() + "\u2026";
  }
}
