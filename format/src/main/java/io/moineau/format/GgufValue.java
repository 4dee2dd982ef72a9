package io.moineau.format;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A metadata value with its type in the file.
 *
 * @param type the type
 * @param value {@link Long} (or {@link java.math.BigInteger} for a UINT64 above 2^63-1), {@link
 *     Double}, {@link Boolean}, {@link String} or {@link Array}
 */
public record GgufValue(GgufType type, Object value) {
  /**
   * The elements of an array.
   *
   * @param type type of each element
   * @param items as the {@link GgufValue#value} of each; if {@code type} is ARRAY, {@link
   *     GgufValue}s
   */
  public record Array(GgufType type, List<Object> items) {}

  /** A string. */
  public static GgufValue string(String value) {
    return new GgufValue(GgufType.STRING, value);
  }

  /** A yes or no. */
  public static GgufValue bool(boolean value) {
    return new GgufValue(GgufType.BOOL, value);
  }

  /** A whole number of 0 to 2^32-1, as most hyper-parameters are. */
  public static GgufValue uint32(long value) {
    return new GgufValue(GgufType.UINT32, value);
  }

  /** A whole number of this type. */
  public static GgufValue integer(GgufType type, long value) {
    return new GgufValue(type, value);
  }

  /** A number of 32 bits. */
  public static GgufValue float32(double value) {
    return new GgufValue(GgufType.FLOAT32, (double) (float) value);
  }

  /** A number of 64 bits. */
  public static GgufValue float64(double value) {
    return new GgufValue(GgufType.FLOAT64, value);
  }

  /** An array of elements of one type. */
  public static GgufValue array(GgufType element, List<?> items) {
    return new GgufValue(
        GgufType.ARRAY, new Array(element, Collections.unmodifiableList(new ArrayList<>(items))));
  }

  /** An array of strings. */
  public static GgufValue strings(List<String> items) {
    return array(GgufType.STRING, items);
  }

  /** An array of INT32. */
  public static GgufValue int32s(int... items) {
    List<Object> boxed = new ArrayList<>(items.length);
    for (int item : items) {
      boxed.add((long) item);
    }
    return array(GgufType.INT32, boxed);
  }

  /** An array of FLOAT32. */
  public static GgufValue float32s(float... items) {
    List<Object> boxed = new ArrayList<>(items.length);
    for (float item : items) {
      boxed.add((double) item);
    }
    return array(GgufType.FLOAT32, boxed);
  }

  /** The value without types: arrays are lists. */
  Object plain() {
    if (!(value instanceof Array array)) {
      return value;
    }
    if (array.type() != GgufType.ARRAY) {
      return array.items();
    }
    List<Object> plain = new ArrayList<>(array.items().size());
    for (Object item : array.items()) {
      plain.add(((GgufValue) item).plain());
    }
    return Collections.unmodifiableList(plain);
  }
}
