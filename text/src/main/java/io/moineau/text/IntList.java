package io.moineau.text;

import java.util.Arrays;

/** A growing list of ids without boxing. */
final class IntList {
  private int[] items = new int[32];
  private int size;

  void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size * 2);
    }
    items[size++] = item;
  }

  void addAll(int[] more) {
    for (int item : more) {
      add(item);
    }
  }

  int size() {
    return size;
  }

  int get(int index) {
    return items[index];
  }

  void clear() {
    size = 0;
  }

  int last() {
    return items[size - 1];
  }

  int[] toArray() {
    return Arrays.copyOf(items, size);
  }
}
