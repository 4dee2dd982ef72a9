package io.moineau.text.jinja;

import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The names that every template sees: Jinja's, and the two of transformers. */
final class Globals {
  static final Map<String, Object> ALL = new HashMap<>();

  static {
    function("range", Globals::range);
    type("dict", (r, a) -> dict(r, a, "dict"));
    type("namespace", (r, a) -> new Namespace(dict(r, a, "namespace")));
    type(
        "cycler",
        (r, a) -> {
          if (a.size() == 0) {
            throw PyError.runtime("at least one item has to be provided");
          }
          return new Cycler(List.copyOf(a.positional));
        });
    type(
        "joiner",
        (r, a) -> {
          Object separator = a.bind("joiner", 0, "sep")[0];
          return new Joiner(separator == null ? Str.of(", ") : separator);
        });
    function(
        "lipsum",
        (r, a) -> {
          throw PyError.runtime("lipsum makes random text, which is not for chat templates");
        });
    function(
        "raise_exception",
        (r, a) -> {
          Object message = Objects.requireNonNull(a.bind("raise_exception", 1, "message")[0]);
          throw new PyError(PyError.Kind.RAISED, Repr.str(r, message).chars);
        });
    function(
        "strftime_now",
        (r, a) -> {
          Object format = a.bind("strftime_now", 1, "format")[0];
          Str text = StrMethods.text(format, "strftime() argument 1");
          return Str.derived(Strftime.format(ZonedDateTime.now(r.clock), text.chars), text);
        });
  }

  private Globals() {}

  private static void function(String name, Callable body) {
    ALL.put(name, new Callable.Builtin(name, "function", body));
  }

  private static void type(String name, Callable body) {
    ALL.put(name, new Callable.Builtin(name, "type", body));
  }

  private static Object range(Render r, Args a) {
    @Nullable Object[] p = a.positional("range", 1, 3);
    long[] numbers = new long[3];
    for (int i = 0; i < 3; i++) {
      if (p[i] == null) {
        continue;
      }
      if (p[i] instanceof Double || !Numbers.isInt(Objects.requireNonNull(p[i]))) {
        throw p[i] instanceof Undefined u
            ? PyError.type("'Undefined' object cannot be interpreted as an integer")
            : Numbers.integerWanted(Objects.requireNonNull(p[i]));
      }
      numbers[i] = Numbers.clamp(Objects.requireNonNull(p[i]));
    }
    PyRange range =
        p[1] == null
            ? new PyRange(0, numbers[0], 1)
            : new PyRange(numbers[0], numbers[1], p[2] == null ? 1 : numbers[2]);
    if (range.step() == 0) {
      throw PyError.value("range() arg 3 must not be zero");
    }
    if (range.length() > PyRange.MAX_LENGTH) {
      throw new PyError(
          PyError.Kind.OVERFLOW,
          "Range too big. The sandbox blocks ranges larger than MAX_RANGE ("
              + PyRange.MAX_LENGTH
              + ").");
    }
    return range;
  }

  private static PyDict dict(Render r, Args a, String function) {
    if (a.size() > 1) {
      throw PyError.type(function + " expected at most 1 argument, got " + a.size());
    }
    PyDict out = new PyDict();
    if (a.size() == 1) {
      Object from = a.get(0);
      if (from instanceof PyDict d) {
        r.charge(d.size());
        out.putAll(d);
      } else {
        for (Object pair : Types.list(r, from)) {
          List<Object> both = Types.list(r, pair);
          if (both.size() != 2) {
            throw PyError.value(
                "dictionary update sequence element has length " + both.size() + "; 2 is required");
          }
          out.put(r, both.get(0), both.get(1));
        }
      }
    }
    a.named.forEach(out::put);
    return out;
  }

  /** What {@code cycler()} makes. */
  static final class Cycler {
    private final List<Object> items;
    private int position;

    Cycler(List<Object> items) {
      this.items = items;
    }

    @Nullable Object attribute(String name) {
      return switch (name) {
        case "current" -> items.get(position);
        case "items" -> new PyTuple(items);
        case "pos" -> (long) position;
        case "next" ->
            CollectionMethods.method(
                name,
                (r, a) -> {
                  Object out = items.get(position);
                  position = (position + 1) % items.size();
                  return out;
                });
        case "reset" ->
            CollectionMethods.method(
                name,
                (r, a) -> {
                  position = 0;
                  return None.NONE;
                });
        default -> null;
      };
    }
  }

  /** What {@code joiner()} makes: nothing at the first call, then the separator. */
  static final class Joiner implements Callable {
    private final Object separator;
    private boolean used;

    Joiner(Object separator) {
      this.separator = separator;
    }

    @Override
    public Object call(Render render, Args arguments) {
      Object out = used ? separator : Str.EMPTY;
      used = true;
      return out;
    }
  }
}
