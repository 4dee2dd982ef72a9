package io.moineau.text.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code tojson} of transformers: Python's {@code json.dumps}, no HTML escapes. */
final class ToJson {
  private final StrBuilder out;
  private final Render render;
  private final boolean ascii;
  private final @Nullable Str indent;
  private final Str itemSeparator;
  private final Str keySeparator;
  private final boolean sortKeys;

  private ToJson(
      Render render,
      boolean ascii,
      @Nullable Str indent,
      Str itemSeparator,
      Str keySeparator,
      boolean sortKeys) {
    this.render = render;
    this.out = new StrBuilder(render);
    this.ascii = ascii;
    this.indent = indent;
    this.itemSeparator = itemSeparator;
    this.keySeparator = keySeparator;
    this.sortKeys = sortKeys;
  }

  static Str filter(Render render, Object value, Args args) {
    @Nullable Object[] p =
        args.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
    Str indent = null;
    if (p[1] instanceof Str s) {
      indent = s;
    } else if (p[1] != null && p[1] != None.NONE) {
      indent = Str.of(" ".repeat(Math.clamp(Numbers.clamp(p[1]), 0, 1000)));
    }
    Str item = Str.of(indent == null ? ", " : ",");
    Str key = Str.of(": ");
    if (p[2] != null && p[2] != None.NONE) {
      List<Object> both = Types.list(render, p[2]);
      if (both.size() != 2 || !(both.get(0) instanceof Str a) || !(both.get(1) instanceof Str b)) {
        throw PyError.value("separators must be two strings");
      }
      item = a;
      key = b;
    }
    boolean ascii = p[0] != null && Types.truth(p[0]);
    boolean sort = p[3] != null && Types.truth(p[3]);
    ToJson json = new ToJson(render, ascii, indent, item, key, sort);
    json.write(value, 0);
    return json.out.build();
  }

  private void write(Object value, int depth) {
    if (depth > Types.MAX_DEPTH) {
      throw PyError.limit("values nested deeper than " + Types.MAX_DEPTH);
    }
    switch (value) {
      case Str s -> string(s);
      case None n -> out.append("null");
      case Boolean b -> out.append(b ? "true" : "false");
      case Long l -> out.append(Long.toString(l));
      case BigInteger b -> out.append(Repr.integer(b));
      case Double d -> out.append(number(d));
      case PyList l -> list(l.items, depth);
      case PyTuple t -> list(t.items(), depth);
      case PyDict d -> dict(d, depth);
      default ->
          throw PyError.type("Object of type " + Types.name(value) + " is not JSON serializable");
    }
  }

  private static String number(double d) {
    return Double.isNaN(d)
        ? "NaN"
        : Double.isInfinite(d) ? (d > 0 ? "Infinity" : "-Infinity") : Repr.number(d);
  }

  private void list(List<Object> items, int depth) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.append(itemSeparator);
      }
      newline(depth + 1);
      write(items.get(i), depth + 1);
    }
    newline(depth);
    out.append(']');
  }

  private void dict(PyDict dict, int depth) {
    if (dict.size() == 0) {
      out.append("{}");
      return;
    }
    out.append('{');
    boolean first = true;
    List<PyDict.Entry> entries = new ArrayList<>(dict.entries());
    if (sortKeys) {
      entries.sort((a, b) -> Types.order(render, "<", a.key(), b.key(), 0));
    }
    for (PyDict.Entry e : entries) {
      if (!first) {
        out.append(itemSeparator);
      }
      first = false;
      newline(depth + 1);
      key(e.key());
      out.append(keySeparator);
      write(e.value(), depth + 1);
    }
    newline(depth);
    out.append('}');
  }

  private void key(Object key) {
    switch (key) {
      case Str s -> string(s);
      case None n -> out.append("\"null\"");
      case Boolean b -> out.append(b ? "\"true\"" : "\"false\"");
      case Double d -> out.append('"').append(number(d)).append('"');
      case Long l -> out.append('"').append(Long.toString(l)).append('"');
      case BigInteger b -> out.append('"').append(Repr.integer(b)).append('"');
      default ->
          throw PyError.type("keys must be str, int, float, bool or None, not " + Types.name(key));
    }
  }

  private void newline(int depth) {
    if (indent != null) {
      out.append('\n');
      for (int i = 0; i < depth; i++) {
        out.append(indent);
      }
    }
  }

  private void string(Str s) {
    out.append('"');
    int plain = 0;
    for (int i = 0; i < s.chars.length(); i++) {
      char c = s.chars.charAt(i);
      if (c >= 32 && c != '"' && c != '\\' && (!ascii || c < 127)) {
        continue;
      }
      out.append(s, plain, i);
      out.append(escape(c), s.isUntrusted(i, i + 1));
      plain = i + 1;
    }
    out.append(s, plain, s.chars.length());
    out.append('"');
  }

  private static String escape(char c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '\f' -> "\\f";
      case '\b' -> "\\b";
      default -> String.format("\\u%04x", (int) c);
    };
  }
}
