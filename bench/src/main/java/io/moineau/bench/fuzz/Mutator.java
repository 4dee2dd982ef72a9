package io.moineau.bench.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damages a sound input in one to four ways: bits, extreme numbers, cuts, pieces moved or doubled.
 */
final class Mutator {
  private static final long[] EXTREMES = {
    0,
    1,
    2,
    3,
    4,
    5,
    7,
    8,
    9,
    12,
    13,
    31,
    32,
    33,
    63,
    64,
    127,
    128,
    255,
    256,
    1023,
    65535,
    65536,
    -1,
    -2,
    -8,
    -32,
    Byte.MIN_VALUE,
    Short.MAX_VALUE,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE - 31,
    1L << 61,
    1L << 62,
    1L << 40,
    1L << 24
  };

  private final Random random;

  Mutator(Random random) {
    this.random = random;
  }

  /** A damaged copy. */
  byte[] mutate(FuzzTarget.Sample sample) {
    byte[] bytes = sample.bytes().clone();
    int times = 1 + (random.nextBoolean() ? 0 : random.nextInt(4));
    boolean gently = sample.damage() != FuzzTarget.Damage.BYTES && random.nextInt(8) > 0;
    if (gently && sample.damage() == FuzzTarget.Damage.JSON) {
      return new JsonMutator(random).mutate(bytes, times);
    }
    if (gently && sample.damage() == FuzzTarget.Damage.WORDS) {
      return new WordMutator(random).mutate(bytes, times);
    }
    for (int i = 0; i < times && bytes.length > 0; i++) {
      if (gently) {
        field(bytes, sample.fields());
      } else {
        bytes = once(bytes, sample.fields());
      }
    }
    return bytes;
  }

  private void field(byte[] bytes, List<FuzzTarget.Field> fields) {
    FuzzTarget.Field field = fields.get(random.nextInt(fields.size()));
    long old = little(bytes, field.offset(), field.width());
    // A byte is mostly a letter of a text; ASCII keeps the text valid.
    boolean letter = field.width() == 1 && random.nextInt(8) > 0;
    long value = letter ? random.nextInt(128) : number(old, bytes.length);
    put(bytes, field.offset(), field.width(), value);
  }

  private byte[] once(byte[] bytes, List<FuzzTarget.Field> fields) {
    boolean structured = !fields.isEmpty() && random.nextInt(10) < 6;
    if (structured) {
      field(bytes, fields);
      return bytes;
    }
    return switch (random.nextInt(9)) {
      case 0 -> {
        int at = position(bytes, fields);
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
      case 1 -> {
        bytes[position(bytes, fields)] = (byte) random.nextInt(256);
        yield bytes;
      }
      case 2, 3 -> {
        int width = 1 << random.nextInt(4);
        int at = position(bytes, fields);
        put(bytes, at, width, number(little(bytes, at, width), bytes.length));
        yield bytes;
      }
      case 4 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 5 -> without(bytes, position(bytes, fields), 1 + random.nextInt(32));
      case 6 -> doubled(bytes, position(bytes, fields), 1 + random.nextInt(64));
      case 7 -> moved(bytes, fields);
      default -> {
        int at = position(bytes, fields);
        int end = Math.min(bytes.length, at + 1 + random.nextInt(16));
        for (int i = at; i < end; i++) {
          bytes[i] = (byte) random.nextInt(256);
        }
        yield bytes;
      }
    };
  }

  private long number(long old, int length) {
    return switch (random.nextInt(5)) {
      case 0 -> old + random.nextInt(9) - 4;
      case 1 -> old ^ 1L << random.nextInt(64);
      case 2 -> length + random.nextInt(65) - 32L;
      default -> EXTREMES[random.nextInt(EXTREMES.length)];
    };
  }

  /** Mostly a place before the last field, where the structure lies. */
  private int position(byte[] bytes, List<FuzzTarget.Field> fields) {
    int end = bytes.length;
    if (!fields.isEmpty() && random.nextInt(8) > 0) {
      end = Math.min(end, fields.getLast().offset() + 16);
    }
    return random.nextInt(Math.max(1, end));
  }

  private static byte[] without(byte[] bytes, int at, int count) {
    int end = Math.min(bytes.length, at + count);
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - (end - at));
    System.arraycopy(bytes, end, shorter, at, bytes.length - end);
    return shorter;
  }

  private static byte[] doubled(byte[] bytes, int at, int count) {
    int end = Math.min(bytes.length, at + count);
    byte[] longer = Arrays.copyOf(bytes, bytes.length + end - at);
    System.arraycopy(bytes, at, longer, end, bytes.length - at);
    return longer;
  }

  private byte[] moved(byte[] bytes, List<FuzzTarget.Field> fields) {
    int from = position(bytes, fields);
    int to = position(bytes, fields);
    int count = Math.min(1 + random.nextInt(64), bytes.length - Math.max(from, to));
    System.arraycopy(bytes, from, bytes, to, count);
    return bytes;
  }

  private static long little(byte[] bytes, int at, int width) {
    long value = 0;
    for (int i = Math.min(width, bytes.length - at) - 1; i >= 0; i--) {
      value = value << 8 | bytes[at + i] & 0xff;
    }
    return value;
  }

  private static void put(byte[] bytes, int at, int width, long value) {
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >> 8 * i);
    }
  }
}
