package io.moineau.text.jinja;

import java.util.Iterator;
import java.util.List;

/** A Python tuple; {@code group} if it is one of {@code groupby}, which has two named fields. */
record PyTuple(List<Object> items, boolean group) implements Iterable<Object> {
  PyTuple(List<Object> items) {
    this(items, false);
  }

  static PyTuple of(Object... items) {
    return new PyTuple(List.of(items));
  }

  @Override
  public Iterator<Object> iterator() {
    return items.iterator();
  }
}
