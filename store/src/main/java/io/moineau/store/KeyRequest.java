package io.moineau.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a new key shall be; see {@link ApiKey} for the parts.
 *
 * @throws StoreException {@code key-name-bad}, {@code key-limit-bad}, {@code key-model-bad}
 */
public record KeyRequest(
    String name,
    OptionalLong tokensPerDay,
    OptionalInt requestsPerMinute,
    List<String> models,
    Optional<Instant> expires) {

  private static final int NAME_LENGTH = 64;
  private static final int MODELS = 32;
  private static final int MODEL_LENGTH = 200;

  /** Checks and copies. */
  public KeyRequest {
    models = List.copyOf(models);
    if (name.isBlank()
        || !name.strip().equals(name)
        || name.length() > NAME_LENGTH
        || name.startsWith(Secrets.ID_PREFIX)
        || name.chars().anyMatch(Character::isISOControl)) {
      throw new StoreException(
          "key-name-bad",
          "a key cannot have this name",
          "\"" + name + "\"",
          "1 to "
              + NAME_LENGTH
              + " characters, no space at either end, not beginning with "
              + Secrets.ID_PREFIX,
          "choose another, such as office");
    }
    if (tokensPerDay.isPresent() && tokensPerDay.getAsLong() < 1) {
      throw limit("tokens per day", tokensPerDay.getAsLong());
    }
    if (requestsPerMinute.isPresent() && requestsPerMinute.getAsInt() < 1) {
      throw limit("requests per minute", requestsPerMinute.getAsInt());
    }
    if (models.size() > MODELS) {
      throw model(models.size() + " models");
    }
    for (String model : models) {
      if (model.isBlank()
          || model.length() > MODEL_LENGTH
          || model.chars().anyMatch(Character::isISOControl)) {
        throw model("\"" + model + "\"");
      }
    }
  }

  private static StoreException limit(String what, long value) {
    return new StoreException(
        "key-limit-bad",
        "a key cannot have this limit",
        what + " is " + value,
        "1 or more",
        "leave the limit out for none; revoke the key to stop it");
  }

  private static StoreException model(String where) {
    return new StoreException(
        "key-model-bad",
        "a key cannot be held to these models",
        where,
        "up to " + MODELS + " names of 1 to " + MODEL_LENGTH + " characters",
        "name the models as the server lists them at /v1/models");
  }

  /** A key of this name that may do everything, for ever. */
  public static KeyRequest named(String name) {
    return new KeyRequest(
        name, OptionalLong.empty(), OptionalInt.empty(), List.of(), Optional.empty());
  }

  /** The same with a budget of prompt and completion tokens for each day in UTC. */
  public KeyRequest withTokensPerDay(long tokens) {
    return new KeyRequest(name, OptionalLong.of(tokens), requestsPerMinute, models, expires);
  }

  /** The same with a rate. */
  public KeyRequest withRequestsPerMinute(int requests) {
    return new KeyRequest(name, tokensPerDay, OptionalInt.of(requests), models, expires);
  }

  /** The same, held to these models. */
  public KeyRequest withModels(List<String> names) {
    return new KeyRequest(name, tokensPerDay, requestsPerMinute, names, expires);
  }

  /** The same with an end. */
  public KeyRequest withExpires(Instant time) {
    return new KeyRequest(name, tokensPerDay, requestsPerMinute, models, Optional.of(time));
  }
}
