package io.moineau.store;

/**
 * A key that was just made, with its secret, which nobody can read again.
 *
 * @param key what is kept
 * @param secret {@code mo-} and 43 characters of base64url: 32 random bytes
 */
public record NewKey(ApiKey key, String secret) {
  /** Without the secret, which must not slip into a log. */
  @Override
  public String toString() {
    return "NewKey[key=" + key + ", secret=" + key.hint() + "...]";
  }
}
