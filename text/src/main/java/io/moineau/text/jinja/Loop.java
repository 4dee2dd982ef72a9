package io.moineau.text.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Jinja's {@code loop} variable, which also drives the rounds. */
final class Loop implements Callable {
  /** Runs the loop's body over other items, for {@code loop(items)}. */
  interface Recursion {
    Object run(Object items, int depth);
  }

  private final @Nullable Recursion recursion;
  private final int depth; // from 0
  private Iterator<Object> source;
  private int length; // -1: not known yet
  private int round = -1;
  private @Nullable Object before;
  private @Nullable Object current;
  private @Nullable Object after;
  private @Nullable Object changed;

  Loop(Object items, int length, @Nullable Recursion recursion, int depth) {
    this.source = Types.iterate(items);
    this.length = length;
    this.recursion = recursion;
    this.depth = depth;
  }

  private @Nullable Object peek() {
    if (after == null && source.hasNext()) {
      after = source.next();
    }
    return after;
  }

  /** Goes to the next item, null at the end. */
  @Nullable Object next() {
    Object item = peek();
    if (item != null) {
      after = null;
      round++;
      before = current;
      current = item;
    }
    return item;
  }

  /** The rest of the rounds as Python sees them, pairs of an item and this loop. */
  Iterator<Object> rounds() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return peek() != null;
      }

      @Override
      public Object next() {
        return PyTuple.of(Objects.requireNonNull(Loop.this.next()), Loop.this);
      }
    };
  }

  int index() {
    return round + 1;
  }

  int length() {
    if (length < 0) {
      List<Object> rest = new ArrayList<>();
      while (source.hasNext()) {
        rest.add(source.next());
      }
      length = rest.size() + round + 1 + (after == null ? 0 : 1);
      source = rest.iterator();
    }
    return length;
  }

  @Nullable Object attribute(String name) {
    return switch (name) {
      case "index" -> (long) round + 1;
      case "index0" -> (long) round;
      case "revindex" -> (long) length() - round;
      case "revindex0" -> (long) length() - round - 1;
      case "first" -> round == 0;
      case "last" -> peek() == null;
      case "length" -> (long) length();
      case "depth" -> (long) depth + 1;
      case "depth0" -> (long) depth;
      case "previtem" ->
          before == null || round == 0 ? Undefined.hint("there is no previous item") : before;
      case "nextitem" -> {
        Object next = peek();
        yield next == null ? Undefined.hint("there is no next item") : next;
      }
      case "cycle" -> CollectionMethods.method(name, (r, a) -> cycle(a));
      case "changed" -> CollectionMethods.method(name, this::changed);
      default -> null;
    };
  }

  private Object cycle(Args a) {
    if (a.size() == 0) {
      throw PyError.type("no items for cycling given");
    }
    return a.get(round % a.size());
  }

  private Object changed(Render r, Args a) {
    PyTuple now = new PyTuple(List.copyOf(a.positional));
    boolean out = changed == null || !Types.equal(r, changed, now);
    changed = out ? now : changed;
    return out;
  }

  @Override
  public Object call(Render render, Args arguments) {
    if (recursion == null) {
      throw PyError.type("The loop must have the 'recursive' marker to be called recursively.");
    }
    Object items = Objects.requireNonNull(arguments.bind("loop", 1, "iterable")[0]);
    return recursion.run(items, depth + 1);
  }
}
