package io.moineau.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Secrets of keys: made, and turned into what is stored.
 *
 * <p>Stored is their SHA-256. The slow hashes that passwords need (bcrypt, Argon2) make guessing
 * dear; a secret of 256 random bits cannot be guessed at any price, so a fast hash loses nothing
 * and costs a request microseconds.
 */
final class Secrets {
  static final String PREFIX = "mo-";
  static final String ID_PREFIX = "key_";
  private static final int BYTES = 32;
  private static final int ID_BYTES = 6;
  private static final int HINT_LENGTH = 8;

  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  static String newSecret() {
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random(BYTES));
  }

  static String newId() {
    return ID_PREFIX + HexFormat.of().formatHex(random(ID_BYTES));
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  static String hint(String secret) {
    return secret.substring(0, HINT_LENGTH);
  }

  /** SHA-256 in lower-case hexadecimal. */
  static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Whether two hashes are equal, in a time that does not tell where they differ. */
  static boolean equal(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
  }
}
