package io.moineau.format;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The keys and values of a GGUF file.
 *
 * <p>Opening a file only finds where each value lies and checks that it is whole; a value is
 * decoded when it is asked for, every time, so that a vocabulary of 150,000 strings costs nothing
 * to those who do not want it. Safe for several threads, until the file is closed.
 */
public final class GgufMetadata {
  /** How deep arrays may hold arrays; files in use hold none. */
  static final int DEEPEST_ARRAY = 8;

  private static final long LONGEST_KEY = 65_535;

  /** Where the value of a key lies; for an array, of its first element. */
  private record Place(GgufType type, long position) {}

  private final MemorySegment bytes;
  private final ByteOrder order;
  private final String file;
  private final Map<String, Place> places;

  private GgufMetadata(
      MemorySegment bytes, ByteOrder order, String file, Map<String, Place> places) {
    this.bytes = bytes;
    this.order = order;
    this.file = file;
    this.places = Collections.unmodifiableMap(places);
  }

  /** Finds and checks {@code count} pairs from the cursor on, which ends behind the last. */
  static GgufMetadata parse(MemorySegment bytes, ByteOrder order, GgufCursor cursor, long count) {
    Map<String, Place> places = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      cursor.inside("metadata pair " + i);
      String key = cursor.string("the key", LONGEST_KEY);
      cursor.inside("metadata key " + Quoted.of(key));
      GgufType type = type(cursor, "the value");
      if (places.putIfAbsent(key, new Place(type, cursor.position())) != null) {
        throw new FormatException(
            "gguf-duplicate-key",
            "a metadata key of a GGUF file is there twice",
            cursor.place(),
            "each key once",
            "the file is damaged; fetch or convert it again");
      }
      pass(cursor, type);
    }
    return new GgufMetadata(bytes, order, cursor.file(), places);
  }

  private static GgufType type(GgufCursor cursor, String of) {
    long id = cursor.uint32("the type of " + of);
    return GgufType.fromId(id)
        .orElseThrow(() ->
            new FormatException(
                "gguf-bad-value-type",
                "a metadata value of a GGUF file has an unknown type",
                cursor.place() + " has type " + id + " for " + of,
                "0 (UINT8) to 12 (FLOAT64)",
                "the file is damaged; fetch it again"));
  }

  /** Moves over a value and checks that it is whole. */
  private static void pass(GgufCursor cursor, GgufType type) {
    switch (type) {
      case BOOL -> bool(cursor);
      case STRING -> cursor.string("the value", Long.MAX_VALUE);
      case ARRAY -> passArray(cursor, 1);
      default -> cursor.skip(type.leastBytes(), "the value");
    }
  }

  private static void passArray(GgufCursor cursor, int depth) {
    if (depth > DEEPEST_ARRAY) {
      throw new FormatException(
          "gguf-array-too-deep",
          "a metadata array of a GGUF file holds arrays too deep",
          cursor.place() + " has depth " + depth,
          "at most " + DEEPEST_ARRAY,
          "the file is damaged; fetch or convert it again");
    }
    GgufType element = type(cursor, "the elements");
    long count = cursor.count("its number of elements", element.leastBytes());
    if (element == GgufType.STRING) {
      for (long i = 0; i < count; i++) {
        cursor.moveTo(stringEnd(cursor));
      }
    } else if (element == GgufType.ARRAY) {
      for (long i = 0; i < count; i++) {
        passArray(cursor, depth + 1);
      }
    } else {
      cursor.skip(count * element.leastBytes(), "its elements");
    }
  }

  private static long stringEnd(GgufCursor cursor) {
    return cursor.stringLength("an element", Long.MAX_VALUE) + cursor.position();
  }

  private static boolean bool(GgufCursor cursor) {
    byte value = cursor.int8("the value");
    if (value != 0 && value != 1) {
      throw new FormatException(
          "gguf-bad-bool",
          "a yes-or-no value of a GGUF file is neither",
          cursor.place() + " has " + value,
          "0 or 1",
          "the file is damaged; fetch it again");
    }
    return value == 1;
  }

  /** The keys, in the order of the file. */
  public Set<String> keys() {
    return places.keySet();
  }

  /** Whether there is a value for this key. */
  public boolean has(String key) {
    return places.containsKey(key);
  }

  /** The type of the value; empty if the key is missing. */
  public Optional<GgufType> type(String key) {
    return Optional.ofNullable(places.get(key)).map(Place::type);
  }

  /** The number of elements if the value is an array; empty if it is not, or is missing. */
  public Optional<Long> arrayLength(String key) {
    return array(key).map(array -> array.count);
  }

  /**
   * The value: {@link Long} ({@link BigInteger} above 2^63-1), {@link Double}, {@link Boolean},
   * {@link String}, or a {@link List} of these or of lists.
   *
   * @throws FormatException {@code gguf-bad-utf8}, {@code gguf-bad-bool} if an element is damaged
   */
  public Optional<Object> find(String key) {
    return findValue(key).map(GgufValue::plain);
  }

  /**
   * The value with its type, as a {@link GgufWriter} takes it.
   *
   * @throws FormatException as {@link #find}
   */
  public Optional<GgufValue> findValue(String key) {
    Place place = places.get(key);
    return place == null ? Optional.empty() : Optional.of(value(cursor(key, place), place.type()));
  }

  private static GgufValue value(GgufCursor cursor, GgufType type) {
    return switch (type) {
      case UINT8 -> new GgufValue(type, (long) Byte.toUnsignedInt(cursor.int8("a value")));
      case INT8 -> new GgufValue(type, (long) cursor.int8("a value"));
      case UINT16 -> new GgufValue(type, (long) Short.toUnsignedInt(cursor.int16("a value")));
      case INT16 -> new GgufValue(type, (long) cursor.int16("a value"));
      case UINT32 -> new GgufValue(type, cursor.uint32("a value"));
      case INT32 -> new GgufValue(type, (long) cursor.int32("a value"));
      case UINT64 -> new GgufValue(type, unsigned(cursor.int64("a value")));
      case INT64 -> new GgufValue(type, cursor.int64("a value"));
      case FLOAT32 -> new GgufValue(type, (double) Float.intBitsToFloat(cursor.int32("a value")));
      case FLOAT64 -> new GgufValue(type, Double.longBitsToDouble(cursor.int64("a value")));
      case BOOL -> new GgufValue(type, bool(cursor));
      case STRING -> new GgufValue(type, cursor.string("a value", Long.MAX_VALUE));
      case ARRAY -> {
        GgufType element = type(cursor, "the elements");
        int count = arraySize(cursor, cursor.count("its number of elements", element.leastBytes()));
        List<Object> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          GgufValue item = value(cursor, element);
          items.add(element == GgufType.ARRAY ? item : item.value());
        }
        yield GgufValue.array(element, items);
      }
    };
  }

  private static Object unsigned(long value) {
    if (value >= 0) {
      return value;
    }
    return new BigInteger(Long.toUnsignedString(value));
  }

  private static int arraySize(GgufCursor cursor, long count) {
    if (count > Integer.MAX_VALUE - 64) {
      throw new FormatException(
          "gguf-array-too-long",
          "a metadata array of a GGUF file is too long",
          cursor.place() + " has " + count + " elements",
          "at most " + (Integer.MAX_VALUE - 64),
          "the file is damaged");
    }
    return (int) count;
  }

  /**
   * The string of a key.
   *
   * @throws FormatException {@code gguf-missing-key}; {@code gguf-wrong-value-type} if it is no
   *     string
   */
  public String string(String key) {
    return findString(key).orElseThrow(() -> missing(key));
  }

  /**
   * The string of a key, or empty if the key is missing.
   *
   * @throws FormatException {@code gguf-wrong-value-type} if it is no string
   */
  public Optional<String> findString(String key) {
    Place place = places.get(key);
    if (place == null) {
      return Optional.empty();
    }
    if (place.type() != GgufType.STRING) {
      throw wrongType(key, place.type().toString(), "STRING");
    }
    return Optional.of(cursor(key, place).string("a value", Long.MAX_VALUE));
  }

  /**
   * The whole number of a key.
   *
   * @throws FormatException {@code gguf-missing-key}; as {@link #findInteger}
   */
  public long integer(String key) {
    return findInteger(key).orElseThrow(() -> missing(key));
  }

  /**
   * The whole number of a key, or empty if the key is missing.
   *
   * @throws FormatException {@code gguf-wrong-value-type} if it is no whole number; {@code
   *     gguf-value-too-large} if it exceeds 2^63-1
   */
  public Optional<Long> findInteger(String key) {
    Place place = places.get(key);
    if (place == null) {
      return Optional.empty();
    }
    if (!place.type().isInteger()) {
      throw wrongType(key, place.type().toString(), "a whole number");
    }
    return Optional.of(integer(cursor(key, place), place.type(), key));
  }

  private long integer(GgufCursor cursor, GgufType type, String key) {
    if (value(cursor, type).value() instanceof Long value) {
      return value;
    }
    throw new FormatException(
        "gguf-value-too-large",
        "a metadata number of a GGUF file is too large",
        "key " + Quoted.of(key) + " of " + file,
        "at most 2^63-1",
        "the file is damaged; fetch or convert it again");
  }

  /**
   * The number of a key, whole or not, or empty if the key is missing.
   *
   * @throws FormatException {@code gguf-wrong-value-type} if it is no number
   */
  public Optional<Double> findNumber(String key) {
    Place place = places.get(key);
    if (place == null) {
      return Optional.empty();
    }
    if (!place.type().isInteger() && !place.type().isFloat()) {
      throw wrongType(key, place.type().toString(), "a number");
    }
    return value(cursor(key, place), place.type()).value() instanceof Number number
        ? Optional.of(number.doubleValue())
        : Optional.empty();
  }

  /**
   * The yes or no of a key, or empty if the key is missing.
   *
   * @throws FormatException {@code gguf-wrong-value-type} if it is no BOOL
   */
  public Optional<Boolean> findBoolean(String key) {
    Place place = places.get(key);
    if (place == null) {
      return Optional.empty();
    }
    if (place.type() != GgufType.BOOL) {
      throw wrongType(key, place.type().toString(), "BOOL");
    }
    return Optional.of(bool(cursor(key, place)));
  }

  /**
   * The array of strings of a key, or empty if the key is missing.
   *
   * @throws FormatException {@code gguf-wrong-value-type} if it is no array of strings; {@code
   *     gguf-bad-utf8}
   */
  public Optional<List<String>> findStrings(String key) {
    Optional<Array> found = array(key);
    if (found.isEmpty()) {
      return notArray(key, "ARRAY of STRING");
    }
    Array array = found.get();
    if (array.element != GgufType.STRING) {
      throw wrongType(key, "ARRAY of " + array.element, "ARRAY of STRING");
    }
    List<String> strings = new ArrayList<>(arraySize(array.cursor, array.count));
    for (long i = 0; i < array.count; i++) {
      strings.add(array.cursor.string("an element", Long.MAX_VALUE));
    }
    return Optional.of(Collections.unmodifiableList(strings));
  }

  /**
   * The whole numbers of a key, a single one as an array of one, or empty if the key is missing.
   * Values of BOOL count as 0 and 1.
   *
   * @throws FormatException {@code gguf-wrong-value-type} if they are no whole numbers; {@code
   *     gguf-value-too-large} if one exceeds 2^63-1
   */
  public Optional<long[]> findIntegers(String key) {
    Optional<Array> found = array(key);
    if (found.isEmpty()) {
      return findInteger(key).map(value -> new long[] {value});
    }
    Array array = found.get();
    if (!array.element.isInteger() && array.element != GgufType.BOOL) {
      throw wrongType(key, "ARRAY of " + array.element, "whole numbers");
    }
    long[] values = new long[arraySize(array.cursor, array.count)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          array.element == GgufType.BOOL
              ? (bool(array.cursor) ? 1 : 0)
              : integer(array.cursor, array.element, key);
    }
    return Optional.of(values);
  }

  /**
   * The numbers of a key, a single one as an array of one, or empty if the key is missing.
   *
   * @throws FormatException {@code gguf-wrong-value-type} if they are no numbers
   */
  public Optional<float[]> findFloats(String key) {
    Optional<Array> found = array(key);
    if (found.isEmpty()) {
      return findNumber(key).map(value -> new float[] {value.floatValue()});
    }
    Array array = found.get();
    if (!array.element.isFloat() && !array.element.isInteger()) {
      throw wrongType(key, "ARRAY of " + array.element, "numbers");
    }
    float[] values = new float[arraySize(array.cursor, array.count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((Number) value(array.cursor, array.element).value()).floatValue();
    }
    return Optional.of(values);
  }

  private record Array(GgufType element, long count, GgufCursor cursor) {}

  private Optional<Array> array(String key) {
    Place place = places.get(key);
    if (place == null || place.type() != GgufType.ARRAY) {
      return Optional.empty();
    }
    GgufCursor cursor = cursor(key, place);
    GgufType element = type(cursor, "the elements");
    long count = cursor.count("its number of elements", element.leastBytes());
    return Optional.of(new Array(element, count, cursor));
  }

  private <T> Optional<T> notArray(String key, String wanted) {
    Place place = places.get(key);
    if (place == null) {
      return Optional.empty();
    }
    throw wrongType(key, place.type().toString(), wanted);
  }

  private GgufCursor cursor(String key, Place place) {
    if (!bytes.scope().isAlive()) {
      throw new FormatException(
          "gguf-closed",
          "a model file was closed before its metadata was read",
          "key " + Quoted.of(key) + " of " + file,
          "reading before close()",
          "keep the file open as long as the model is used");
    }
    GgufCursor cursor = new GgufCursor(bytes, file, order, place.position());
    cursor.inside("metadata key " + Quoted.of(key));
    return cursor;
  }

  private FormatException missing(String key) {
    return new FormatException(
        "gguf-missing-key",
        "a metadata key that is needed is missing",
        "key " + Quoted.of(key) + " in " + file,
        "",
        "the file is no whole model; convert it again with a newer converter");
  }

  private FormatException wrongType(String key, String type, String wanted) {
    return new FormatException(
        "gguf-wrong-value-type",
        "a metadata value has the wrong type",
        "key " + Quoted.of(key) + " in " + file + " is " + type,
        wanted,
        "the file is damaged; fetch or convert it again");
  }
}
