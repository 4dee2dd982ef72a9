package io.moineau.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of a GGUF header one after the other and never past its end.
 *
 * <p>{@link #inside} says what is being read, for the errors.
 */
final class GgufCursor {
  private final MemorySegment bytes;
  private final String file;
  private final ValueLayout.OfShort shorts;
  private final ValueLayout.OfInt ints;
  private final ValueLayout.OfLong longs;
  private long position;
  private String inside = "the header";

  GgufCursor(MemorySegment bytes, String file, ByteOrder order, long position) {
    this.bytes = bytes;
    this.file = file;
    this.shorts = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
    this.ints = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
    this.longs = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
    this.position = position;
  }

  /** Names the thing that is read from now on. */
  void inside(String thing) {
    inside = thing;
  }

  String inside() {
    return inside;
  }

  long position() {
    return position;
  }

  void moveTo(long newPosition) {
    position = newPosition;
  }

  long left() {
    return bytes.byteSize() - position;
  }

  byte int8(String field) {
    need(1, field);
    return bytes.get(ValueLayout.JAVA_BYTE, position++);
  }

  short int16(String field) {
    need(2, field);
    short value = bytes.get(shorts, position);
    position += 2;
    return value;
  }

  int int32(String field) {
    need(4, field);
    int value = bytes.get(ints, position);
    position += 4;
    return value;
  }

  long uint32(String field) {
    return Integer.toUnsignedLong(int32(field));
  }

  long int64(String field) {
    need(8, field);
    long value = bytes.get(longs, position);
    position += 8;
    return value;
  }

  /** A count of things that take at least {@code leastBytes} each, so no more than can be there. */
  long count(String field, int leastBytes) {
    long count = int64(field);
    if (count < 0 || count > left() / leastBytes) {
      throw new FormatException(
          "gguf-bad-count",
          "a count in a GGUF file is larger than the file can hold",
          place() + " has " + field + "=" + Long.toUnsignedString(count),
          "at most " + left() / leastBytes + " in the " + left() + " bytes left",
          "the file is damaged or cut short; fetch it again");
    }
    return count;
  }

  /** The length of a string whose bytes follow, checked to be there. */
  long stringLength(String field, long most) {
    long length = int64(field);
    if (length < 0 || length > left() || length > most) {
      throw new FormatException(
          "gguf-bad-string-length",
          "a string in a GGUF file is longer than can be",
          place() + " has " + field + " of " + Long.toUnsignedString(length) + " bytes",
          "at most " + Math.min(left(), most) + " bytes",
          "the file is damaged or cut short; fetch it again");
    }
    return length;
  }

  String string(String field, long most) {
    int length = (int) stringLength(field, Math.min(most, Integer.MAX_VALUE - 64));
    byte[] raw = new byte[length];
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, position, raw, 0, length);
    String text = new String(raw, StandardCharsets.UTF_8);
    // The decoder puts U+FFFD for what it cannot read; only then is a second look needed.
    if (text.indexOf('\uFFFD') >= 0
        && !java.util.Arrays.equals(text.getBytes(StandardCharsets.UTF_8), raw)) {
      throw new FormatException(
          "gguf-bad-utf8",
          "a string in a GGUF file is not UTF-8",
          place() + " has " + field + " \"" + Quoted.of(text) + "\"",
          "valid UTF-8",
          "the file is damaged; fetch or convert it again");
    }
    position += length;
    return text;
  }

  void skip(long length, String field) {
    need(length, field);
    position += length;
  }

  /** The thing that is read and where, for an error. */
  String place() {
    return inside + " at byte " + position + " of " + file;
  }

  String file() {
    return file;
  }

  private void need(long length, String field) {
    if (length > left()) {
      throw new FormatException(
          "gguf-truncated",
          "a GGUF file ends too early",
          place() + " needs " + length + " bytes for " + field,
          left() + " bytes are left of " + bytes.byteSize(),
          "the file is cut short; fetch it again");
    }
  }
}
