package io.moineau.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Jinja's filters for sequences and dicts; {@link TextFilters} has those for text and numbers. */
final class Filters {
  /** What a filter does to a value. */
  interface Filter {
    Object apply(Render render, Object value, Args args);
  }

  static final Map<String, Filter> ALL = new HashMap<>();

  static {
    ALL.putAll(TextFilters.ALL);
    ALL.put("attr", Filters::attr);
    ALL.put("batch", Filters::batch);
    ALL.put("count", (r, v, a) -> (long) Types.length(v));
    ALL.put("length", (r, v, a) -> (long) Types.length(v));
    ALL.put("d", Filters::defaultValue);
    ALL.put("default", Filters::defaultValue);
    ALL.put("dictsort", Filters::dictSort);
    ALL.put("first", Filters::first);
    ALL.put("last", Filters::last);
    ALL.put("random", Filters::random);
    ALL.put("groupby", Filters::groupBy);
    ALL.put("items", Filters::items);
    ALL.put("join", Filters::join);
    ALL.put("list", (r, v, a) -> new PyList(Types.list(r, v)));
    ALL.put("map", Filters::map);
    ALL.put("min", (r, v, a) -> extreme(r, v, a, "<"));
    ALL.put("max", (r, v, a) -> extreme(r, v, a, ">"));
    ALL.put("reject", (r, v, a) -> select(r, v, a, false, false));
    ALL.put("rejectattr", (r, v, a) -> select(r, v, a, false, true));
    ALL.put("select", (r, v, a) -> select(r, v, a, true, false));
    ALL.put("selectattr", (r, v, a) -> select(r, v, a, true, true));
    ALL.put("reverse", Filters::reverse);
    ALL.put("slice", Filters::slice);
    ALL.put("sort", Filters::sort);
    ALL.put("sum", Filters::sum);
    ALL.put("unique", Filters::unique);
    ALL.put("tojson", ToJson::filter);
  }

  private Filters() {}

  static boolean flag(@Nullable Object value) {
    return value != null && Types.truth(value);
  }

  static PyIterator generator(Iterator<Object> source) {
    return new PyIterator("generator", source);
  }

  /** An iterator over {@code source} that is made when the first item is asked for. */
  private abstract static class Lazy implements Iterator<Object> {
    private @Nullable Object next;
    private boolean done;

    /** The next item, null at the end. */
    abstract @Nullable Object compute();

    @Override
    public boolean hasNext() {
      if (next == null && !done) {
        next = compute();
        done = next == null;
      }
      return next != null;
    }

    @Override
    public Object next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Object out = Objects.requireNonNull(next);
      next = null;
      return out;
    }
  }

  /** Looks up {@code a.b.0} as Jinja's make_attrgetter does. */
  static UnaryOperator<Object> getter(
      Render render, @Nullable Object attribute, @Nullable Object fallback, boolean ignoreCase) {
    List<Object> parts = new ArrayList<>();
    if (attribute instanceof Str s) {
      for (String part : s.chars.split("\\.", -1)) {
        boolean digits = !part.isEmpty() && part.chars().allMatch(Chars::isDecimal);
        parts.add(digits && part.length() < 10 ? (Object) Long.valueOf(part) : Str.of(part));
      }
    } else if (attribute != null && attribute != None.NONE) {
      parts.add(attribute);
    }
    return item -> {
      Object value = item;
      for (Object part : parts) {
        value = Attributes.item(render, value, part);
        if (fallback != null && fallback != None.NONE && value instanceof Undefined) {
          value = fallback;
        }
      }
      return ignoreCase && value instanceof Str s ? StrCase.lower(s) : value;
    };
  }

  private static Object attr(Render r, Object value, Args a) {
    String name = StrMethods.text(a.bind("attr", 1, "name")[0], "attribute name").chars;
    if (value instanceof Undefined u) {
      throw u.error();
    }
    Object found = Attributes.find(r, value, name);
    return found != null ? found : Undefined.of(value, Str.of(name));
  }

  private static Object batch(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("batch", 1, "linecount", "fill_with");
    int size = Numbers.clamp(Objects.requireNonNull(p[0]));
    return generator(
        new Lazy() {
          private @Nullable Iterator<Object> source;

          @Override
          @Nullable Object compute() {
            if (source == null) {
              source = Types.iterate(value);
            }
            List<Object> out = new ArrayList<>();
            while (source.hasNext() && (size <= 0 || out.size() < size)) {
              r.charge(8);
              out.add(source.next());
            }
            if (out.isEmpty()) {
              return null;
            }
            if (p[1] != null && p[1] != None.NONE) {
              r.charge(Math.max(0, size - out.size()));
              while (out.size() < size) {
                out.add(p[1]);
              }
            }
            return new PyList(out);
          }
        });
  }

  private static Object slice(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("slice", 1, "slices", "fill_with");
    int slices = Numbers.clamp(Objects.requireNonNull(p[0]));
    return generator(
        new Lazy() {
          private @Nullable Iterator<Object> source;

          @Override
          @Nullable Object compute() {
            if (source == null) {
              source = slices(r, value, slices, p[1]).iterator();
            }
            return source.hasNext() ? source.next() : null;
          }
        });
  }

  private static List<Object> slices(Render r, Object value, int slices, @Nullable Object fill) {
    List<Object> items = Types.list(r, value);
    List<Object> out = new ArrayList<>();
    if (slices == 0) {
      throw new PyError(PyError.Kind.ZERO_DIVISION, "integer division or modulo by zero");
    }
    int each = Math.floorDiv(items.size(), slices);
    int extra = Math.floorMod(items.size(), slices);
    int at = 0;
    for (int i = 0; i < slices; i++) {
      r.charge(8);
      int end = at + each + (i < extra ? 1 : 0);
      List<Object> part = new ArrayList<>(items.subList(at, end));
      if (fill != null && fill != None.NONE && i >= extra) {
        part.add(fill);
      }
      out.add(new PyList(part));
      at = end;
    }
    return out;
  }

  private static Object defaultValue(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("default", 0, "default_value", "boolean");
    boolean use = value instanceof Undefined || flag(p[1]) && !Types.truth(value);
    return use ? (p[0] == null ? Str.EMPTY : p[0]) : value;
  }

  private static Object dictSort(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("dictsort", 0, "case_sensitive", "by", "reverse");
    String by = p[1] == null ? "key" : p[1].toString();
    if (!by.equals("key") && !by.equals("value")) {
      throw PyError.runtime("You can only sort by either \"key\" or \"value\"");
    }
    if (value instanceof Undefined u) {
      throw u.error();
    }
    if (!(value instanceof PyDict dict)) {
      throw PyError.runtime(Repr.quote(Types.name(value)) + " object has no attribute 'items'");
    }
    int position = by.equals("key") ? 0 : 1;
    boolean fold = !flag(p[0]);
    return sorted(
        r,
        dict.items(),
        item -> {
          Object key = ((PyTuple) item).items().get(position);
          return fold && key instanceof Str s ? StrCase.lower(s) : key;
        },
        flag(p[2]));
  }

  private record Keyed(Object key, Object item) {}

  /** Python's {@code sorted}: stable, also when reversed; keys are computed once. */
  static PyList sorted(Render r, List<Object> items, UnaryOperator<Object> key, boolean reverse) {
    List<Keyed> keyed = new ArrayList<>(items.size());
    for (Object item : items) {
      keyed.add(new Keyed(key.apply(item), item));
    }
    if (reverse) {
      Collections.reverse(keyed);
    }
    try {
      keyed.sort((x, y) -> {
        r.charge(8);
        return Numbers.isNan(x.key()) || Numbers.isNan(y.key())
            ? 0
            : Types.order(r, "<", x.key(), y.key(), 0);
      });
    } catch (IllegalArgumentException e) {
      throw PyError.value("values that have no order");
    }
    if (reverse) {
      Collections.reverse(keyed);
    }
    List<Object> out = new ArrayList<>(keyed.size());
    for (Keyed k : keyed) {
      out.add(k.item());
    }
    return new PyList(out);
  }

  private static Object sort(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("sort", 0, "reverse", "case_sensitive", "attribute");
    boolean fold = !flag(p[1]);
    List<UnaryOperator<Object>> getters = new ArrayList<>();
    if (p[2] instanceof Str s) {
      for (String one : s.chars.split(",", -1)) {
        getters.add(getter(r, Str.of(one), null, fold));
      }
    } else {
      getters.add(getter(r, p[2], null, fold));
    }
    return sorted(
        r,
        Types.list(r, value),
        item -> {
          List<Object> keys = new ArrayList<>(getters.size());
          for (UnaryOperator<Object> getter : getters) {
            keys.add(getter.apply(item));
          }
          return new PyList(keys);
        },
        flag(p[0]));
  }

  private static Object first(Render r, Object value, Args a) {
    Iterator<Object> items = Types.iterate(value);
    return items.hasNext() ? items.next() : Undefined.hint("No first item, sequence was empty.");
  }

  private static Object last(Render r, Object value, Args a) {
    if (value instanceof PyIterator) {
      throw PyError.type(Repr.quote(Types.name(value)) + " object is not reversible");
    }
    List<Object> items = Types.list(r, value);
    return items.isEmpty() ? Undefined.hint("No last item, sequence was empty.") : items.getLast();
  }

  private static Object random(Render r, Object value, Args a) {
    Types.length(value);
    List<Object> items = Types.list(r, value);
    return items.isEmpty()
        ? Undefined.hint("No random item, sequence was empty.")
        : items.get((int) (Math.random() * items.size()));
  }

  private static Object groupBy(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("groupby", 1, "attribute", "default", "case_sensitive");
    boolean fold = !flag(p[2]);
    UnaryOperator<Object> key = getter(r, p[0], p[1], fold);
    UnaryOperator<Object> shown = getter(r, p[0], p[1], false);
    List<Object> out = new ArrayList<>();
    List<Object> group = new ArrayList<>();
    Object last = null;
    for (Object item : sorted(r, Types.list(r, value), key, false)) {
      Object own = key.apply(item);
      if (last == null || !Types.equal(r, last, own)) {
        group = new ArrayList<>();
        out.add(new PyTuple(List.of(shown.apply(item), new PyList(group)), true));
        last = own;
      }
      group.add(item);
    }
    return new PyList(out);
  }

  private static Object items(Render r, Object value, Args a) {
    if (value instanceof Undefined) {
      return generator(Collections.emptyIterator());
    }
    return generator(
        new Lazy() {
          private @Nullable Iterator<Object> source;

          @Override
          @Nullable Object compute() {
            if (!(value instanceof PyDict dict)) {
              throw PyError.type("Can only get item pairs from a mapping.");
            }
            if (source == null) {
              source = dict.items().iterator();
            }
            return source.hasNext() ? source.next() : null;
          }
        });
  }

  private static Object join(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("join", 0, "d", "attribute");
    Str between = p[0] == null ? Str.EMPTY : Repr.str(r, p[0]);
    UnaryOperator<Object> getter =
        p[1] == null || p[1] == None.NONE ? UnaryOperator.identity() : getter(r, p[1], null, false);
    StrBuilder out = new StrBuilder(r);
    boolean first = true;
    Iterator<Object> items = Types.iterate(value);
    while (items.hasNext()) {
      if (!first) {
        out.append(between);
      }
      first = false;
      r.charge(8);
      Object item = getter.apply(items.next());
      out.append(between.markup ? Html.escape(r, Repr.str(r, item)) : Repr.str(r, item));
    }
    return out.build().withMarkup(between.markup);
  }

  private static Object map(Render r, Object value, Args a) {
    return generator(
        new Lazy() {
          private @Nullable Iterator<Object> source;
          private UnaryOperator<Object> function = UnaryOperator.identity();

          @Override
          @Nullable Object compute() {
            if (source == null) {
              if (!Types.truth(value)) {
                return null;
              }
              function = mapper(r, a);
              source = Types.iterate(value);
            }
            r.charge(8);
            return source.hasNext() ? function.apply(source.next()) : null;
          }
        });
  }

  private static UnaryOperator<Object> mapper(Render r, Args a) {
    Object attribute = a.named.get(Str.of("attribute"));
    if (a.size() == 0 && attribute != null) {
      for (Str name : a.named.keySet()) {
        if (!name.chars.equals("attribute") && !name.chars.equals("default")) {
          throw PyError.runtime("Unexpected keyword argument " + Repr.quote(name.chars));
        }
      }
      return getter(r, attribute, a.named.get(Str.of("default")), false);
    }
    if (a.size() == 0) {
      throw PyError.runtime("map requires a filter argument");
    }
    String name = a.get(0) instanceof Str s ? s.chars : Repr.brief(a.get(0));
    Filter filter = ALL.get(name);
    if (filter == null) {
      throw PyError.runtime("No filter named " + Repr.quote(name) + " found.");
    }
    return item -> filter.apply(r, item, rest(a, 1));
  }

  private static Args rest(Args a, int from) {
    Args out = new Args();
    out.positional.addAll(a.positional.subList(from, a.size()));
    out.named.putAll(a.named);
    return out;
  }

  private static Object select(Render r, Object value, Args a, boolean wanted, boolean attribute) {
    return generator(
        new Lazy() {
          private @Nullable Iterator<Object> source;
          private UnaryOperator<Object> test = UnaryOperator.identity();

          @Override
          @Nullable Object compute() {
            if (source == null) {
              if (!Types.truth(value)) {
                return null;
              }
              test = selector(r, a, attribute);
              source = Types.iterate(value);
            }
            while (source.hasNext()) {
              r.charge(8);
              Object item = source.next();
              if (Types.truth(test.apply(item)) == wanted) {
                return item;
              }
            }
            return null;
          }
        });
  }

  private static UnaryOperator<Object> selector(Render r, Args a, boolean attribute) {
    if (attribute && a.size() == 0) {
      throw PyError.runtime("Missing parameter for attribute name");
    }
    UnaryOperator<Object> getter =
        attribute ? getter(r, a.get(0), null, false) : UnaryOperator.identity();
    int at = attribute ? 1 : 0;
    if (a.size() <= at) {
      return getter;
    }
    String name = a.get(at) instanceof Str s ? s.chars : Repr.brief(a.get(at));
    Tests.Test test = Tests.ALL.get(name);
    if (test == null) {
      throw PyError.runtime("No test named " + Repr.quote(name) + " found.");
    }
    return item -> test.apply(r, getter.apply(item), rest(a, at + 1));
  }

  private static Object extreme(Render r, Object value, Args a, String operator) {
    @Nullable Object[] p = a.bind("min", 0, "case_sensitive", "attribute");
    UnaryOperator<Object> key = getter(r, p[1], null, !flag(p[0]));
    Object best = null;
    Object bestKey = null;
    Iterator<Object> items = Types.iterate(value);
    while (items.hasNext()) {
      Object item = items.next();
      Object own = key.apply(item);
      if (best == null || Types.compare(r, operator, own, Objects.requireNonNull(bestKey))) {
        best = item;
        bestKey = own;
      }
    }
    return best != null ? best : Undefined.hint("No aggregated item, sequence was empty.");
  }

  private static Object reverse(Render r, Object value, Args a) {
    if (value instanceof Str s) {
      return Attributes.slice(r, s, null, null, -1L);
    }
    if (!Types.isIterable(value)) {
      throw PyError.runtime("argument must be iterable");
    }
    List<Object> items = Types.list(r, value);
    Collections.reverse(items);
    return switch (value) {
      case PyList l -> new PyIterator("list_reverseiterator", items.iterator());
      case PyDict d -> new PyIterator("dict_reversekeyiterator", items.iterator());
      case PyRange d -> new PyIterator("range_iterator", items.iterator());
      case PyTuple t -> new PyIterator("reversed", items.iterator());
      case Undefined u -> new PyIterator("reversed", items.iterator());
      case DictView v -> new PyIterator("reversed", items.iterator());
      default -> new PyList(items);
    };
  }

  private static Object sum(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("sum", 0, "attribute", "start");
    UnaryOperator<Object> getter = getter(r, p[0], null, false);
    Object total = p[1] == null ? 0L : p[1];
    if (total instanceof Str) {
      throw PyError.type("sum() can't sum strings [use ''.join(seq) instead]");
    }
    Iterator<Object> items = Types.iterate(value);
    while (items.hasNext()) {
      total = Arithmetic.binary(r, "+", total, getter.apply(items.next()));
    }
    return total;
  }

  private static Object unique(Render r, Object value, Args a) {
    @Nullable Object[] p = a.bind("unique", 0, "case_sensitive", "attribute");
    UnaryOperator<Object> key = getter(r, p[1], null, !flag(p[0]));
    PyDict seen = new PyDict();
    return generator(
        new Lazy() {
          private @Nullable Iterator<Object> source;

          @Override
          @Nullable Object compute() {
            if (source == null) {
              source = Types.iterate(value);
            }
            while (source.hasNext()) {
              Object item = source.next();
              Object own = key.apply(item);
              if (seen.get(r, own) == null) {
                seen.put(r, own, None.NONE);
                return item;
              }
            }
            return null;
          }
        });
  }
}
