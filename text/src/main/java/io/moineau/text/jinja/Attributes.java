package io.moineau.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code object.name}, {@code object[item]} and slices, as Jinja's immutable sandbox has them. */
final class Attributes {
  private static final Set<String> LIST_CHANGES =
      Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
  private static final Set<String> DICT_CHANGES =
      Set.of("clear", "pop", "popitem", "setdefault", "update");

  /** What every Python object has. */
  private static final Set<String> OBJECT_ATTRIBUTES =
      Set.of(
          "__class__",
          "__init__",
          "__doc__",
          "__str__",
          "__repr__",
          "__eq__",
          "__ne__",
          "__lt__",
          "__le__",
          "__gt__",
          "__ge__",
          "__hash__",
          "__dir__",
          "__new__",
          "__reduce__",
          "__reduce_ex__",
          "__sizeof__",
          "__format__",
          "__getattribute__",
          "__setattr__",
          "__delattr__",
          "__init_subclass__",
          "__subclasshook__");

  private Attributes() {}

  /** {@code object.name}: the attribute, else the item, else undefined. */
  static Object attribute(Render render, Object object, String name) {
    if (object instanceof Undefined u) {
      if (OBJECT_ATTRIBUTES.contains(name)) {
        return Undefined.unsafe(object, name);
      }
      throw u.error();
    }
    Object value = find(render, object, name);
    if (value != null) {
      return value;
    }
    if (object instanceof PyDict d) {
      Object item = d.get(Str.of(name));
      if (item != null) {
        return item;
      }
    }
    return Undefined.of(object, Str.of(name));
  }

  /** {@code object[item]}: the item, else the attribute, else undefined. */
  static Object item(Render render, Object object, Object item) {
    if (object instanceof Undefined u) {
      throw u.error();
    }
    Object value = itemOrNull(render, object, item);
    if (value == null && item instanceof Str name) {
      value = find(render, object, name.chars);
    }
    return value != null ? value : Undefined.of(object, item);
  }

  private static boolean isDunder(String name) {
    return name.length() > 4 && name.startsWith("__") && name.endsWith("__");
  }

  private static @Nullable Object itemOrNull(Render render, Object object, Object item) {
    switch (object) {
      case PyDict d -> {
        if (item instanceof PyList || item instanceof PyDict) {
          return null;
        }
        return d.get(render, item);
      }
      case PyList l -> {
        return at(l.items, item);
      }
      case PyTuple t -> {
        return at(t.items(), item);
      }
      case Str s -> {
        if (!(item instanceof Long || item instanceof Boolean)) {
          return null;
        }
        int length = s.length();
        int i = Numbers.clamp(item);
        i = i < 0 ? i + length : i;
        if (i < 0 || i >= length) {
          return null;
        }
        int unit = s.unit(i);
        return s.sub(unit, unit + Character.charCount(s.chars.codePointAt(unit)));
      }
      case PyRange r -> {
        if (!(item instanceof Long || item instanceof Boolean)) {
          return null;
        }
        int i = Numbers.clamp(item);
        i = i < 0 ? i + r.length() : i;
        return i < 0 || i >= r.length() ? null : (Object) r.at(i);
      }
      case PyBytes b -> {
        if (!(item instanceof Long || item instanceof Boolean)) {
          return null;
        }
        int i = Numbers.clamp(item);
        i = i < 0 ? i + b.bytes().length : i;
        return i < 0 || i >= b.bytes().length ? null : (Object) (long) (b.bytes()[i] & 255);
      }
      default -> {
        return null;
      }
    }
  }

  private static @Nullable Object at(List<Object> items, Object item) {
    if (!(item instanceof Long || item instanceof Boolean)) {
      return null;
    }
    int i = Numbers.clamp(item);
    i = i < 0 ? i + items.size() : i;
    return i < 0 || i >= items.size() ? null : items.get(i);
  }

  /** The attribute that Python's type has, null if there is none; undefined if it is unsafe. */
  static @Nullable Object find(Render render, Object object, String name) {
    if (name.startsWith("_")) {
      boolean has =
          isDunder(name)
              ? OBJECT_ATTRIBUTES.contains(name)
              : object instanceof Namespace n && n.attributes().get(Str.of(name)) != null;
      return has && !(object instanceof Namespace && isDunder(name) && !name.equals("__class__"))
          ? Undefined.unsafe(object, name)
          : null;
    }
    return switch (object) {
      case Str s -> StrMethods.find(s, name);
      case PyDict d ->
          DICT_CHANGES.contains(name)
              ? Undefined.unsafe(object, name)
              : CollectionMethods.find(d, name);
      case PyList l ->
          LIST_CHANGES.contains(name)
              ? Undefined.unsafe(object, name)
              : name.equals("copy")
                  ? CollectionMethods.method(name, (r, a) -> new PyList(l.items))
                  : CollectionMethods.find(l.items, name);
      case PyTuple t ->
          t.group() && name.equals("grouper")
              ? t.items().get(0)
              : t.group() && name.equals("list")
                  ? t.items().get(1)
                  : CollectionMethods.find(t.items(), name);
      case Namespace n -> n.attributes().get(Str.of(name));
      case Loop l -> l.attribute(name);
      case Globals.Cycler c -> c.attribute(name);
      case MacroValue m -> m.attribute(name);
      case DictView v -> name.equals("mapping") ? v.dict() : null;
      case PyRange r ->
          switch (name) {
            case "start" -> r.start();
            case "stop" -> r.stop();
            case "step" -> r.step();
            default -> CollectionMethods.find(Types.list(render, r), name);
          };
      case PyBytes b -> name.equals("decode") ? CollectionMethods.decode(b) : null;
      default -> Numbers.isNumber(object) ? CollectionMethods.number(object, name) : null;
    };
  }

  /** {@code object[start:stop:step]}; the parts are null where left out. */
  static Object slice(
      Render render,
      Object object,
      @Nullable Object start,
      @Nullable Object stop,
      @Nullable Object step) {
    if (object instanceof Undefined u) {
      throw u.error();
    }
    int length =
        switch (object) {
          case Str s -> s.length();
          case PyList l -> l.items.size();
          case PyTuple t -> t.items().size();
          case PyRange r -> r.length();
          case PyBytes b -> b.bytes().length;
          case PyDict d -> throw PyError.type("unhashable type: 'slice'");
          default ->
              throw PyError.type(Repr.quote(Types.name(object)) + " object is not subscriptable");
        };
    long by = step == null || step == None.NONE ? 1 : bound(step);
    if (by == 0) {
      throw PyError.value("slice step cannot be zero");
    }
    long least = by < 0 ? -1 : 0;
    long most = by < 0 ? length - 1 : length;
    long from =
        start == null || start == None.NONE
            ? (by < 0 ? most : least)
            : place(bound(start), length, least, most);
    long to =
        stop == null || stop == None.NONE
            ? (by < 0 ? least : most)
            : place(bound(stop), length, least, most);
    if (object instanceof Str s && by == 1) {
      return from >= to
          ? Str.EMPTY.withMarkup(s.markup)
          : s.sub(s.unit((int) from), s.unit((int) to));
    }
    List<Object> items = Types.list(render, object);
    List<Object> out = new ArrayList<>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      out.add(items.get((int) i));
    }
    if (object instanceof Str s) {
      StrBuilder text = new StrBuilder(render);
      for (Object c : out) {
        text.append((Str) c);
      }
      return text.build().withMarkup(s.markup);
    }
    if (object instanceof PyBytes b) {
      byte[] bytes = new byte[out.size()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = ((Long) out.get(i)).byteValue();
      }
      return new PyBytes(bytes, b.untrusted());
    }
    if (object instanceof PyRange r) {
      return new PyRange(r.start() + from * r.step(), r.start() + to * r.step(), r.step() * by);
    }
    return object instanceof PyTuple ? new PyTuple(out) : new PyList(out);
  }

  private static int bound(Object value) {
    if (value instanceof Undefined || !Numbers.isInt(value)) {
      throw PyError.type("slice indices must be integers or None or have an __index__ method");
    }
    return Numbers.clamp(value);
  }

  private static long place(long index, int length, long least, long most) {
    return Math.clamp(index < 0 ? index + length : index, least, most);
  }
}
