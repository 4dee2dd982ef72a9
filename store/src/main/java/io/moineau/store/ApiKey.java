package io.moineau.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A key that lets a program use the server, without its secret.
 *
 * @param id stable name for logs and tables, such as {@code key_3f9a0c17e2b4}
 * @param name what people call it; no two keys that work have the same
 * @param hint the first characters of the secret, by which its owner tells it from others
 * @param tokensPerDay prompt and completion tokens from midnight to midnight in UTC, at most;
 *     empty: any number
 * @param requestsPerMinute requests in a minute, at most; empty: any number
 * @param models names of the models that it may use; empty: all
 * @param created when it was made
 * @param expires from when on it is refused; empty: never
 * @param revoked when it was revoked; empty: it was not
 */
public record ApiKey(
    String id,
    String name,
    String hint,
    OptionalLong tokensPerDay,
    OptionalInt requestsPerMinute,
    List<String> models,
    Instant created,
    Optional<Instant> expires,
    Optional<Instant> revoked) {

  /** Copies the list. */
  public ApiKey {
    models = List.copyOf(models);
  }

  /** Whether the key works at this time: neither revoked nor expired. */
  public boolean usableAt(Instant time) {
    return revoked.isEmpty() && (expires.isEmpty() || time.isBefore(expires.get()));
  }

  /** Whether the key may use this model. */
  public boolean allows(String model) {
    return models.isEmpty() || models.contains(model);
  }
}
