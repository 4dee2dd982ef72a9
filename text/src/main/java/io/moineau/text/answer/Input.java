package io.moineau.text.answer;

/** Text that has come and is not understood yet; offsets count from its beginning. */
final class Input {
  /** Whether a marker stands somewhere. */
  enum Fit {
    /** It does. */
    YES,
    /** It does not. */
    NO,
    /** The text ends inside it, and more may come. */
    MAYBE
  }

  private final StringBuilder text = new StringBuilder();
  private int start;
  private boolean ended;

  void append(String more) {
    if (start > 4096 && start > text.length() / 2) {
      text.delete(0, start);
      start = 0;
    }
    text.append(more);
  }

  /** Says that nothing more will come. */
  void end() {
    ended = true;
  }

  boolean ended() {
    return ended;
  }

  int length() {
    return text.length() - start;
  }

  char charAt(int offset) {
    return text.charAt(start + offset);
  }

  String substring(int from, int to) {
    return text.substring(start + from, start + to);
  }

  String take(int length) {
    String taken = substring(0, length);
    start += length;
    return taken;
  }

  void skip(int length) {
    start += length;
  }

  /** Whether {@code marker} stands at {@code offset}. */
  Fit fit(int offset, String marker) {
    int there = Math.min(marker.length(), length() - offset);
    for (int i = 0; i < there; i++) {
      if (charAt(offset + i) != marker.charAt(i)) {
        return Fit.NO;
      }
    }
    if (there == marker.length()) {
      return Fit.YES;
    }
    return ended ? Fit.NO : Fit.MAYBE;
  }

  /** Where {@code marker} begins from {@code offset} on; negative if nowhere yet. */
  int indexOf(String marker, int offset) {
    int found = text.indexOf(marker, start + offset);
    return found < 0 ? -1 : found - start;
  }

  /** The first offset from this one on that is no white space, or the length. */
  int skipSpace(int offset) {
    int at = offset;
    while (at < length() && Character.isWhitespace(charAt(at))) {
      at++;
    }
    return at;
  }
}
