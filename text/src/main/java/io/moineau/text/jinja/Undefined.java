package io.moineau.text.jinja;

import org.jspecify.annotations.Nullable;

/** Jinja's default Undefined: prints as nothing, is false and empty; all else is an error. */
final class Undefined {
  private final String hint;
  private final @Nullable Object object;
  private final Object name;
  private final PyError.Kind kind;

  private Undefined(String hint, @Nullable Object object, Object name, PyError.Kind kind) {
    this.hint = hint;
    this.object = object;
    this.name = name;
    this.kind = kind;
  }

  static Undefined named(String name) {
    return new Undefined("", null, Str.of(name), PyError.Kind.UNDEFINED);
  }

  static Undefined hint(String hint) {
    return new Undefined(hint, null, None.NONE, PyError.Kind.UNDEFINED);
  }

  static Undefined of(Object object, Object name) {
    return new Undefined("", object, name, PyError.Kind.UNDEFINED);
  }

  static Undefined unsafe(Object object, String name) {
    String hint =
        "access to attribute "
            + Repr.quote(name)
            + " of "
            + Repr.quote(Types.name(object))
            + " object is unsafe.";
    return new Undefined(hint, object, Str.of(name), PyError.Kind.SECURITY);
  }

  PyError error() {
    return new PyError(kind, message());
  }

  private String message() {
    if (!hint.isEmpty()) {
      return hint;
    }
    String shown = name instanceof Str s ? Repr.quote(s.chars) : Repr.brief(name);
    if (object == null) {
      return shown + " is undefined";
    }
    String type = object == None.NONE ? "None" : Types.qualifiedName(object) + " object";
    return name instanceof Str
        ? Repr.quote(type) + " has no attribute " + shown
        : type + " has no element " + shown;
  }
}
