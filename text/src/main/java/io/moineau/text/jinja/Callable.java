package io.moineau.text.jinja;

/** A function or method that a template can call. */
interface Callable {
  /** Calls it; {@code arguments} belong to the callee. */
  Object call(Render render, Args arguments);

  /** A function with a name, for messages. */
  record Builtin(String name, String type, Callable body) implements Callable {
    @Override
    public Object call(Render render, Args arguments) {
      return body.call(render, arguments);
    }
  }
}
