package io.moineau.text.jinja;

import java.util.Objects;

/** Python's {@code str.format} as the sandbox runs it: fields are looked up as Jinja does. */
final class BraceFormat {
  private final Render render;
  private final Args args;
  private final PyDict named;
  private final boolean markup;
  private int auto; // next automatic field; -1 once numbers are given

  private BraceFormat(Render render, Args args, PyDict named, boolean markup) {
    this.render = render;
    this.args = args;
    this.named = named;
    this.markup = markup;
  }

  static Str format(Render render, Str format, Args args) {
    PyDict named = new PyDict();
    args.named.forEach(named::put);
    return new BraceFormat(render, args, named, format.markup)
        .run(format, 2)
        .withMarkup(format.markup);
  }

  static Str formatMap(Render render, Str format, Args args) {
    Object map = Objects.requireNonNull(args.positional("format_map", 1, 1)[0]);
    if (!(map instanceof PyDict dict)) {
      throw PyError.type("format_map() argument must be a mapping, not " + Types.name(map));
    }
    return new BraceFormat(render, new Args(), dict, format.markup)
        .run(format, 2)
        .withMarkup(format.markup);
  }

  private Str run(Str format, int depth) {
    if (depth < 0) {
      throw PyError.value("Max string recursion exceeded");
    }
    StrBuilder out = new StrBuilder(render);
    String text = format.chars;
    int i = 0;
    while (i < text.length()) {
      int plain = i;
      while (i < text.length() && text.charAt(i) != '{' && text.charAt(i) != '}') {
        i++;
      }
      out.append(format, plain, i);
      if (i == text.length()) {
        break;
      }
      char c = text.charAt(i);
      if (i + 1 < text.length() && text.charAt(i + 1) == c) {
        out.append(format, i, i + 1);
        i += 2;
      } else if (c == '}') {
        throw PyError.value("Single '}' encountered in format string");
      } else {
        int end = close(text, i + 1);
        field(out, format, i + 1, end, depth);
        i = end + 1;
      }
    }
    return out.build();
  }

  private static int close(String text, int from) {
    int depth = 1;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw PyError.value(
        from == text.length()
            ? "Single '{' encountered in format string"
            : "expected '}' before end of string");
  }

  private void field(StrBuilder out, Str format, int from, int to, int depth) {
    String text = format.chars;
    int nameEnd = from;
    boolean inBrackets = false;
    while (nameEnd < to
        && (inBrackets || text.charAt(nameEnd) != ':' && text.charAt(nameEnd) != '!')) {
      inBrackets = text.charAt(nameEnd) == '[' || inBrackets && text.charAt(nameEnd) != ']';
      nameEnd++;
    }
    char conversion = 0;
    int i = nameEnd;
    if (i < to && text.charAt(i) == '!') {
      if (i + 1 >= to) {
        throw PyError.value("end of string while looking for conversion specifier");
      }
      conversion = text.charAt(i + 1);
      i += 2;
      if (i < to && text.charAt(i) != ':') {
        throw PyError.value("expected ':' after conversion specifier");
      }
    }
    Object value = lookup(text.substring(from, nameEnd));
    value =
        switch (conversion) {
          case 0 -> value;
          case 's' -> Repr.str(render, value);
          case 'r', 'a' -> Repr.repr(render, value);
          default -> throw PyError.value("Unknown conversion specifier " + conversion);
        };
    Str spec = i < to ? run(format.sub(i + 1, to), depth - 1) : Str.EMPTY;
    Str piece = FormatSpec.format(render, value, spec.chars);
    out.append(markup ? Html.escape(render, piece) : piece);
  }

  private Object lookup(String name) {
    int end = 0;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    Object value = first(name.substring(0, end));
    int i = end;
    while (i < name.length()) {
      if (name.charAt(i) == '.') {
        int stop = i + 1;
        while (stop < name.length() && name.charAt(stop) != '.' && name.charAt(stop) != '[') {
          stop++;
        }
        if (stop == i + 1) {
          throw PyError.value("Empty attribute in format string");
        }
        value = Attributes.attribute(render, value, name.substring(i + 1, stop));
        i = stop;
      } else if (name.charAt(i) == '[') {
        int stop = name.indexOf(']', i);
        if (stop < 0) {
          throw PyError.value("Missing ']' in format string");
        }
        String key = name.substring(i + 1, stop);
        value =
            Attributes.item(
                render, value, isNumber(key) ? (Object) Long.valueOf(key) : Str.of(key));
        i = stop + 1;
      } else {
        throw PyError.value("Only '.' or '[' may follow ']' in format field specifier");
      }
    }
    return value;
  }

  private Object first(String name) {
    if (name.isEmpty() || isNumber(name)) {
      if (name.isEmpty() == (auto < 0) && auto != 0) {
        throw PyError.value(
            name.isEmpty()
                ? "cannot switch from manual field specification to automatic field numbering"
                : "cannot switch from automatic field numbering to manual field specification");
      }
      int index = name.isEmpty() ? auto++ : Integer.parseInt(name);
      auto = name.isEmpty() ? auto : -1;
      if (index >= args.size()) {
        throw PyError.lookup(
            "Replacement index " + index + " out of range for positional args tuple");
      }
      return args.get(index);
    }
    Object value = named.get(Str.of(name));
    if (value == null) {
      throw PyError.lookup(Repr.quote(name));
    }
    return value;
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.length() < 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
