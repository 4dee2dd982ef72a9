package io.moineau.text.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A macro, or the body of a call block.
 *
 * @param name empty for a call block
 * @param parameters the names of its parameters
 * @param caller whether its body uses {@code caller}
 * @param kwargs whether it uses {@code kwargs}
 * @param varargs whether it uses {@code varargs}
 * @param body runs it with its arguments in the order parameters, caller, kwargs, varargs
 */
record MacroValue(
    String name,
    List<String> parameters,
    boolean caller,
    boolean kwargs,
    boolean varargs,
    Body body)
    implements Callable {
  /** The code of a macro; an argument that was not given is null. */
  interface Body {
    Object run(Render render, @Nullable Object[] arguments);
  }

  @Nullable Object attribute(String attribute) {
    return switch (attribute) {
      case "name" -> name.isEmpty() ? None.NONE : Str.of(name);
      case "arguments" -> new PyTuple(parameters.stream().map(p -> (Object) Str.of(p)).toList());
      case "catch_kwargs" -> kwargs;
      case "catch_varargs" -> varargs;
      case "caller" -> caller;
      case "explicit_caller" -> parameters.contains("caller");
      default -> null;
    };
  }

  @Override
  public Object call(Render render, Args args) {
    int count = parameters.size();
    boolean ownCaller = caller && !parameters.contains("caller");
    @Nullable Object[] values =
        new @Nullable Object[count + (ownCaller ? 1 : 0) + (kwargs ? 1 : 0) + (varargs ? 1 : 0)];
    int given = Math.min(count, args.size());
    boolean foundCaller = given == count && parameters.contains("caller");
    for (int i = 0; i < given; i++) {
      values[i] = args.get(i);
    }
    for (int i = given; i < count; i++) {
      values[i] = args.named.remove(Str.of(parameters.get(i)));
      foundCaller |= parameters.get(i).equals("caller");
    }
    int next = count;
    if (ownCaller && !foundCaller) {
      Object value = args.named.remove(Str.of("caller"));
      values[next++] =
          value == null || value == None.NONE ? Undefined.hint("No caller defined") : value;
    }
    if (kwargs) {
      PyDict rest = new PyDict();
      args.named.forEach(rest::put);
      values[next++] = rest;
    } else if (!args.named.isEmpty()) {
      Map.Entry<Str, Object> first = args.named.entrySet().iterator().next();
      throw PyError.type(
          "macro "
              + Repr.quote(name)
              + " takes no keyword argument "
              + Repr.quote(first.getKey().chars));
    }
    if (varargs) {
      values[next] = new PyTuple(List.copyOf(args.positional.subList(given, args.size())));
    } else if (args.size() > count) {
      throw PyError.type(
          "macro " + Repr.quote(name) + " takes not more than " + count + " argument(s)");
    }
    return body.run(render, values);
  }
}
