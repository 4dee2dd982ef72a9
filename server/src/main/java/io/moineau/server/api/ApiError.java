package io.moineau.server.api;

import io.moineau.engine.EngineBusyException;
import io.moineau.error.MoineauException;
import io.moineau.server.http.HttpException;
import io.moineau.server.json.JsonException;
import io.moineau.store.StoreException;
import java.util.Set;

/**
 * An error as it is told, before an API gives it its form.
 *
 * @param status HTTP's
 * @param code in snake case
 * @param message for people; no path of this host, no stack
 * @param parameter the field at fault; empty where there is none
 * @param retryAfterSeconds 0 for nothing known
 */
public record ApiError(
    int status, String code, String message, String parameter, int retryAfterSeconds) {
  private static final int RETRY_SECONDS = 5;

  /** Faults of a request that the engine and the text side find. */
  private static final Set<String> OF_THE_REQUEST =
      Set.of(
          "prompt-empty",
          "prompt-unknown-token",
          "sampling-out-of-range",
          "sampling-nothing-left",
          "logit-bias-unknown-token",
          "message-bad-role",
          "token-out-of-range",
          "tokenizer-regex-too-slow",
          "tokenizer-regex-too-deep",
          "json-malformed",
          "json-too-large",
          "template-raised",
          "template-runtime",
          "template-limit",
          "template-context");

  private static final Set<String> UNKNOWN_OF_THE_PLAN =
      Set.of("plan-unknown-chip", "plan-unknown-rule", "plan-unknown-model");

  /**
   * The error to tell for a failure.
   *
   * @param requestId stands in the place of what must not be told
   */
  public static ApiError of(Throwable failure, String requestId) {
    return switch (failure) {
      case ApiException e ->
          new ApiError(e.status(), e.code(), told(e), e.parameter(), e.retryAfterSeconds());
      case JsonException e -> new ApiError(400, snake(e.code()), told(e), e.path(), 0);
      case HttpException e ->
          new ApiError(
              e.status(), snake(e.code()), told(e), "", e.status() == 503 ? RETRY_SECONDS : 0);
      case StoreException e -> ofStore(e);
      case MoineauException e -> ofEngine(e, requestId);
      default -> internal(requestId);
    };
  }

  private static ApiError ofEngine(MoineauException e, String requestId) {
    String code = e.code();
    if (code.equals("prompt-too-long")) {
      return new ApiError(400, "context_length_exceeded", told(e), "messages", 0);
    }
    if (e instanceof EngineBusyException busy) {
      return new ApiError(429, "engine_busy", told(e), "", busy.retryAfterSeconds());
    }
    if (code.equals("queue-timeout")) {
      return new ApiError(503, "queue_timeout", told(e), "", RETRY_SECONDS);
    }
    if (code.equals("model-closed")) {
      return new ApiError(
          503, "server_shutting_down", "the server is shutting down", "", RETRY_SECONDS);
    }
    if (code.startsWith("plan-")) { // by its name: the class may not be loaded for other errors
      return new ApiError(
          UNKNOWN_OF_THE_PLAN.contains(code) ? 404 : 400, snake(code), told(e), "", 0);
    }
    if (OF_THE_REQUEST.contains(code)
        || code.startsWith("format-")
        || code.startsWith("grammar-")
        || code.startsWith("constraint-")
        || code.startsWith("schema-")
        || code.startsWith("tool-")
        || code.startsWith("answer-")
        || code.startsWith("embedding-")
        || code.startsWith("chat-")) {
      return new ApiError(400, snake(code), told(e), "", 0);
    }
    return internal(requestId);
  }

  /** What a store says of itself has paths and addresses in it: those stay here. */
  private static ApiError ofStore(StoreException e) {
    return switch (e.code()) {
      case "conversation-bad" -> new ApiError(400, "conversation_bad", told(e), "", 0);
      case "conversation-too-large" -> new ApiError(413, "conversation_too_large", told(e), "", 0);
      case "conversations-full" -> new ApiError(409, "conversations_full", told(e), "", 0);
      default ->
          new ApiError(
              503,
              "store_unavailable",
              "what the server remembers is out of reach for the moment; try again",
              "",
              RETRY_SECONDS);
    };
  }

  /** What is told of a fault of the server's own. */
  public static ApiError internal(String requestId) {
    return new ApiError(
        500, "internal_error", "the server failed; its log has more under " + requestId, "", 0);
  }

  private static String told(MoineauException e) {
    return String.valueOf(e.getMessage());
  }

  private static String snake(String code) {
    return code.replace('-', '_');
  }
}
