package io.moineau.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code wordwrap} filter: Python's {@code textwrap} for each line of a text. */
final class TextWrap {
  private static final String SPACE = "[\\t\\n\\x0b\\f\\r ]";
  private static final String NO_SPACE = "[^\\t\\n\\x0b\\f\\r ]";
  private static final String WORD = "[\\w!\"'&.,?]";
  private static final String LETTER = "[^\\d\\W]";

  /** How textwrap cuts a text into words, pieces between hyphens, dashes and white space. */
  private static final Pattern CHUNK =
      Pattern.compile(
          SPACE
              + "+"
              + "|(?<="
              + WORD
              + ")-{2,}(?=\\w)"
              + "|"
              + NO_SPACE
              + "+?(?:"
              + "-(?:(?<="
              + LETTER
              + "{2}-)|(?<="
              + LETTER
              + "-"
              + LETTER
              + "-))"
              + "(?="
              + LETTER
              + "-?"
              + LETTER
              + ")"
              + "|(?="
              + SPACE
              + "|\\z)"
              + "|(?<="
              + WORD
              + ")(?=-{2,}\\w))",
          Pattern.UNICODE_CHARACTER_CLASS);

  private static final Pattern SIMPLE = Pattern.compile(SPACE + "+|" + NO_SPACE + "+");

  private TextWrap() {}

  static Object filter(Render r, Object value, Args a) {
    @Nullable Object[] p =
        a.bind("wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
    int width = p[0] == null ? 79 : Numbers.clamp(p[0]);
    boolean breakWords = p[1] == null || Types.truth(p[1]);
    Str newline =
        p[2] == null || p[2] == None.NONE ? Str.of("\n") : StrMethods.text(p[2], "wrapstring");
    boolean hyphens = p[3] == null || Types.truth(p[3]);
    if (value instanceof Undefined u) {
      throw u.error();
    }
    StrBuilder out = new StrBuilder(r);
    boolean first = true;
    for (Object line : StrMethods.lines(r, StrMethods.text(value, "wordwrap"), false)) {
      out.append(first ? Str.EMPTY : newline);
      first = false;
      List<Str> wrapped = wrap(r, (Str) line, width, breakWords, hyphens);
      for (int i = 0; i < wrapped.size(); i++) {
        out.append(i > 0 ? newline : Str.EMPTY).append(wrapped.get(i));
      }
    }
    return out.build();
  }

  private static List<Str> wrap(
      Render r, Str line, int width, boolean breakWords, boolean hyphens) {
    if (width <= 0) {
      throw PyError.value("invalid width " + width + " (must be > 0)");
    }
    charge(r, line);
    List<Str> chunks = new ArrayList<>();
    Matcher m = (hyphens ? CHUNK : SIMPLE).matcher(line.chars);
    while (m.find()) {
      chunks.add(line.sub(m.start(), m.end()));
    }
    List<Str> lines = new ArrayList<>();
    int at = 0;
    while (at < chunks.size()) {
      if (!lines.isEmpty() && isBlank(chunks.get(at))) {
        at++;
        continue;
      }
      List<Str> current = new ArrayList<>();
      int length = 0;
      while (at < chunks.size() && length + chunks.get(at).length() <= width) {
        length += chunks.get(at).length();
        current.add(chunks.get(at++));
      }
      if (at < chunks.size() && chunks.get(at).length() > width) {
        length += breakLong(chunks, at, current, width - length, width, breakWords, hyphens);
        if (chunks.get(at).isEmpty()) {
          at++;
        }
      }
      if (!current.isEmpty() && isBlank(current.getLast())) {
        current.removeLast();
      }
      if (!current.isEmpty()) {
        StrBuilder out = new StrBuilder(r);
        current.forEach(out::append);
        lines.add(out.build());
      }
    }
    return lines;
  }

  /** Looking ahead over dashes may take the square of a line's length. */
  private static void charge(Render r, Str line) {
    r.charge((long) line.chars.length() * line.chars.length());
  }

  private static int breakLong(
      List<Str> chunks,
      int at,
      List<Str> current,
      int room,
      int width,
      boolean breakWords,
      boolean hyphens) {
    Str chunk = Objects.requireNonNull(chunks.get(at));
    int left = width < 1 ? 1 : room;
    if (breakWords) {
      int end = left;
      if (hyphens && chunk.length() > left && left > 0) {
        int hyphen = chunk.chars.lastIndexOf('-', chunk.unit(left) - 1);
        if (hyphen > 0 && chunk.chars.substring(0, hyphen).chars().anyMatch(c -> c != '-')) {
          end = chunk.index(hyphen) + 1;
        }
      }
      int unit = chunk.unit(Math.max(0, end));
      current.add(chunk.sub(0, unit));
      chunks.set(at, chunk.sub(unit, chunk.chars.length()));
      return end;
    }
    if (current.isEmpty()) {
      current.add(chunk);
      chunks.set(at, Str.EMPTY);
    }
    return 0;
  }

  private static boolean isBlank(Str s) {
    return s.strip(true, true).isEmpty();
  }
}
