package io.moineau.text.jinja;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's str. */
final class StrMethods {
  private interface Method {
    Object call(Render render, Str self, Args args);
  }

  private static final Map<String, Method> METHODS =
      Map.ofEntries(
          Map.entry("upper", (r, s, a) -> none(a, s, StrCase.upper(s))),
          Map.entry("lower", (r, s, a) -> none(a, s, StrCase.lower(s))),
          Map.entry("casefold", (r, s, a) -> none(a, s, StrCase.casefold(s))),
          Map.entry("capitalize", (r, s, a) -> none(a, s, StrCase.capitalize(s))),
          Map.entry("title", (r, s, a) -> none(a, s, StrCase.title(s))),
          Map.entry("swapcase", (r, s, a) -> none(a, s, StrCase.swap(s))),
          Map.entry("strip", (r, s, a) -> strip(s, a, true, true)),
          Map.entry("lstrip", (r, s, a) -> strip(s, a, true, false)),
          Map.entry("rstrip", (r, s, a) -> strip(s, a, false, true)),
          Map.entry("split", (r, s, a) -> split(r, s, a, false)),
          Map.entry("rsplit", (r, s, a) -> split(r, s, a, true)),
          Map.entry("splitlines", StrMethods::splitlines),
          Map.entry("partition", (r, s, a) -> partition(s, a, false)),
          Map.entry("rpartition", (r, s, a) -> partition(s, a, true)),
          Map.entry("join", StrMethods::join),
          Map.entry("replace", StrMethods::replace),
          Map.entry("startswith", (r, s, a) -> edge(s, a, true)),
          Map.entry("endswith", (r, s, a) -> edge(s, a, false)),
          Map.entry("removeprefix", (r, s, a) -> remove(s, a, true)),
          Map.entry("removesuffix", (r, s, a) -> remove(s, a, false)),
          Map.entry("find", (r, s, a) -> find(s, a, false, false)),
          Map.entry("rfind", (r, s, a) -> find(s, a, true, false)),
          Map.entry("index", (r, s, a) -> find(s, a, false, true)),
          Map.entry("rindex", (r, s, a) -> find(s, a, true, true)),
          Map.entry("count", (r, s, a) -> count(s, a)),
          Map.entry("format", (r, s, a) -> BraceFormat.format(r, s, a)),
          Map.entry("format_map", (r, s, a) -> BraceFormat.formatMap(r, s, a)),
          Map.entry("center", (r, s, a) -> pad(r, s, a, "center")),
          Map.entry("ljust", (r, s, a) -> pad(r, s, a, "ljust")),
          Map.entry("rjust", (r, s, a) -> pad(r, s, a, "rjust")),
          Map.entry("zfill", StrMethods::zfill),
          Map.entry("expandtabs", StrMethods::expandtabs),
          Map.entry("encode", (r, s, a) -> encode(s)),
          Map.entry("translate", StrMethods::translate),
          Map.entry("maketrans", (r, s, a) -> maketrans(r, a)),
          Map.entry("isdigit", (r, s, a) -> all(s, Chars::isDigit)),
          Map.entry("isdecimal", (r, s, a) -> all(s, Chars::isDecimal)),
          Map.entry("isnumeric", (r, s, a) -> all(s, Chars::isNumeric)),
          Map.entry("isalpha", (r, s, a) -> all(s, Character::isLetter)),
          Map.entry(
              "isalnum", (r, s, a) -> all(s, c -> Character.isLetter(c) || Chars.isNumeric(c))),
          Map.entry("isspace", (r, s, a) -> all(s, Chars::isSpace)),
          Map.entry("isprintable", (r, s, a) -> s.isEmpty() || all(s, Chars::isPrintable)),
          Map.entry("isascii", (r, s, a) -> s.isEmpty() || all(s, c -> c < 128)),
          Map.entry("isidentifier", (r, s, a) -> isIdentifier(s.chars)),
          Map.entry("isupper", (r, s, a) -> StrCase.isUpper(s.chars)),
          Map.entry("islower", (r, s, a) -> StrCase.isLower(s.chars)),
          Map.entry("istitle", (r, s, a) -> StrCase.isTitle(s.chars)));

  private StrMethods() {}

  static @Nullable Object find(Str self, String name) {
    Method method = METHODS.get(name);
    if (method == null) {
      return null;
    }
    return CollectionMethods.method(name, (r, a) -> method.call(r, self, a));
  }

  private static Object none(Args args, Str self, Str result) {
    args.positional("method", 0, 0);
    return result.withMarkup(self.markup);
  }

  static Str text(@Nullable Object value, String where) {
    if (value instanceof Str s) {
      return s;
    }
    throw PyError.type(
        where + " must be str, not " + Types.name(Objects.requireNonNullElse(value, None.NONE)));
  }

  private static boolean given(@Nullable Object value) {
    return value != null && value != None.NONE;
  }

  private static boolean all(Str s, IntPredicate test) {
    return !s.isEmpty() && s.chars.codePoints().allMatch(test);
  }

  private static boolean isIdentifier(String s) {
    return !s.isEmpty()
        && (s.codePointAt(0) == '_' || Character.isUnicodeIdentifierStart(s.codePointAt(0)))
        && s.codePoints()
            .allMatch(c ->
                c == '_'
                    || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
  }

  private static Object strip(Str s, Args a, boolean left, boolean right) {
    Object set = a.positional("strip", 0, 1)[0];
    return given(set) ? s.strip(text(set, "strip arg").chars, left, right) : s.strip(left, right);
  }

  private static Object split(Render r, Str s, Args a, boolean fromRight) {
    @Nullable Object[] p = a.bind("split", 0, "sep", "maxsplit");
    int most = p[1] == null ? -1 : Numbers.clamp(p[1]);
    List<Object> out = new ArrayList<>();
    if (given(p[0])) {
      Str separator = text(p[0], "must be str or None, sep");
      if (separator.isEmpty()) {
        throw PyError.value("empty separator");
      }
      r.chargeSearch(s.chars, separator.chars);
      splitAt(r, s, separator.chars, most, fromRight, out);
    } else {
      splitSpace(r, s, most, fromRight, out);
    }
    if (fromRight) {
      Collections.reverse(out);
    }
    return new PyList(out);
  }

  private static void splitAt(
      Render r, Str s, String separator, int most, boolean fromRight, List<Object> out) {
    int left = 0;
    int right = s.chars.length();
    while (most < 0 || out.size() < most) {
      int i =
          fromRight
              ? s.chars.lastIndexOf(separator, right - separator.length())
              : s.chars.indexOf(separator, left);
      if (i < 0 || fromRight && right < separator.length()) {
        break;
      }
      r.charge(8);
      if (fromRight) {
        out.add(s.sub(i + separator.length(), right));
        right = i;
      } else {
        out.add(s.sub(left, i));
        left = i + separator.length();
      }
    }
    out.add(s.sub(left, right));
  }

  private static void splitSpace(Render r, Str s, int most, boolean fromRight, List<Object> out) {
    Str rest = s.strip(!fromRight, fromRight);
    while (!rest.isEmpty()) {
      if (most >= 0 && out.size() >= most) {
        out.add(rest);
        return;
      }
      r.charge(8);
      String text = rest.chars;
      int i = fromRight ? text.length() : 0;
      while (fromRight
          ? i > 0 && !Chars.isSpace(text.charAt(i - 1))
          : i < text.length() && !Chars.isSpace(text.charAt(i))) {
        i += fromRight ? -1 : 1;
      }
      out.add(fromRight ? rest.sub(i, text.length()) : rest.sub(0, i));
      int j = i; // what remains is found without copying the whole text for each word
      while (fromRight
          ? j > 0 && Chars.isSpace(text.charAt(j - 1))
          : j < text.length() && Chars.isSpace(text.charAt(j))) {
        j += fromRight ? -1 : 1;
      }
      r.charge(fromRight ? j : text.length() - j);
      rest = fromRight ? rest.sub(0, j) : rest.sub(j, text.length());
    }
  }

  static List<Object> lines(Render r, Str s, boolean keepEnds) {
    List<Object> out = new ArrayList<>();
    String text = s.chars;
    int start = 0;
    int i = 0;
    while (i < text.length()) {
      if (!Chars.isLineBreak(text.charAt(i))) {
        i++;
        continue;
      }
      int end = i + 1;
      if (text.charAt(i) == '\r' && end < text.length() && text.charAt(end) == '\n') {
        end++;
      }
      r.charge(8);
      out.add(s.sub(start, keepEnds ? end : i));
      start = end;
      i = end;
    }
    if (start < text.length()) {
      out.add(s.sub(start, text.length()));
    }
    return out;
  }

  private static Object splitlines(Render r, Str s, Args a) {
    Object keep = a.bind("splitlines", 0, "keepends")[0];
    return new PyList(lines(r, s, keep != null && Types.truth(keep)));
  }

  private static Object partition(Str s, Args a, boolean fromRight) {
    Str separator = text(a.positional("partition", 1, 1)[0], "separator");
    if (separator.isEmpty()) {
      throw PyError.value("empty separator");
    }
    int i = fromRight ? s.chars.lastIndexOf(separator.chars) : s.chars.indexOf(separator.chars);
    if (i < 0) {
      return fromRight ? PyTuple.of(Str.EMPTY, Str.EMPTY, s) : PyTuple.of(s, Str.EMPTY, Str.EMPTY);
    }
    int end = i + separator.chars.length();
    return PyTuple.of(s.sub(0, i), s.sub(i, end), s.sub(end, s.chars.length()));
  }

  private static Object join(Render r, Str s, Args a) {
    Object parts = Objects.requireNonNull(a.positional("join", 1, 1)[0]);
    if (!Types.isIterable(parts)) {
      throw PyError.type("can only join an iterable");
    }
    StrBuilder out = new StrBuilder(r);
    int i = 0;
    for (Object part : Types.list(r, parts)) {
      if (i > 0) {
        out.append(s);
      }
      if (!(part instanceof Str piece)) {
        throw PyError.type(
            "sequence item " + i + ": expected str instance, " + Types.name(part) + " found");
      }
      out.append(s.markup ? Html.escape(r, piece) : piece);
      i++;
    }
    return out.build().withMarkup(s.markup);
  }

  private static Object replace(Render r, Str s, Args a) {
    @Nullable Object[] p = a.positional("replace", 2, 3);
    int most = p[2] == null ? -1 : Numbers.clamp(p[2]);
    return replace(
            r, s, text(p[0], "replace() argument 1"), text(p[1], "replace() argument 2"), most)
        .withMarkup(s.markup);
  }

  static Str replace(Render r, Str s, Str old, Str with, int most) {
    StrBuilder out = new StrBuilder(r);
    int left = most < 0 ? Integer.MAX_VALUE : most;
    r.chargeSearch(s.chars, old.chars);
    if (old.isEmpty()) {
      int at = 0;
      while (left > 0 && at < s.chars.length()) {
        int next = at + Character.charCount(s.chars.codePointAt(at));
        out.append(with).append(s, at, next);
        at = next;
        left--;
      }
      out.append(s, at, s.chars.length());
      return left > 0 ? out.append(with).build() : out.build();
    }
    int from = 0;
    int i = left == 0 ? -1 : s.chars.indexOf(old.chars);
    if (i < 0) {
      return s;
    }
    while (i >= 0 && left-- > 0) {
      out.append(s, from, i).append(with);
      from = i + old.chars.length();
      i = s.chars.indexOf(old.chars, from);
    }
    return out.append(s, from, s.chars.length()).build();
  }

  /** The part of {@code s} from argument 1 to argument 2, in units; null if start is beyond. */
  private static int @Nullable [] window(Str s, @Nullable Object[] p) {
    int length = s.length();
    int from = given(p[1]) ? Numbers.clamp(Objects.requireNonNull(p[1])) : 0;
    int to = given(p[2]) ? Numbers.clamp(Objects.requireNonNull(p[2])) : length;
    from = from < 0 ? Math.max(0, from + length) : from;
    to = to < 0 ? Math.max(0, to + length) : Math.min(to, length);
    return from > length || from > to ? null : new int[] {s.unit(from), s.unit(to)};
  }

  private static Object edge(Str s, Args a, boolean start) {
    @Nullable Object[] p = a.positional(start ? "startswith" : "endswith", 1, 3);
    int[] window = window(s, p);
    List<Object> choices =
        p[0] instanceof PyTuple t ? t.items() : List.of(Objects.requireNonNull(p[0]));
    for (Object choice : choices) {
      if (!(choice instanceof Str part)) {
        throw PyError.type(
            (start ? "startswith" : "endswith")
                + " first arg must be str or a tuple of str, not "
                + Types.name(choice));
      }
      if (window == null || part.chars.length() > window[1] - window[0]) {
        continue;
      }
      int at = start ? window[0] : window[1] - part.chars.length();
      if (s.chars.startsWith(part.chars, at)) {
        return true;
      }
    }
    return false;
  }

  private static Object remove(Str s, Args a, boolean start) {
    String part = text(a.positional("removeprefix", 1, 1)[0], "removeprefix() argument").chars;
    int length = s.chars.length();
    if (start) {
      return s.chars.startsWith(part) ? s.sub(part.length(), length) : s;
    }
    return s.chars.endsWith(part) ? s.sub(0, length - part.length()) : s;
  }

  private static Object find(Str s, Args a, boolean fromRight, boolean mustBe) {
    @Nullable Object[] p = a.positional("find", 1, 3);
    String part = text(p[0], "must be str, argument").chars;
    int[] window = window(s, p);
    int found = -1;
    if (window != null && part.length() <= window[1] - window[0]) {
      found =
          fromRight
              ? s.chars.lastIndexOf(part, window[1] - part.length())
              : s.chars.indexOf(part, window[0]);
      if (found < window[0] || found + part.length() > window[1]) {
        found = -1;
      }
    }
    if (found < 0 && mustBe) {
      throw PyError.value("substring not found");
    }
    return found < 0 ? -1L : (long) s.index(found);
  }

  private static Object count(Str s, Args a) {
    @Nullable Object[] p = a.positional("count", 1, 3);
    String part = text(p[0], "must be str, argument").chars;
    int[] window = window(s, p);
    if (window == null) {
      return 0L;
    }
    String text = s.chars.substring(window[0], window[1]);
    if (part.isEmpty()) {
      return (long) text.codePointCount(0, text.length()) + 1;
    }
    long n = 0;
    for (int i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length())) {
      n++;
    }
    return n;
  }

  private static Object pad(Render r, Str s, Args a, String how) {
    @Nullable Object[] p = a.positional(how, 1, 2);
    int width = Numbers.clamp(Objects.requireNonNull(p[0]));
    Str fill = p[1] == null ? Str.of(" ") : text(p[1], "the fill character");
    if (fill.length() != 1) {
      throw PyError.type("The fill character must be exactly one character long");
    }
    return pad(r, s, width, fill, how).withMarkup(s.markup);
  }

  static Str pad(Render r, Str s, int width, Str fill, String how) {
    int room = width - s.length();
    if (room <= 0) {
      return s;
    }
    int left =
        switch (how) {
          case "ljust" -> 0;
          case "rjust" -> room;
          default -> room / 2 + (room & width & 1);
        };
    StrBuilder out = new StrBuilder(r);
    for (int i = 0; i < left; i++) {
      out.append(fill);
    }
    out.append(s);
    for (int i = left; i < room; i++) {
      out.append(fill);
    }
    return out.build();
  }

  private static Object zfill(Render r, Str s, Args a) {
    int width = Numbers.clamp(Objects.requireNonNull(a.positional("zfill", 1, 1)[0]));
    int room = width - s.length();
    if (room <= 0) {
      return s;
    }
    boolean signed = !s.isEmpty() && "+-".indexOf(s.chars.charAt(0)) >= 0;
    int sign = signed ? 1 : 0;
    return new StrBuilder(r)
        .append(s, 0, sign)
        .repeat('0', room)
        .append(s, sign, s.chars.length())
        .build();
  }

  private static Object expandtabs(Render r, Str s, Args a) {
    Object given = a.bind("expandtabs", 0, "tabsize")[0];
    int size = given == null ? 8 : Numbers.clamp(given);
    StrBuilder out = new StrBuilder(r);
    int column = 0;
    int plain = 0;
    for (int i = 0; i < s.chars.length(); i++) {
      char c = s.chars.charAt(i);
      if (c == '\t') {
        out.append(s, plain, i);
        plain = i + 1;
        int spaces = size > 0 ? size - column % size : 0;
        out.repeat(' ', spaces);
        column += spaces;
      } else if (c == '\n' || c == '\r') {
        column = 0;
      } else if (!Character.isLowSurrogate(c)) {
        column++;
      }
    }
    return out.append(s, plain, s.chars.length()).build();
  }

  private static Object encode(Str s) {
    return new PyBytes(s.chars.getBytes(StandardCharsets.UTF_8), s.marks.length > 0);
  }

  private static Object maketrans(Render r, Args a) {
    @Nullable Object[] p = a.positional("maketrans", 1, 3);
    PyDict out = new PyDict();
    if (p[1] == null) {
      if (!(p[0] instanceof PyDict given)) {
        throw PyError.type("if you give only one argument to maketrans it must be a dict");
      }
      for (PyDict.Entry e : given.entries()) {
        Object key = e.key() instanceof Str s ? (Object) (long) s.chars.codePointAt(0) : e.key();
        out.put(r, key, e.value());
      }
      return out;
    }
    int[] from = text(p[0], "maketrans argument 1").chars.codePoints().toArray();
    Object[] to = Types.list(r, text(p[1], "maketrans argument 2")).toArray();
    if (from.length != to.length) {
      throw PyError.value("the first two maketrans arguments must have equal length");
    }
    for (int i = 0; i < from.length; i++) {
      out.put(r, (long) from[i], (long) ((Str) to[i]).chars.codePointAt(0));
    }
    if (p[2] != null) {
      text(p[2], "maketrans argument 3")
          .chars
          .codePoints()
          .forEach(c -> out.put(r, (long) c, None.NONE));
    }
    return out;
  }

  private static Object translate(Render r, Str s, Args a) {
    Object table = Objects.requireNonNull(a.positional("translate", 1, 1)[0]);
    StrBuilder out = new StrBuilder(r);
    int i = 0;
    while (i < s.chars.length()) {
      int c = s.chars.codePointAt(i);
      int next = i + Character.charCount(c);
      Object to = table instanceof PyDict d ? d.get(r, (long) c) : null;
      switch (to) {
        case null -> out.append(s, i, next);
        case None n -> {}
        case Str t -> out.append(t);
        default -> out.append(Character.toString(Numbers.clamp(to)), s.isUntrusted(i, next));
      }
      i = next;
    }
    return out.build();
  }
}
