package io.moineau.format;

import java.math.BigInteger;

/** Holds values that are to be written against their types. */
final class GgufValueCheck {
  private static final BigInteger HIGHEST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  private GgufValueCheck() {}

  /**
   * Checks a value.
   *
   * @throws FormatException {@code gguf-write-bad-value} if it is not of its type
   */
  static void check(String key, GgufValue value) {
    check(key, value.type(), value.value(), 0);
  }

  private static void check(String key, GgufType type, Object value, int depth) {
    boolean right =
        switch (type) {
          case UINT8 -> within(value, 0, 0xff);
          case INT8 -> within(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
          case UINT16 -> within(value, 0, 0xffff);
          case INT16 -> within(value, Short.MIN_VALUE, Short.MAX_VALUE);
          case UINT32 -> within(value, 0, 0xffff_ffffL);
          case INT32 -> within(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
          case INT64 -> value instanceof Long;
          case UINT64 ->
              within(value, 0, Long.MAX_VALUE)
                  || (value instanceof BigInteger big
                      && big.signum() >= 0
                      && big.compareTo(HIGHEST) <= 0);
          case FLOAT32, FLOAT64 -> value instanceof Double;
          case BOOL -> value instanceof Boolean;
          case STRING -> value instanceof String;
          case ARRAY -> value instanceof GgufValue.Array && depth < GgufMetadata.DEEPEST_ARRAY;
        };
    if (!right) {
      throw new FormatException(
          "gguf-write-bad-value",
          "a metadata value is not of its type",
          "key " + Quoted.of(key) + " has " + Quoted.of(String.valueOf(value)) + " as " + type,
          "a value that " + type + " holds",
          "");
    }
    if (value instanceof GgufValue.Array array) {
      for (Object item : array.items()) {
        if (item instanceof GgufValue nested && nested.type() == array.type()) {
          check(key, nested.type(), nested.value(), depth + 1);
        } else {
          check(key, array.type(), item, depth + 1);
        }
      }
    }
  }

  private static boolean within(Object value, long least, long most) {
    return value instanceof Long number && number >= least && number <= most;
  }
}
