package io.moineau.text.jinja;

import java.util.Iterator;

/** A Python generator or iterator: goes through once, computes as it is asked. */
record PyIterator(String typeName, Iterator<Object> source) implements Iterable<Object> {
  @Override
  public Iterator<Object> iterator() {
    return source;
  }
}
