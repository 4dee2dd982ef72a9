package io.moineau.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arguments of one call. */
final class Args {
  final List<Object> positional = new ArrayList<>(4);
  final Map<Str, Object> named = new LinkedHashMap<>(0);

  static Args of(Object... values) {
    Args args = new Args();
    args.positional.addAll(List.of(values));
    return args;
  }

  int size() {
    return positional.size();
  }

  Object get(int index) {
    return positional.get(index);
  }

  /**
   * The values of the parameters of {@code function}, in order, null where not given.
   *
   * @param required how many of {@code names} must be given
   */
  @Nullable Object[] bind(String function, int required, String... names) {
    if (positional.size() > names.length) {
      throw PyError.type(
          function
              + "() takes at most "
              + names.length
              + " arguments ("
              + positional.size()
              + " given)");
    }
    @Nullable Object[] out = new @Nullable Object[names.length];
    for (int i = 0; i < positional.size(); i++) {
      out[i] = positional.get(i);
    }
    for (Map.Entry<Str, Object> e : named.entrySet()) {
      int i = List.of(names).indexOf(e.getKey().chars);
      if (i < 0) {
        throw PyError.type(
            function + "() got an unexpected keyword argument " + Repr.quote(e.getKey().chars));
      }
      if (out[i] != null) {
        throw PyError.type(
            function + "() got multiple values for argument " + Repr.quote(names[i]));
      }
      out[i] = e.getValue();
    }
    for (int i = 0; i < required; i++) {
      if (out[i] == null) {
        throw PyError.type(
            function + "() missing 1 required positional argument: " + Repr.quote(names[i]));
      }
    }
    return out;
  }

  /** As {@link #bind}, for functions that take no keywords. */
  @Nullable Object[] positional(String function, int least, int most) {
    if (!named.isEmpty()) {
      throw PyError.type(function + "() takes no keyword arguments");
    }
    if (positional.size() < least || positional.size() > most) {
      throw PyError.type(
          function
              + " expected "
              + (least == most
                  ? least
                  : positional.size() < least ? "at least " + least : "at most " + most)
              + " argument"
              + ((positional.size() < least ? least : most) == 1 ? "" : "s")
              + ", got "
              + positional.size());
    }
    @Nullable Object[] out = new @Nullable Object[most];
    for (int i = 0; i < positional.size(); i++) {
      out[i] = positional.get(i);
    }
    return out;
  }
}
