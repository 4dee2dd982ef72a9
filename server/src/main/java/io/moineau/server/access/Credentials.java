package io.moineau.server.access;

import io.moineau.server.api.ApiException;
import io.moineau.server.http.HttpRequest;
import java.util.List;
import java.util.Locale;

/** The key that a request carries. */
final class Credentials {
  private static final String BEARER = "bearer ";

  /** Names under which clients put keys into addresses, which end up in logs and histories. */
  private static final List<String> QUERY_NAMES =
      List.of("api_key", "api-key", "apikey", "key", "access_token", "token");

  private Credentials() {}

  /**
   * The secret as OpenAI's clients send it, or as Anthropic's do; empty if there is none.
   *
   * @throws ApiException 400 {@code key_in_query}
   */
  static String of(HttpRequest http) {
    for (String name : QUERY_NAMES) {
      if (http.query(name).isPresent()) {
        throw new ApiException(
            400,
            "key_in_query",
            name,
            0,
            "a key was sent in the address, where logs and histories keep it",
            "the parameter " + name,
            "the header Authorization: Bearer KEY, or X-Api-Key: KEY",
            "send it so; if this one was real, revoke it and make another");
      }
    }
    String authorization = http.header("Authorization").orElse("").strip();
    if (authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      return authorization.substring(BEARER.length()).strip();
    }
    return http.header("X-Api-Key").orElse("").strip();
  }
}
