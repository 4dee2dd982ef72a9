package io.moineau.server.access;

import java.util.Objects;

/**
 * Who sends a request.
 *
 * @param share for fairness in the engine: the key, or the address of one without
 * @param keyId the key's id, which is no secret; empty without a key
 * @param name the key's name; empty without a key
 */
public record Caller(String share, String keyId, String name) {
  /** Checks that all are there. */
  public Caller {
    Objects.requireNonNull(share, "share");
    Objects.requireNonNull(keyId, "keyId");
    Objects.requireNonNull(name, "name");
  }

  /** Somebody at an address, without a key. */
  public static Caller at(String address) {
    return new Caller(address, "", "");
  }

  /** Somebody with a key. */
  public static Caller withKey(String keyId, String name) {
    return new Caller(keyId, keyId, name);
  }

  /** Whether there is a key. */
  public boolean hasKey() {
    return !keyId.isEmpty();
  }
}
