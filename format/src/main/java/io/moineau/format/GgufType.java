package io.moineau.format;

import java.util.Optional;

/**
 * The types of a metadata value in GGUF.
 *
 * <p>Numbers are those of {@code enum gguf_metadata_value_type} in the GGUF specification.
 */
public enum GgufType {
  UINT8(1),
  INT8(1),
  UINT16(2),
  INT16(2),
  UINT32(4),
  INT32(4),
  FLOAT32(4),
  BOOL(1),
  STRING(8),
  ARRAY(12),
  UINT64(8),
  INT64(8),
  FLOAT64(8);

  private static final GgufType[] BY_ID = values();

  private final int leastBytes;

  GgufType(int leastBytes) {
    this.leastBytes = leastBytes;
  }

  /** The type with this number in a file, or empty where there is none. */
  public static Optional<GgufType> fromId(long id) {
    return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.of(BY_ID[(int) id]);
  }

  /** The number of the type in a file. */
  public int id() {
    return ordinal();
  }

  /** Whether the value is a whole number. */
  public boolean isInteger() {
    return switch (this) {
      case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
      case FLOAT32, BOOL, STRING, ARRAY, FLOAT64 -> false;
    };
  }

  /** Whether the value is a floating-point number. */
  public boolean isFloat() {
    return this == FLOAT32 || this == FLOAT64;
  }

  /** Whether all values of the type take the same number of bytes. */
  boolean isFixed() {
    return this != STRING && this != ARRAY;
  }

  /** The fewest bytes that a value takes: an empty string is a length, an empty array a header. */
  int leastBytes() {
    return leastBytes;
  }
}
