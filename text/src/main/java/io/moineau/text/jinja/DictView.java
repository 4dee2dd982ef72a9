package io.moineau.text.jinja;

import java.util.Iterator;
import java.util.List;

/** What {@code keys()}, {@code values()} and {@code items()} give: {@code kind} is that word. */
record DictView(PyDict dict, String kind) implements Iterable<Object> {
  List<Object> list() {
    return switch (kind) {
      case "keys" -> dict.keys();
      case "values" -> dict.values();
      default -> dict.items();
    };
  }

  @Override
  public Iterator<Object> iterator() {
    return list().iterator();
  }
}
