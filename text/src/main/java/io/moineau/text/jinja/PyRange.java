package io.moineau.text.jinja;

import java.util.Iterator;

/** A Python range of at most {@value #MAX_LENGTH} numbers, as the sandbox allows. */
record PyRange(long start, long stop, long step) implements Iterable<Object> {
  static final int MAX_LENGTH = 100_000;

  int length() {
    long span = step > 0 ? stop - start : start - stop;
    long stride = Math.abs(step);
    return span <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, (span - 1) / stride + 1);
  }

  long at(int index) {
    return start + index * step;
  }

  @Override
  public Iterator<Object> iterator() {
    int n = length();
    return new Iterator<>() {
      private int i;

      @Override
      public boolean hasNext() {
        return i < n;
      }

      @Override
      public Object next() {
        return at(i++);
      }
    };
  }
}
