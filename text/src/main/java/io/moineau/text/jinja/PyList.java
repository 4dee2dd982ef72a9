package io.moineau.text.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A Python list. No template can change one: the sandbox forbids it. */
final class PyList implements Iterable<Object> {
  final List<Object> items;

  PyList(List<Object> items) {
    this.items = items;
  }

  PyList(int capacity) {
    this(new ArrayList<>(capacity));
  }

  @Override
  public Iterator<Object> iterator() {
    return items.iterator();
  }
}
