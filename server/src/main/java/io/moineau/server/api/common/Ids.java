package io.moineau.server.api.common;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names for answers and their parts. */
public final class Ids {
  private Ids() {}

  /** A new one: a prefix and 24 hexadecimal digits. */
  public static String of(String prefix) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return prefix + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong(), 8);
  }
}
