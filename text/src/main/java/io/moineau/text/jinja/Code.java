package io.moineau.text.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The forms of compiled templates. */
final class Code {
  /** A statement list ended as usual, by {@code break}, or by {@code continue}. */
  static final int NORMAL = 0;

  static final int BREAK = 1;
  static final int CONTINUE = 2;

  private Code() {}

  /** The variables of one run of a template, macro or recursive loop; null is Jinja's missing. */
  static final class Frame {
    final @Nullable Object[] slots;
    final @Nullable Frame parent;
    final Render render;

    Frame(Symbols.Function function, @Nullable Frame parent, Render render) {
      this.slots = new @Nullable Object[function.slots];
      this.parent = parent;
      this.render = render;
    }
  }

  /** An expression. */
  interface Eval {
    Object eval(Frame frame);
  }

  /** A statement; gives {@link #NORMAL}, {@link #BREAK} or {@link #CONTINUE}. */
  interface Exec {
    int run(Frame frame, StrBuilder out);
  }

  /** Sets a target. */
  interface Store {
    void store(Frame frame, Object value);
  }

  /** Sets the variables of a scope as it is entered. */
  interface Enter {
    void enter(Frame frame);
  }

  /** A template or block that runs in a frame of its own. */
  record Block(Symbols.Function function, Exec body) {
    void run(Render render, StrBuilder out) {
      body.run(new Frame(function, null, render), out);
    }
  }

  static Exec sequence(List<Exec> statements) {
    if (statements.size() == 1) {
      return statements.getFirst();
    }
    Exec[] all = statements.toArray(new Exec[0]);
    return (f, out) -> {
      for (Exec one : all) {
        int end = one.run(f, out);
        if (end != NORMAL) {
          return end;
        }
      }
      return NORMAL;
    };
  }
}
