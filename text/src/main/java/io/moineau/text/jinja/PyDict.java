package io.moineau.text.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Python dict: ordered, with 1, 1.0 and True as one key. */
final class PyDict implements Iterable<Object> {
  /** A key as it was first given, and the value. */
  record Entry(Object key, Object value) {}

  private final Map<Object, Entry> map = new LinkedHashMap<>();

  int size() {
    return map.size();
  }

  Collection<Entry> entries() {
    return map.values();
  }

  void put(Render render, Object key, Object value) {
    Object hash = Types.hashKey(render, key);
    Entry old = map.get(hash);
    map.put(hash, new Entry(old == null ? key : old.key(), value));
  }

  void put(Str key, Object value) {
    Entry old = map.get(key);
    map.put(key, new Entry(old == null ? key : old.key(), value));
  }

  @Nullable Object get(Render render, Object key) {
    Entry entry = map.get(key instanceof Str ? key : Types.hashKey(render, key));
    return entry == null ? null : entry.value();
  }

  @Nullable Object get(Str key) {
    Entry entry = map.get(key);
    return entry == null ? null : entry.value();
  }

  void putAll(PyDict other) {
    for (Map.Entry<Object, Entry> e : other.map.entrySet()) {
      Entry old = map.get(e.getKey());
      Object key = old == null ? e.getValue().key() : old.key();
      map.put(e.getKey(), new Entry(key, e.getValue().value()));
    }
  }

  /** The keys, in order. */
  @Override
  public Iterator<Object> iterator() {
    Iterator<Entry> entries = map.values().iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public Object next() {
        return entries.next().key();
      }
    };
  }

  List<Object> items() {
    List<Object> out = new ArrayList<>(map.size());
    for (Entry e : map.values()) {
      out.add(PyTuple.of(e.key(), e.value()));
    }
    return out;
  }

  List<Object> values() {
    List<Object> out = new ArrayList<>(map.size());
    for (Entry e : map.values()) {
      out.add(e.value());
    }
    return out;
  }

  List<Object> keys() {
    List<Object> out = new ArrayList<>(map.size());
    for (Entry e : map.values()) {
      out.add(e.key());
    }
    return out;
  }
}
