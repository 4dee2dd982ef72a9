package io.moineau.text.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Jinja's filters for text and numbers. */
final class TextFilters {
  private static final Pattern WORD_START =
      Pattern.compile("[-\\s({\\[<]+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  static final Map<String, Filters.Filter> ALL = new HashMap<>();

  static {
    ALL.put("abs", (r, v, a) -> abs(v));
    ALL.put("capitalize", (r, v, a) -> StrCase.capitalize(Repr.str(r, v)));
    ALL.put("center", TextFilters::center);
    ALL.put("e", (r, v, a) -> Html.escape(r, Repr.str(r, v)));
    ALL.put("escape", (r, v, a) -> Html.escape(r, Repr.str(r, v)));
    ALL.put("forceescape", (r, v, a) -> Html.escape(r, Repr.str(r, v).withMarkup(false)));
    ALL.put("filesizeformat", TextFilters::fileSize);
    ALL.put("float", TextFilters::toFloat);
    ALL.put("int", TextFilters::toInt);
    ALL.put("format", TextFilters::format);
    ALL.put("indent", TextFilters::indent);
    ALL.put("lower", (r, v, a) -> StrCase.lower(Repr.str(r, v)));
    ALL.put("upper", (r, v, a) -> StrCase.upper(Repr.str(r, v)));
    ALL.put("pprint", (r, v, a) -> Repr.repr(r, sorted(r, v, 0)));
    ALL.put("replace", TextFilters::replace);
    ALL.put("round", TextFilters::round);
    ALL.put("safe", (r, v, a) -> Repr.str(r, v).withMarkup(true));
    ALL.put("string", (r, v, a) -> Repr.str(r, v));
    ALL.put("striptags", (r, v, a) -> Html.stripTags(Repr.str(r, v)));
    ALL.put("title", (r, v, a) -> title(Repr.str(r, v)));
    ALL.put("trim", TextFilters::trim);
    ALL.put("truncate", TextFilters::truncate);
    ALL.put("urlencode", TextFilters::urlEncode);
    ALL.put("urlize", TextFilters::urlize);
    ALL.put("wordcount", (r, v, a) -> WORD.matcher(Repr.str(r, v).chars).results().count());
    ALL.put("wordwrap", TextWrap::filter);
    ALL.put("xmlattr", TextFilters::xmlAttributes);
  }

  private TextFilters() {}

  /** With the keys of dicts in order, as pprint shows them; long values are not folded here. */
  private static Object sorted(Render r, Object value, int depth) {
    if (depth > Types.MAX_DEPTH) {
      throw PyError.limit("values nested deeper than " + Types.MAX_DEPTH);
    }
    if (value instanceof PyList l) {
      PyList out = new PyList(l.items.size());
      for (Object item : l) {
        r.charge(8);
        out.items.add(sorted(r, item, depth + 1));
      }
      return out;
    }
    if (!(value instanceof PyDict dict)) {
      return value;
    }
    List<PyDict.Entry> entries = new ArrayList<>(dict.entries());
    if (entries.stream().allMatch(e -> e.key() instanceof Str)) {
      entries.sort((x, y) -> ((Str) x.key()).compareTo((Str) y.key()));
    }
    PyDict out = new PyDict();
    for (PyDict.Entry e : entries) {
      r.charge(8);
      out.put(r, e.key(), sorted(r, e.value(), depth + 1));
    }
    return out;
  }

  private static Object abs(Object value) {
    return switch (value) {
      case Double d -> Math.abs(d);
      case Long l when l != Long.MIN_VALUE -> Math.abs(l);
      case Boolean b -> b ? 1L : 0L;
      default -> {
        if (!Numbers.isInt(value)) {
          throw PyError.type("bad operand type for abs(): " + Repr.quote(Types.name(value)));
        }
        yield Numbers.normal(Numbers.big(value).abs());
      }
    };
  }

  private static Object center(Render r, Object value, Args a) {
    Object width = a.bind("center", 0, "width")[0];
    Str s = Repr.str(r, value);
    return StrMethods.pad(r, s, width == null ? 80 : Numbers.clamp(width), Str.of(" "), "center");
  }

  private static Object fileSize(Render r, Object value, Args a) {
    boolean binary = Filters.flag(a.bind("filesizeformat", 0, "binary")[0]);
    double bytes = Objects.requireNonNull(parseFloat(value, true));
    double base = binary ? 1024 : 1000;
    if (bytes == 1) {
      return Str.of("1 Byte");
    }
    if (bytes < base) {
      return Str.of(Repr.brief(Numbers.truncate(bytes)) + " Bytes");
    }
    String prefixes = "kMGTPEZY";
    double unit = base;
    int i = 0;
    do {
      unit *= base;
    } while (bytes >= unit && ++i < prefixes.length());
    i = Math.min(i, prefixes.length() - 1);
    unit = Math.pow(base, i + 2);
    String prefix =
        binary
            ? ("" + prefixes.charAt(i)).toUpperCase(java.util.Locale.ROOT) + "i"
            : "" + prefixes.charAt(i);
    return Str.of(FormatSpec.digits(base * bytes / unit, 'f', 1, false) + " " + prefix + "B");
  }

  /** Python's {@code float(value)}; null, or an error if {@code must}, where it is no number. */
  static @Nullable Double parseFloat(Object value, boolean must) {
    if (Numbers.isNumber(value)) {
      return Numbers.real(value);
    }
    if (value instanceof Undefined u) {
      throw u.error();
    }
    if (value instanceof Str s) {
      String text = s.strip(true, true).chars;
      String plain = text.replaceAll("(?<=[0-9])_(?=[0-9])", "");
      String lower = plain.toLowerCase(java.util.Locale.ROOT);
      if (lower.matches("[+-]?(inf|infinity|nan)")) {
        return lower.contains("nan")
            ? Double.NaN
            : lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      }
      StringBuilder ascii = new StringBuilder();
      plain
          .codePoints()
          .forEach(
              c -> ascii.appendCodePoint(Chars.isDecimal(c) ? '0' + Character.digit(c, 10) : c));
      if (ascii.toString().matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?")) {
        return Double.parseDouble(ascii.toString());
      }
      if (must) {
        throw PyError.value("could not convert string to float: " + Repr.quote(s.chars));
      }
      return null;
    }
    if (must) {
      throw PyError.type(
          "float() argument must be a string or a real number, not "
              + Repr.quote(Types.name(value)));
    }
    return null;
  }

  private static Object toFloat(Render r, Object value, Args a) {
    Object fallback = a.bind("float", 0, "default")[0];
    Double d = parseFloat(value, false);
    return d != null ? d : fallback == null ? (Object) 0.0 : fallback;
  }

  private static Object toInt(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("int", 0, "default", "base");
    int base = p[1] == null ? 10 : Numbers.clamp(p[1]);
    Object fallback = p[0] == null ? 0L : p[0];
    if (value instanceof Str s) {
      Object n = parseInt(s.strip(true, true).chars, base);
      if (n != null) {
        return n;
      }
    } else if (Numbers.isInt(value)) {
      return Numbers.normal(Numbers.big(value));
    } else if (value instanceof Double d && Double.isInfinite(d)) {
      return Numbers.truncate(d); // an OverflowError, which the filter lets through
    }
    Double d = parseFloat(value, false);
    return d == null || d.isNaN() || d.isInfinite() ? fallback : Numbers.truncate(d);
  }

  /** Python's {@code int(text, base)}, null where it is none. */
  private static @Nullable Object parseInt(String text, int base) {
    String body = text;
    boolean negative = body.startsWith("-");
    if (negative || body.startsWith("+")) {
      body = body.substring(1);
    }
    int radix = base;
    String mark =
        body.length() > 1 && body.charAt(0) == '0'
            ? body.substring(1, 2).toLowerCase(java.util.Locale.ROOT)
            : "";
    int marked = mark.equals("x") ? 16 : mark.equals("o") ? 8 : mark.equals("b") ? 2 : 0;
    if (marked != 0 && (base == 0 || base == marked)) {
      body = body.substring(2);
      body = body.startsWith("_") ? body.substring(1) : body;
      radix = marked;
    } else if (base == 0) {
      radix = 10;
      if (body.length() > 1 && body.charAt(0) == '0' && !body.matches("0(_?0)*")) {
        return null;
      }
    }
    if (radix < 2 || radix > 36) {
      return null;
    }
    StringBuilder digits = new StringBuilder();
    boolean lastIsDigit = false;
    for (int c : body.codePoints().toArray()) {
      if (c == '_' && lastIsDigit) {
        lastIsDigit = false;
        continue;
      }
      int digit = c < 128 || Chars.isDecimal(c) ? Character.digit(c, radix) : -1;
      if (digit < 0) {
        return null;
      }
      digits.append(Character.forDigit(digit, radix));
      lastIsDigit = true;
    }
    if (!lastIsDigit || digits.length() > Numbers.MAX_DIGITS) {
      return null;
    }
    BigInteger value = new BigInteger(digits.toString(), radix);
    return Numbers.normal(negative ? value.negate() : value);
  }

  private static Object format(Render r, Object value, Args a) {
    if (a.size() > 0 && !a.named.isEmpty()) {
      throw PyError.runtime("can't handle positional and keyword arguments at the same time");
    }
    Object values;
    if (a.named.isEmpty()) {
      values = new PyTuple(List.copyOf(a.positional));
    } else {
      PyDict dict = new PyDict();
      a.named.forEach(dict::put);
      values = dict;
    }
    return PercentFormat.format(r, Repr.str(r, value), values);
  }

  private static Object indent(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("indent", 0, "width", "first", "blank");
    Str by =
        p[0] instanceof Str s
            ? s
            : Str.of(" ".repeat(Math.clamp(p[0] == null ? 4 : Numbers.clamp(p[0]), 0, 100_000)));
    Object withEnd = Arithmetic.binary(r, "+", value, Str.of("\n"));
    if (!(withEnd instanceof Str text)) {
      throw PyError.type(Repr.quote(Types.name(value)) + " object cannot be indented");
    }
    List<Object> lines = StrMethods.lines(r, text, false);
    StrBuilder out = new StrBuilder(r);
    for (int i = 0; i < lines.size(); i++) {
      Str line = (Str) lines.get(i);
      if (i > 0) {
        out.append('\n');
      }
      boolean indented = i == 0 ? Filters.flag(p[1]) : Filters.flag(p[2]) || !line.isEmpty();
      if (indented) {
        out.append(by);
      }
      out.append(line);
    }
    return out.build().withMarkup(text.markup);
  }

  private static Object replace(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("replace", 2, "old", "new", "count");
    int most = p[2] == null || p[2] == None.NONE ? -1 : Numbers.clamp(p[2]);
    Str old = Repr.str(r, Objects.requireNonNull(p[0]));
    Str with = Repr.str(r, Objects.requireNonNull(p[1]));
    return StrMethods.replace(r, Repr.str(r, value), old, with, most).withMarkup(false);
  }

  private static Object round(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("round", 0, "precision", "method");
    int digits = p[0] == null ? 0 : Numbers.clamp(p[0]);
    String method = p[1] == null ? "common" : p[1].toString();
    if (!method.equals("common") && !method.equals("ceil") && !method.equals("floor")) {
      throw PyError.runtime("method must be common, ceil or floor");
    }
    if (!Numbers.isNumber(value)) {
      throw PyError.type("type " + Types.name(value) + " doesn't define __round__ method");
    }
    if (method.equals("common")) {
      if (value instanceof Double d) {
        return p[0] == None.NONE
            ? Numbers.truncate(Math.rint(d))
            : (Object) Numbers.round(d, digits);
      }
      return Numbers.round(Numbers.big(value), digits);
    }
    Object scale = Arithmetic.binary(r, "**", 10L, (long) digits);
    Object scaled = Arithmetic.binary(r, "*", value, scale);
    Object whole = scaled;
    if (scaled instanceof Double d) {
      whole = Numbers.truncate(method.equals("ceil") ? Math.ceil(d) : Math.floor(d));
    }
    return Arithmetic.binary(r, "/", whole, scale);
  }

  private static Str title(Str s) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    var m = WORD_START.matcher(s.chars);
    while (m.find()) {
      out.append(titled(s.chars.substring(at, m.start()))).append(m.group());
      at = m.end();
    }
    return s.mapped(out.append(titled(s.chars.substring(at))).toString());
  }

  private static String titled(String word) {
    if (word.isEmpty()) {
      return word;
    }
    int first = word.offsetByCodePoints(0, 1);
    return word.substring(0, first).toUpperCase(java.util.Locale.ROOT)
        + word.substring(first).toLowerCase(java.util.Locale.ROOT);
  }

  private static Object trim(Render r, Object value, Args a) {
    Object set = a.bind("trim", 0, "chars")[0];
    Str s = Repr.str(r, value);
    return set == null || set == None.NONE
        ? s.strip(true, true)
        : s.strip(StrMethods.text(set, "strip arg").chars, true, true);
  }

  private static Object truncate(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("truncate", 0, "length", "killwords", "end", "leeway");
    int length = p[0] == null ? 255 : Numbers.clamp(p[0]);
    Str end = p[2] == null ? Str.of("...") : StrMethods.text(p[2], "end");
    int leeway = p[3] == null || p[3] == None.NONE ? 5 : Numbers.clamp(p[3]);
    if (length < end.length() || leeway < 0) {
      throw PyError.runtime("expected length >= " + end.length() + ", got " + length);
    }
    if (Types.length(value) <= (long) length + leeway) {
      return value;
    }
    Str s = StrMethods.text(value, "truncate");
    Str cut = s.sub(0, s.unit(length - end.length()));
    if (!Filters.flag(p[1])) {
      int space = cut.chars.lastIndexOf(' ');
      cut = space < 0 ? cut : cut.sub(0, space);
    }
    return Arithmetic.concat(r, cut, end);
  }

  private static Object urlEncode(Render r, Object value, Args a) {
    if (value instanceof Str || !Types.isIterable(value)) {
      Str s = Repr.str(r, value);
      return Str.derived(Html.urlQuote(s, false), s);
    }
    List<Object> pairs = value instanceof PyDict d ? d.items() : Types.list(r, value);
    StrBuilder out = new StrBuilder(r);
    for (Object pair : pairs) {
      List<Object> both = Types.list(r, pair);
      if (both.size() != 2) {
        throw PyError.value("not enough values to unpack (expected 2, got " + both.size() + ")");
      }
      Str key = Repr.str(r, both.get(0));
      Str item = Repr.str(r, both.get(1));
      out.append(out.length() > 0 ? "&" : "");
      out.append(Html.urlQuote(key, true), key.marks.length > 0).append('=');
      out.append(Html.urlQuote(item, true), item.marks.length > 0);
    }
    return out.build();
  }

  private static Object urlize(Render r, Object value, Args a) {
    @Nullable Object[] p =
        a.bind("urlize", 0, "trim_url_limit", "nofollow", "target", "rel", "extra_schemes");
    TreeSet<String> rel = new TreeSet<>(List.of("noopener"));
    if (Filters.flag(p[1])) {
      rel.add("nofollow");
    }
    if (p[3] instanceof Str s) {
      for (Object word :
          Types.list(
              r,
              Attributes.attribute(r, s, "split") instanceof Callable c
                  ? c.call(r, new Args())
                  : s)) {
        rel.add(word.toString());
      }
    }
    Str relation = Html.escape(r, Str.of(String.join(" ", rel)));
    String target = p[2] instanceof Str t ? " target=\"" + Html.escape(r, t) + "\"" : "";
    List<String> schemes = new ArrayList<>();
    if (p[4] != null && p[4] != None.NONE) {
      for (Object scheme : Types.list(r, p[4])) {
        schemes.add(scheme.toString());
      }
    }
    Str s = Html.escape(r, Repr.str(r, value));
    int limit = p[0] == null || p[0] == None.NONE ? -1 : Numbers.clamp(p[0]);
    return Str.derived(
        Html.urlize(s.chars, limit, " rel=\"" + relation + "\"", target, schemes), s);
  }

  private static Object xmlAttributes(Render r, Object value, Args a) {
    Object space = a.bind("xmlattr", 0, "autospace")[0];
    if (value instanceof Undefined u) {
      throw u.error();
    }
    if (!(value instanceof PyDict dict)) {
      throw PyError.runtime(Repr.quote(Types.name(value)) + " object has no attribute 'items'");
    }
    StrBuilder out = new StrBuilder(r);
    for (PyDict.Entry e : dict.entries()) {
      if (e.value() == None.NONE || e.value() instanceof Undefined) {
        continue;
      }
      Str key = StrMethods.text(e.key(), "attribute name");
      if (key.chars.chars().anyMatch(c -> " \t\n\r\f\u000b/>=".indexOf(c) >= 0)) {
        throw PyError.value("Invalid character in attribute name: " + Repr.quote(key.chars));
      }
      if (out.length() > 0 || space == null || Types.truth(space)) {
        out.append(' ');
      }
      out.append(Html.escape(r, key)).append("=\"");
      out.append(Html.escape(r, Repr.str(r, e.value()))).append('"');
    }
    return out.build();
  }
}
